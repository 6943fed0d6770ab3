"""Zips that stand one behind the other in a file, as `cat a.zip b.zip` and some uploads make them.

`zipfile` finds the last one alone, and takes what stands before it for the program of a zip that unpacks itself. A zip
whose end was cut off looks alike, where a zip within it is found; but there no end record stands before that one.
"""

from __future__ import annotations

import struct
import zipfile
from pathlib import Path
from typing import Final

from pipeline.files.archives.behind_the_end import END, END_SIZE, is_end
from pipeline.files.archives.wrong_flags import UnflaggedZip

_TAIL: Final = END_SIZE + 0xFFFF
_LISTED: Final = struct.Struct("<42xI")
"""An entry of the list, as far as where its member begins: zipfile adds to that what stands before the archive."""
_IN_ZIP64: Final = 0xFFFFFFFF
_MOST: Final = 100
"""Zips of one file: each is opened anew."""


def start_of(archive: zipfile.ZipFile) -> int | None:
    """Where the archive begins in its file, in bytes; None where only ZIP64 would tell. Raises BadZipFile, OSError."""
    stream, infos = archive.fp, archive.infolist()
    if stream is None or not infos:
        return archive.start_dir
    stream.seek(archive.start_dir)
    listed = stream.read(_LISTED.size)
    if len(listed) < _LISTED.size:
        raise zipfile.BadZipFile("a field is cut short")
    (offset,) = _LISTED.unpack(listed)
    return None if offset == _IN_ZIP64 else infos[0].header_offset - offset


def members_before(path: Path, archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """The members of the zips that end where the one begins that was found, in the file's order; `archive` can open
    them, too. Raises BadZipFile, OSError."""
    found: list[zipfile.ZipInfo] = []
    end = _end_before(archive)
    for _ in range(_MOST):
        if end is None:
            break
        with UnflaggedZip(path, end) as earlier:
            found[:0] = earlier.infolist()
            end = _end_before(earlier)
    return found


def _end_before(archive: zipfile.ZipFile) -> int | None:
    """Where a zip ends right before this one, which is where this one begins; None where none does."""
    start, stream = start_of(archive), archive.fp
    if stream is None or start is None or start < END_SIZE:
        return None
    lower = max(0, start - _TAIL)
    stream.seek(lower)
    tail = stream.read(start - lower)
    at = tail.rfind(END)
    while at >= 0:
        record = tail[at : at + END_SIZE]
        is_last = len(record) == END_SIZE and at + END_SIZE + int.from_bytes(record[-2:], "little") == len(tail)
        if is_last and is_end(stream, lower + at, record):
            return start
        at = tail.rfind(END, 0, at)
    return None
