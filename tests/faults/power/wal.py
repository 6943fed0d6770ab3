"""What of SQLite's write-ahead log counts when a database is opened after a power cut.

https://sqlite.org/fileformat2.html#walformat: frames up to the last that ends a transaction and whose checksum, which
runs over all before it, is right. What lies behind is passed over, and written over.
"""

from __future__ import annotations

import struct
import sys
from array import array
from typing import Final

_HEADER: Final = 32
_FRAME: Final = 24
_BIG_ENDIAN: Final = 0x377F0683
_LITTLE_ENDIAN: Final = 0x377F0682
_MASK: Final = 0xFFFFFFFF


def counts(data: bytes) -> bytes:
    """The header and the frames that are read; nothing where SQLite begins a new log."""
    if len(data) < _HEADER:
        return b""
    magic, _version, page, _number, salt1, salt2, *noted = struct.unpack(">8I", data[:_HEADER])
    if magic not in (_BIG_ENDIAN, _LITTLE_ENDIAN):
        return b""
    swapped = (magic == _BIG_ENDIAN) != (sys.byteorder == "big")
    total = _checksum(data[: _HEADER - 8], (0, 0), swapped)
    if list(total) != noted:
        return b""
    end, at = 0, _HEADER
    while at + _FRAME + page <= len(data):
        number, committed, *salts, first, second = struct.unpack(">6I", data[at : at + _FRAME])
        total = _checksum(data[at : at + 8], total, swapped)
        total = _checksum(data[at + _FRAME : at + _FRAME + page], total, swapped)
        if number == 0 or salts != [salt1, salt2] or total != (first, second):
            break
        at += _FRAME + page
        if committed:
            end = at
    return data[:end]


def _checksum(data: bytes, total: tuple[int, int], swapped: bool) -> tuple[int, int]:
    words = array("I", data)
    if swapped:
        words.byteswap()
    one, two = total
    numbers = iter(words)
    for first, second in zip(numbers, numbers, strict=True):
        one = (one + first + two) & _MASK
        two = (two + second + one) & _MASK
    return one, two
