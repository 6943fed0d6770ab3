"""Folders listed whole, and what may be done in them: what may not be listed is not an empty folder."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from pathlib import Path


def _raise(error: OSError) -> None:
    raise error


def walk(root: Path | str, refused: Callable[[OSError], None] = _raise) -> Iterator[tuple[str, list[str], list[str]]]:
    """As `os.walk`, which passes over a folder that is closed, or on a disk that fails, without a word.

    refused: told of each such folder. Else raises OSError. A folder that is not there, or not any more, is passed over.
    """

    def told(error: OSError) -> None:
        if not isinstance(error, FileNotFoundError | NotADirectoryError):
            refused(error)

    return os.walk(root, onerror=told)


def files_below(root: Path, refused: Callable[[OSError], None] = _raise) -> list[Path]:
    """All that is no folder in `root` and below it, sorted; links too, also one to a folder. refused: as of `walk`."""
    found: list[Path] = []
    for folder, folders, names in walk(root, refused):
        links = (one for one in folders if os.path.islink(os.path.join(folder, one)))
        found += (Path(folder, name) for name in (*names, *links))
    return sorted(found)


def require_writable(folder: str) -> None:
    """Raises PermissionError where files in the folder may not be made or deleted."""
    effective = os.access in os.supports_effective_ids
    if not os.access(folder, os.W_OK | os.X_OK, effective_ids=effective):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), folder)
