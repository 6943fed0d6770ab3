"""Whether the open database still lies at its path: a file that was deleted or moved can be written to for ever, and
what is written there is gone.

Told by device and inode of the database and its side files (three `stat`, about 5 µs), without opening one: to close a
descriptor of it would end all of this process's locks on it (https://sqlite.org/howtocorrupt.html, 2.2).
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from pipeline.core.errors import StorageError
from pipeline.core.messages import Message, message

_PARTS: Final = ("-wal", "-shm")


class Place:
    """What lay at the path when the database was opened; it is the same for as long as it is open."""

    def __init__(self, file: Path) -> None:
        """`file`: the open database, in WAL mode, after a first write."""
        self._file = str(file)
        self._root = str(file.parent)
        self._own = _identity(self._file)
        self._parts = tuple((part := f"{file}{suffix}", _identity(part)) for suffix in _PARTS)

    def problem(self) -> Message | None:
        """Why nothing that is written now would be there later; None where all is well."""
        found = _identity(self._file)
        if found != self._own:
            if found is None:
                return _why_gone(self._file, self._root)
            return message("database_replaced", file=self._file)
        for part, own in self._parts:
            if _identity(part) != own:
                return message("database_part_gone", part=part)
        return None

    def check(self) -> None:
        """Raises StorageError with the `problem`, where there is one."""
        problem = self.problem()
        if problem is not None:
            raise StorageError(problem)


def _why_gone(file: str, root: str) -> Message:
    try:
        os.stat(file)
    except OSError as e:
        if isinstance(e, PermissionError):
            return message("workspace_closed", root=root, why=e.strerror or e)
    return message("workspace_gone", root=root)


def _identity(path: str) -> tuple[int, int] | None:
    """(device, inode); None where nothing can be found at the path."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino
