"""What kind of JPEG a file is, by its frame header (ITU-T T.81 table B.1; T.87 for JPEG-LS)."""

from __future__ import annotations

from typing import Final

from pipeline.core.errors import UndecodableError
from pipeline.core.messages import Message, message
from pipeline.pixels.formats.jpeg_markers import FRAMES, PROGRESSIVE, SOS, segments

_SHOWN: Final = (0xC0, 0xC1, 0xC2)
"""Baseline, extended and progressive with Huffman codes: what browsers show."""
_LOSSLESS: Final = (0xC3, 0xC7, 0xCB, 0xCF)
_HIERARCHICAL: Final = (0xC5, 0xC6, 0xC7, 0xCD, 0xCE, 0xCF)
_JPEG_LS: Final = 0xF7
_FRAMES: Final = FRAMES | {_JPEG_LS}
_MOST_SEGMENTS: Final = 10_000
"""Before the frame: Pillow takes them one by one. A profile and texts of megabytes have some hundred."""
_MOST_SCANNED: Final = 2_000_000_000
"""Pixels of all scans together: 40 for a photo of 50 megapixels, which has ten. Each goes through the whole photo, and
may take two bytes of the file."""


def is_shown_by_browsers(data: bytes) -> bool:
    """Whether a JPEG that was decoded is one that every program opens: of 8 bits, neither lossless nor arithmetic."""
    marker, bits = _frame_of(data)
    return marker in _SHOWN and bits == 8


def unread_kind(data: bytes) -> Message | None:
    """Which kind of JPEG the bytes are, where hardly anything reads it; None for ordinary and other files."""
    if not data.startswith(b"\xff\xd8"):
        return None
    marker, bits = _frame_of(data)
    if marker == _JPEG_LS:
        return message("kind_jpeg_ls")
    if marker in _HIERARCHICAL:
        return message("kind_jpeg_hierarchical")
    if marker in _LOSSLESS:
        return message("kind_jpeg_lossless", bits=bits)
    return message("kind_jpeg_bits", bits=bits) if marker and bits != 8 else None


def frame_marker(data: bytes) -> int:
    """The second byte of the first frame's marker; 0 where there is none, or the bytes are no JPEG."""
    return _frame_of(data)[0] if data.startswith(b"\xff\xd8") else 0


def _frame_of(data: bytes) -> tuple[int, int]:
    """Marker and bits a sample of the first frame; zeros where there is none."""
    for marker, segment in segments(data):
        if marker in _FRAMES and segment:
            return marker, segment[0]
    return 0, 0


def refuse_many_segments(data: bytes) -> None:
    """Raises UndecodableError where a JPEG has so many parts before its frame that a look at them takes seconds."""
    if not data.startswith(b"\xff\xd8"):
        return
    for number, (marker, _) in enumerate(segments(data), 1):
        if marker in _FRAMES:
            return
        if number > _MOST_SEGMENTS:
            raise UndecodableError(message("too_many_parts", n=number))


def refuse_many_scans(data: bytes, pixels: int) -> None:
    """Raises UndecodableError where a progressive JPEG of so many pixels has scans that would take minutes."""
    if frame_marker(data) not in PROGRESSIVE:
        return
    scans = sum(marker == SOS for marker, _ in segments(data))
    if scans * pixels > _MOST_SCANNED:
        raise UndecodableError(message("too_many_parts", n=scans))
