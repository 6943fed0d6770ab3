"""Files and folders that are there also after a power cut."""

from __future__ import annotations

from pathlib import Path

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


def make_folder(folder: Path) -> None:
    """Make `folder` and its parents durably; what is there stays as it is. Raises OSError."""
    missing = missing_folders(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for one in missing:
        flush(one.parent)
