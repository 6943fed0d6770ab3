"""How many samples the tables of an MP4 or QuickTime file claim (ISO/IEC 14496-12): FFmpeg makes room for each of them
before it looks whether they are there. A file of 1.6 KB can claim fifty million, which take 2.8 GB."""

from __future__ import annotations

from typing import BinaryIO, Final

from pipeline.core.errors import UndecodableError
from pipeline.core.messages import message

CHEAP: Final = 1_000_000
"""Samples that any file may claim: half a second and 120 MB. Above it each has a byte of a whole file."""
_CONTAINERS: Final = frozenset(b"moov trak mdia minf stbl mvex moof traf edts udta dinf wave tref".split())
"""Boxes whose boxes FFmpeg reads, wherever they lie."""
_MOST_BOXES: Final = 1_000_000
_DEEPEST: Final = 16
_COUNT_AT: Final = {b"stsz": 8, b"stz2": 8, b"trun": 4}
"""Where the number of samples lies, behind the name, version and flags."""
_COMPRESSED: Final = b"cmov"


def refuse_many_samples(stream: BinaryIO) -> None:
    """Raises UndecodableError where the tables claim more samples than the file has bytes. Files of other kinds pass.

    stream: one that can seek; where it stands afterwards is not said. Raises OSError.
    """
    size = stream.seek(0, 2)
    stream.seek(4)
    if stream.read(4) not in (b"ftyp", b"moov", b"mdat", b"wide", b"pnot", b"free", b"skip"):
        return
    claimed = _claimed(stream, size)
    if claimed > max(CHEAP, size):
        raise UndecodableError(message("too_many_samples", n=claimed, size=size))


def _claimed(stream: BinaryIO, size: int) -> int:
    """The samples of all tracks and fragments together, as far as the boxes go."""
    claimed = 0
    ends = [size]  # of the boxes that we are in
    at = 0
    for _ in range(_MOST_BOXES):
        while ends and at + 8 > ends[-1]:
            at = ends.pop()
        if not ends:
            break
        stream.seek(at)
        head = stream.read(20)
        length, kind, start = int.from_bytes(head[:4], "big"), head[4:8], at + 8
        if length == 1:
            length, start = int.from_bytes(head[8:16], "big"), at + 16
        end = ends[-1] if length == 0 else at + length
        if end < start:
            at = ends.pop()
        elif kind in _CONTAINERS and len(ends) < _DEEPEST:
            ends.append(min(end, ends[-1]))
            at = start
        else:
            claimed += _samples(stream, kind, start)
            at = end
    return claimed


def _samples(stream: BinaryIO, kind: bytes, start: int) -> int:
    """Of one box. A compressed list of tables, which QuickTime of 1998 wrote, counts as what it unpacks to."""
    if kind == _COMPRESSED:
        stream.seek(start)
        found = stream.read(64)
        at = found.find(b"cmvd")
        return int.from_bytes(found[at + 4 : at + 8], "big") if at >= 0 else 0
    if kind not in _COUNT_AT:
        return 0
    stream.seek(start + _COUNT_AT[kind])
    return int.from_bytes(stream.read(4), "big")
