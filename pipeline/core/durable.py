"""Files and folders that are there also after a power cut."""

from __future__ import annotations

from pathlib import Path

from pipeline.core.errors import StorageError
from pipeline.core.messages import message
from pipeline.core.system import calls


def flush(path: Path) -> None:
    """Make a file's bytes, or the names in a folder, durable. Raises OSError."""
    if path.is_dir():
        calls.flush_folder(path)
    else:
        calls.flush_file(path)


def missing_folders(folder: Path) -> list[Path]:
    """`folder` and those of its parents that are not there, the innermost first."""
    missing = []
    for one in (folder, *folder.parents):
        if one.is_dir():
            break
        missing.append(one)
    return missing


def make_below(root: Path, folder: Path) -> None:
    """Make `folder` and its parents below `root`, not durably. Raises OSError.

    `root` itself is never made: FileNotFoundError where it went, as a folder does with the disk that it lies on.
    """
    if folder == root:
        return
    if root not in folder.parents:
        raise ValueError(f"{folder} is not below {root}")
    try:
        folder.mkdir(exist_ok=True)
    except FileNotFoundError:
        if folder.parent == root:
            raise
        make_below(root, folder.parent)
        folder.mkdir(exist_ok=True)


def make_folder(folder: Path, *, inside: Path | None) -> None:
    """Make `folder` and its parents durably; what is there stays as it is. Raises OSError.

    inside: the workspace that it lies in, None for what lies in none. A workspace that went away, as a disk does, is
    not made anew: another folder would stand where it comes back to. Raises StorageError there.
    """
    missing = missing_folders(folder)
    if inside is not None and inside in missing:
        raise StorageError(message("workspace_gone", root=inside))
    for one in reversed(missing):  # the workspace may go even now: only what is below it is made
        one.mkdir(exist_ok=True)
    for one in missing:
        flush(one.parent)
