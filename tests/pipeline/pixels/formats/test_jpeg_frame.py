"""Kinds of JPEG that nothing here reads are named; what only Moue's own decoder reads is no JPEG for browsers."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from PIL import Image

from pipeline.core.errors import DecodeError, UnsupportedError
from pipeline.core.records import Settings
from pipeline.pixels.decode import decode
from pipeline.pixels.formats.jpeg_frame import is_shown_by_browsers, unread_kind
from tests.pipeline.photos import astronaut, encoded, rgb_of

PHOTO = Image.fromarray(rgb_of(astronaut())).resize((64, 40))


def with_frame(marker: int, bits: int, data: bytes = b"") -> bytes:
    """An ordinary JPEG whose frame header says something else."""
    data = data or encoded(PHOTO, "JPEG", quality=90)
    at = data.index(b"\xff\xc0")
    return data[: at + 1] + bytes([marker]) + data[at + 2 : at + 4] + bytes([bits]) + data[at + 5 :]


@pytest.mark.parametrize(("marker", "bits", "called"), [
    (0xC1, 12, "a JPEG of 12 bits a sample"), (0xC2, 12, "a JPEG of 12 bits a sample"),
    (0xC3, 16, "a lossless JPEG of 16 bits"), (0xC5, 8, "a hierarchical JPEG"), (0xF7, 8, "a JPEG-LS photo"),
])  # fmt: skip
def test_kinds_that_nobody_here_reads(marker: int, bits: int, called: str) -> None:
    with pytest.raises(UnsupportedError, match=called):
        decode(with_frame(marker, bits), "x.jpg", Settings())


@pytest.mark.parametrize("options", [{}, {"progressive": True}])
def test_ordinary_ones_are_for_every_program(options: dict[str, bool]) -> None:
    data = encoded(PHOTO, "JPEG", **options)
    assert is_shown_by_browsers(data)
    assert unread_kind(data) is None
    assert decode(data, "x.jpg", Settings()).intact_jpeg


@pytest.mark.parametrize(("marker", "bits"), [(0xC3, 8), (0xC9, 8), (0xCA, 8), (0xC0, 12)])
def test_lossless_and_arithmetic_ones_are_not(marker: int, bits: int) -> None:
    assert not is_shown_by_browsers(with_frame(marker, bits))


def test_other_bytes_and_cut_off_headers_are_nothing_of_the_kind() -> None:
    assert unread_kind(b"") is None
    assert unread_kind(b"\xff\xd8\xff\xe0") is None
    assert unread_kind(encoded(PHOTO, "PNG")) is None
    with pytest.raises(DecodeError, match="damaged"):
        decode(encoded(PHOTO, "JPEG")[:300], "x.jpg", Settings())


def without_adobe(data: bytes) -> bytes:
    at = data.index(b"\xff\xee")
    return data[:at] + data[at + 2 + struct.unpack(">H", data[at + 2 : at + 4])[0] :]


@pytest.mark.parametrize("inverted", [True, False])
def test_inks_without_adobes_mark_are_told_by_how_much_black_there_is(inverted: bool) -> None:
    """Pillow writes inverted inks, as Adobe does, with the mark; here it is taken out."""
    colours = np.asarray(PHOTO)
    black = 255 - colours.max(axis=2)
    inks = np.dstack([255 - colours - black[..., None], black]).astype(np.uint8)
    written = inks if inverted else 255 - inks
    picture = Image.merge("CMYK", [Image.fromarray(np.ascontiguousarray(written[..., n])) for n in range(4)])
    data = encoded(picture, "JPEG", quality=100, subsampling=0)
    for stored in (without_adobe(data), data) if inverted else (without_adobe(data),):
        found = decode(stored, "x.jpg", Settings()).bgr[..., ::-1].astype(int)
        wanted = (255 - inks[..., :3].astype(int)) * (255 - black[..., None].astype(int)) / 255
        assert np.abs(found - wanted).mean() < 4
