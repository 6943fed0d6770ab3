"""Zips behind which something stands: padding, a signature, a web page that a download ended in.

`zipfile` looks for the end record (APPNOTE 4.3.16) in the last 64 KB, where its comment may push it; behind more than
that it finds no zip at all. Here the record is looked for further ahead, and the file is read as if it ended with it.
"""

from __future__ import annotations

import io
import struct
from pathlib import Path
from typing import IO, Any, Final

from pipeline.core.system.regular import open_regular

END: Final = b"PK\x05\x06"
END_SIZE: Final = 22
_LISTED: Final = b"PK\x01\x02"
_MOST: Final = 64 << 20
"""Bytes from the end: what stands behind a zip is small, and a large file of another kind is not read whole."""
_CHUNK: Final = 1 << 20
_TRIES: Final = 1000
"""Marks of an end that are looked at: a file of nothing else has millions of them."""


def end_of_zip(path: Path) -> int | None:
    """Where the last zip in a file ends, in bytes, its comment left off; None where no list of members is found.

    Raises OSError.
    """
    with open_regular(path) as stream:
        size = stream.seek(0, io.SEEK_END)
        upper, tries = size, 0
        while upper > max(0, size - _MOST):
            lower = max(0, upper - _CHUNK)
            stream.seek(lower)
            data = stream.read(upper - lower + END_SIZE - 1)
            at = data.rfind(END)
            while at >= 0:
                tries += 1
                if tries > _TRIES:
                    return None
                if len(data) - at >= END_SIZE and is_end(stream, lower + at, data[at : at + END_SIZE]):
                    return lower + at + END_SIZE
                at = data.rfind(END, 0, at)
            upper = lower
    return None


def is_end(stream: IO[bytes], at: int, record: bytes) -> bool:
    """Whether the list of members ends before it; of more than 65,535 another record stands between."""
    members, size = struct.unpack_from("<HI", record, 10)
    if members == 0xFFFF or size == 0xFFFFFFFF or members == size == 0:
        return True
    stream.seek(max(0, at - size))
    return stream.read(len(_LISTED)) == _LISTED


class CutBehind(io.RawIOBase):
    """The file at `path` as far as `end`, without a comment: zipfile takes the record's own where it is cut off."""

    def __init__(self, path: Path, end: int) -> None:
        self.name = str(path)
        self._file, self._end = open_regular(path), end

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        if whence == io.SEEK_END:
            return self._file.seek(max(0, self._end + offset))
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def readinto(self, buffer: Any) -> int:
        left = max(0, self._end - self._file.tell())
        data = self._file.read(min(len(buffer), left))
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        if not self.closed:
            self._file.close()
        super().close()
