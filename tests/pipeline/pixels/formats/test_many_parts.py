"""Files of so many parts that a look at each would take seconds or minutes: refused, and an honest number is not."""

from __future__ import annotations

import struct
from io import BytesIO
from typing import Final

import pytest
from PIL import Image

from pipeline.core.errors import UndecodableError
from pipeline.core.records import Settings
from pipeline.pixels.decode import decode
from pipeline.pixels.formats.jpeg_frame import refuse_many_scans
from tests.pipeline.photos import encoded
from tests.pipeline.tiff import chunk

GREY: Final = Image.new("L", (400, 300), 90)
PNG: Final = encoded(GREY, "PNG")
JPEG: Final = encoded(GREY, "JPEG")


def refused(data: bytes) -> str:
    with pytest.raises(UndecodableError) as error:
        decode(data, "x", Settings())
    return error.value.message.code


def with_comments(count: int) -> bytes:
    return JPEG[:2] + b"\xff\xfe\0\2" * count + JPEG[2:]


def with_scans(count: int, side: int = 5000) -> bytes:
    """A progressive JPEG whose last scan comes once more, `count` times."""
    data = encoded(Image.new("L", (side, side), 128), "JPEG", progressive=True)
    return data[:-2] + data[data.rindex(b"\xff\xda") : -2] * count + data[-2:]


def pages(tags: tuple[int, ...], kind: int = 0) -> bytes:
    """A TIFF of 8 x 8 pixels a page, with so many tags more each. kind: 1 where the first is a smaller copy."""
    out, link = bytearray(b"II*\0" + bytes(4)), 4
    for number, more in enumerate(tags):
        pixels = len(out)
        out += bytes(64)
        usual = (254, kind * (not number)), (256, 8), (257, 8), (258, 8), (259, 1), (262, 1), (273, pixels), (277, 1)
        entries = [*usual, (278, 8), (279, 64), *((40_000 + n, 1) for n in range(more))]
        struct.pack_into("<I", out, link, len(out))
        out += struct.pack("<H", len(entries)) + b"".join(struct.pack("<HHII", tag, 4, 1, v) for tag, v in entries)
        link = len(out)
        out += bytes(4)
    return bytes(out)


def test_segments_of_a_jpeg() -> None:
    assert refused(with_comments(20_000)) == "too_many_parts"
    assert decode(with_comments(5_000), "x", Settings()).bgr.shape == (300, 400, 3)


def test_scans_of_a_progressive_jpeg() -> None:
    """155 KB of them took a minute and a half: each goes through all of the photo."""
    with pytest.raises(UndecodableError) as error:
        refuse_many_scans(with_scans(100), 5000 * 5000)
    assert error.value.message.code == "too_many_parts"
    assert refused(with_scans(100)) == "too_many_parts"
    assert decode(with_scans(100, 500), "x", Settings()).bgr.shape == (500, 500, 3)
    refuse_many_scans(with_scans(20), 50_000_000)


def test_chunks_of_a_png() -> None:
    assert refused(PNG[:33] + chunk(b"teXt", b"") * 110_000 + PNG[33:]) == "too_many_parts"
    assert decode(PNG[:33] + chunk(b"teXt", b"") * 20_000 + PNG[33:], "x", Settings()).format == "PNG"


@pytest.mark.parametrize(("tags", "kind"), [((20_000,), 0), ((0, 20_000), 0), ((0, 0, 20_000), 1)])
def test_tags_of_any_page_of_a_tiff(tags: tuple[int, ...], kind: int) -> None:
    assert refused(pages(tags, kind)) == "header_damaged"
    assert decode(pages((0, 4_000), kind), "x", Settings()).bgr.shape == (8, 8, 3)


def test_pages_that_lead_in_a_ring() -> None:
    data = bytearray(pages((0, 0)))
    data[-4:] = data[4:8]
    assert decode(bytes(data), "x", Settings()).bgr.shape == (8, 8, 3)
    with Image.open(BytesIO(bytes(data))) as image:
        assert image.format == "TIFF"
