"""Renames that never destroy what they were not told of: two names exchanged at once, or a name given only where it is
free."""

from __future__ import annotations

import ctypes
import errno
import os
from pathlib import Path
from typing import Final

_AT_FDCWD: Final = -100
_RENAME_NOREPLACE: Final = 1
_RENAME_EXCHANGE: Final = 2
_CANNOT: Final = (errno.ENOSYS, errno.EINVAL, errno.ENOTSUP)


def exchange(one: Path, other: Path) -> bool:
    """Exchange two names that are both there; False where the system or its file system cannot. Raises OSError."""
    return renameat2(one, other, _RENAME_EXCHANGE)


def rename_new(source: Path, target: Path) -> None:
    """Rename a file or folder to a name that is free. Raises FileExistsError where it is not, and OSError."""
    if renameat2(source, target, _RENAME_NOREPLACE):
        return
    if source.is_dir():
        target.mkdir()  # takes the name, or fails; a rename puts a folder over an empty one alone
        os.rename(source, target)
    else:
        os.link(source, target)
        source.unlink()


def renameat2(one: Path, other: Path, flags: int) -> bool:
    """Linux's call; False where the system or its file system does not know it. Raises OSError."""
    call = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if call is None:
        return False
    if call(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), ctypes.c_uint(flags)) == 0:
        return True
    number = ctypes.get_errno()
    if number in _CANNOT:
        return False
    raise OSError(number, os.strerror(number), str(other))
