"""Big-endian BigTIFFs, which microscopes and Java programs write: Pillow 13 opens none of them."""

from __future__ import annotations

import struct

import numpy as np
import pytest

from pipeline.core.errors import DecodeError
from pipeline.core.records import Settings
from pipeline.frames.animation import iter_frames
from pipeline.pixels.decode import decode
from pipeline.pixels.formats.big_endian import as_classic
from tests.pipeline.tiff import tiff

RGB = np.random.default_rng(12).integers(0, 256, (20, 30, 3)).astype(np.uint8)
TAGS = {256: 30, 257: 20, 258: (8, 8, 8), 259: 1, 262: 2, 277: 3, 278: 20}


def rgb_of(data: bytes) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return decode(data, "x.tif", Settings()).bgr[..., ::-1]


@pytest.mark.parametrize("rows", [1, 7, 20])
def test_pixels_come_back(rows: int) -> None:
    strips = [RGB[y : y + rows].tobytes() for y in range(0, 20, rows)]
    np.testing.assert_array_equal(rgb_of(tiff(TAGS | {278: rows}, strips, ">", big=True)), RGB)


def test_planes_of_16_bits() -> None:
    planes = [(RGB[..., n].astype(np.uint16) * 257).astype(">u2").tobytes() for n in range(3)]
    np.testing.assert_array_equal(rgb_of(tiff(TAGS | {258: (16,) * 3, 284: 2}, planes, ">", big=True)), RGB)


def test_offsets_of_64_bits_and_a_second_page() -> None:
    """Written here once more: the strip's place is a LONG8 (type 16), and a smaller page follows."""
    pages = b""
    at = 16
    for last, picture in ((False, RGB), (True, RGB[:5, :8])):
        height, width = picture.shape[:2]
        values = [(256, 3, width), (257, 3, height), (259, 3, 1), (262, 3, 2), (277, 3, 3), (278, 3, height)]
        size = 8 + 20 * (len(values) + 3) + 8
        fields = [(tag, kind, 1, struct.pack(">H", value)) for tag, kind, value in values]
        fields += [(258, 3, 3, struct.pack(">HHH", 8, 8, 8)), (273, 16, 1, struct.pack(">Q", at + size))]
        fields += [(279, 16, 1, struct.pack(">Q", picture.size))]
        pages += struct.pack(">Q", len(fields))
        pages += b"".join(struct.pack(">HHQ", *f[:3]) + f[3].ljust(8, b"\0") for f in sorted(fields))
        pages += struct.pack(">Q", 0 if last else at + size + picture.size) + picture.tobytes()
        at = 16 + len(pages)
    data = b"MM" + struct.pack(">HHHQ", 43, 8, 0, 16) + pages
    found = [frame.bgr[..., ::-1] for frame in iter_frames(data, "x.tif", Settings())]
    np.testing.assert_array_equal(found[0], RGB)
    np.testing.assert_array_equal(found[1], RGB[:5, :8])
    assert len(found) == 2


def test_a_part_is_refused_and_other_files_are_left_alone() -> None:
    data = tiff(TAGS, [RGB.tobytes()], ">", big=True)
    for keep in (8, 16, 40, 200, len(data) - 1):
        with pytest.raises(DecodeError):
            decode(data[:keep], "x.tif", Settings())
    small = tiff(TAGS, [RGB.tobytes()], "<", big=True)
    assert as_classic(small) is small


def test_a_directory_that_leads_to_itself_ends() -> None:
    data = bytearray(tiff(TAGS, [RGB.tobytes()], ">", big=True))
    struct.pack_into(">Q", data, 16 + 8 + 20 * (len(TAGS) + 2), 16)
    np.testing.assert_array_equal(rgb_of(bytes(data)), RGB)
