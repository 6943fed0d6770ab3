"""Files in the workspace's own folders that no row names: what a killed process left, or somebody put there."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path
from typing import Final

from pipeline.files.blobs import KINDS

Names = Callable[[Sequence[str]], Collection[str]]
"""Of files, relative to the workspace: those that no row names. Asked for one folder at a time."""
_DELETE: Final = "`python -m pipeline verify --delete-unnamed`"
_TEMPORARY: Final = ".new-"


def unnamed_files(root: Path, unnamed: Names, before: float | None) -> Iterator[str]:
    """The files, relative to the workspace `root`, that `unnamed` says no row names, folder by folder.

    before: a time, seconds since the epoch; files that were made or renamed later may be those of a job that runs now,
    whose rows follow. None: all count.
    """
    for kind in KINDS:
        for folder in sorted((root / kind).glob("*")):
            files = [folder] if folder.is_file() else [path for path in sorted(folder.rglob("*")) if path.is_file()]
            names = [path.relative_to(root).as_posix() for path in files if before is None or _changed(path) < before]
            yield from sorted(unnamed(names))


def is_temporary(name: str) -> bool:
    """Whether it is a file that was being written."""
    return name.rpartition("/")[2].startswith(_TEMPORARY)


def describe(name: str) -> str:
    """The finding about one such file, with what to do."""
    if is_temporary(name):
        return f"{name} is what a killed process left unfinished: {_DELETE} deletes it"
    return (
        f"{name} is named by nothing in the database: do again what was interrupted, or restore the backup that knows "
        f"it; {_DELETE} deletes all such files"
    )


def _changed(path: Path) -> float:
    """When its bytes or its name changed last; a file that is gone by now counts as new."""
    try:
        return path.stat().st_ctime
    except FileNotFoundError:
        return float("inf")
