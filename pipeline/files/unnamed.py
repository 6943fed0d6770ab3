"""Files in the workspace's own folders that no row names: what a killed process left, or somebody put there."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from pipeline.core.messages import Finding, finding
from pipeline.core.system.listed import files_below
from pipeline.files.blobs import KINDS, Kind

Names = Callable[[Sequence[str]], Collection[str]]
"""Of files, relative to the workspace: those that no row names. Asked for one folder at a time."""
_TEMPORARY: Final = ".new-"
_AFTER_LAST_SIGN_S: Final = 120.0
"""So long after its last sign of life a process that died may have written."""


@dataclass(frozen=True, slots=True)
class Span:
    """When a process that died wrote files; seconds since the epoch."""

    start: float
    end: float

    @classmethod
    def of(cls, started_at: str, last_sign_at: str) -> Span:
        """Of a job's times, ISO 8601; the first one is exact to a second at least."""
        started, last = (datetime.fromisoformat(at).timestamp() for at in (started_at, last_sign_at))
        return cls(started - 1, last + _AFTER_LAST_SIGN_S)


def is_left(file: Path, spans: Sequence[Span]) -> bool:
    """Whether a file was made, or renamed, by a process that died."""
    changed = _changed(file)
    return any(span.start <= changed <= span.end for span in spans)


def unnamed_files(
    root: Path,
    unnamed: Names,
    before: float | None,
    kinds: Sequence[Kind] = KINDS,
    since: float = 0.0,
    refused: Callable[[OSError], None] = lambda error: None,
) -> Iterator[str]:
    """The files, relative to the workspace `root`, that `unnamed` says no row names, folder by folder.

    before: a time, seconds since the epoch; files that were made or renamed later may be those of a job that runs now,
    whose rows follow. None: all count. since: folders in which nothing was made or renamed after it are not looked at.
    refused: told of each folder that may not be listed, and is passed over.
    """
    for kind in kinds:
        for folder in _listed(root / kind, refused):
            if since and _made(folder) < since:
                continue
            files = [folder] if os.path.isfile(folder) else filter(os.path.isfile, files_below(folder, refused))
            names = [path.relative_to(root).as_posix() for path in files if before is None or _changed(path) < before]
            yield from sorted(unnamed(names))


def _listed(folder: Path, refused: Callable[[OSError], None]) -> list[Path]:
    try:
        return sorted(folder / name for name in os.listdir(folder))
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as e:
        refused(e)
        return []


def _made(folder: Path) -> float:
    """When something was made or renamed in it last; seconds since the epoch, 0 where it is gone or closed."""
    try:
        return folder.stat().st_mtime
    except OSError:
        return 0.0


def is_temporary(name: str) -> bool:
    """Whether it is a file that was being written."""
    return name.rpartition("/")[2].startswith(_TEMPORARY)


def describe(name: str) -> Finding:
    """The finding about one such file, with what to do."""
    return finding("found_unfinished" if is_temporary(name) else "found_unnamed", file=name)


def describe_left(name: str) -> Finding:
    """The note about one such file that a job left whose process died."""
    return finding("found_left", file=name)


def _changed(path: Path) -> float:
    """When its bytes or its name changed last; a file that is gone by now counts as new."""
    try:
        return path.stat().st_ctime
    except OSError:
        return float("inf")
