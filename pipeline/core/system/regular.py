"""Opening a file that must be one: a pipe in its place would be waited for, and a device has no end."""

from __future__ import annotations

import errno
import os
import stat
from io import BufferedReader
from pathlib import Path
from typing import Final

from pipeline.core.templates.system import SYSTEM

_AT_ONCE: Final = getattr(os, "O_NONBLOCK", 0)
"""A pipe opens without a writer; regular files do not know the difference. Windows has no such places for files."""


class IrregularFileError(OSError):
    """A pipe, socket or device where a file should lie."""


def only_regular(path: str, flags: int) -> int:
    """The `opener` of `open` for what lies in a workspace, a release or a data set. Raises OSError."""
    if not _may_be_opened(os.stat(path).st_mode):  # opening alone may move a tape
        raise _irregular(path)
    try:
        descriptor = os.open(path, flags | _AT_ONCE)
    except BlockingIOError:  # a file server lent it to somebody, and takes it back for us
        descriptor = os.open(path, flags)
    try:
        if not _may_be_opened(os.fstat(descriptor).st_mode):  # exchanged meanwhile
            raise _irregular(path)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def open_regular(path: Path | str) -> BufferedReader:
    """Open a file's bytes for reading. Raises OSError, also for a pipe, socket or device."""
    return open(path, "rb", opener=only_regular)


def read_regular(path: Path | str) -> bytes:
    """A file's bytes. Raises OSError, also for a pipe, socket or device."""
    with open_regular(path) as stream:
        return stream.read()


def _may_be_opened(mode: int) -> bool:
    """Folders too: `open` says of them what it always says."""
    return stat.S_ISREG(mode) or stat.S_ISDIR(mode)


def _irregular(path: str) -> IrregularFileError:
    return IrregularFileError(errno.EINVAL, SYSTEM["os_irregular"], path)
