"""Zips that mark names as UTF-8 which are in another encoding, as some Chinese packers do.

`zipfile` refuses them whole, though every member is sound. Here the mark is taken off while the file is read; how the
names are written is for `member_names` to find out.
"""

from __future__ import annotations

import io
import struct
import zipfile
from bisect import bisect_left
from pathlib import Path
from typing import IO, Any, Final

from pipeline.core.system.regular import open_regular
from pipeline.files.archives.behind_the_end import END, END_SIZE, CutBehind

_TAIL: Final = END_SIZE + 0xFFFF
"""The end record and the longest comment (APPNOTE 4.3.16)."""
_MARK: Final = 0x08
"""Of the second byte of the flags: bit 11, the name is UTF-8."""


class UnflaggedZip(zipfile.ZipFile):
    """An archive without the marks that are wrong. end: where it ends, in bytes, if not with its file. Raises what
    ZipFile raises, OSError."""

    def __init__(self, path: Path, end: int | None = None) -> None:
        self._stream = io.BufferedReader(_Unflagged(path, end))
        try:
            super().__init__(self._stream)
        except BaseException:
            self._stream.close()
            raise

    def close(self) -> None:
        super().close()
        self._stream.close()


class _Unflagged(io.RawIOBase):
    """The file at `path`, whose wrong marks read as none."""

    def __init__(self, path: Path, end: int | None) -> None:
        self.name = str(path)
        self._file = open_regular(path) if end is None else io.BufferedReader(CutBehind(path, end))
        try:
            self._wrong = sorted(_wrong_marks(self._file))
            self._file.seek(0)
        except BaseException:
            self._file.close()
            raise

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def readinto(self, buffer: Any) -> int:
        at = self._file.tell()
        data = bytearray(self._file.read(len(buffer)))
        for place in self._wrong[bisect_left(self._wrong, at) : bisect_left(self._wrong, at + len(data))]:
            data[place - at] &= ~_MARK
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        if not self.closed:
            self._file.close()
        super().close()


def _wrong_marks(stream: IO[bytes]) -> list[int]:
    """Where the flags lie of members whose marked name is no UTF-8: in the list and before the member. None where the
    list is not found."""
    end = stream.seek(0, io.SEEK_END)
    stream.seek(max(0, end - _TAIL))
    tail = stream.read()
    last = tail.rfind(END)
    if last < 0 or last + END_SIZE > len(tail):
        return []
    size, start = struct.unpack_from("<II", tail, last + 12)
    listed_at = end - len(tail) + last - size
    if listed_at < 0:
        return []
    stream.seek(listed_at)
    listed, at, found = stream.read(size), 0, []
    while listed[at : at + 4] == b"PK\x01\x02" and at + 46 <= len(listed):
        lengths = struct.unpack_from("<HHH", listed, at + 28)
        if listed[at + 9] & _MARK and not _is_utf8(listed[at + 46 : at + 46 + lengths[0]]):
            (member,) = struct.unpack_from("<I", listed, at + 42)
            found += [listed_at + at + 9, listed_at - start + member + 7]
        at += 46 + sum(lengths)
    return found


def _is_utf8(name: bytes) -> bool:
    try:
        name.decode()
    except UnicodeDecodeError:
        return False
    return True
