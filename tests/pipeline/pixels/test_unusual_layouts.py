"""Photos whose channels or pages lie as few programs write them; right is what follows from the pixels put in."""

from __future__ import annotations

import struct
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from pipeline.core.records import Settings
from pipeline.pixels.decode import decode
from tests.pipeline.tiff import tiff

RGB = np.random.default_rng(3).integers(0, 256, (20, 30, 3)).astype(np.uint8)
GREY = RGB[..., 0]


def rgb_of(data: bytes, name: str = "x.tif") -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return decode(data, name, Settings()).bgr[..., ::-1]


def tags(bits: int, channels: int, photometric: int, **more: int) -> dict[int, int | tuple[int, ...]]:
    usual: dict[int, int | tuple[int, ...]] = {
        256: 30, 257: 20, 258: (bits,) * channels, 259: 1, 262: photometric, 277: channels, 278: 20,
    }  # fmt: skip
    return usual | {int(name[1:]): value for name, value in more.items()}


@pytest.mark.parametrize("order", ["<", ">"])
def test_planes_of_16_bits(order: str) -> None:
    planes = [(RGB[..., n].astype(np.uint16) * 257).astype(f"{order}u2").tobytes() for n in range(3)]
    np.testing.assert_array_equal(rgb_of(tiff(tags(16, 3, 2, t284=2), planes, order)), RGB)


def test_grey_with_an_alpha_that_is_multiplied_in() -> None:
    data = np.dstack([GREY, np.full_like(GREY, 255)]).tobytes()
    np.testing.assert_array_equal(rgb_of(tiff(tags(8, 2, 1, t338=1), [data]))[..., 0], GREY)


def test_a_fourth_sample_of_zeros_is_no_transparency() -> None:
    data = np.dstack([RGB, np.zeros_like(GREY)]).tobytes()
    np.testing.assert_array_equal(rgb_of(tiff(tags(8, 4, 2), [data])), RGB)


@pytest.mark.parametrize("factor", [1, 257])
def test_a_colour_map_of_8_bits_is_read_as_one_of_16(factor: int) -> None:
    colours = np.random.default_rng(4).integers(0, 256, (256, 3))
    page = tiff(tags(8, 1, 3) | {320: tuple((colours.T * factor).ravel().tolist())}, [GREY.tobytes()])
    np.testing.assert_array_equal(rgb_of(page), colours[GREY])


@pytest.mark.parametrize("header", [56, 108, 124])
def test_a_bitmap_with_a_mask_for_an_alpha_that_nobody_wrote(header: int) -> None:
    pixels = np.dstack([RGB[::-1, :, ::-1], np.zeros_like(GREY)]).tobytes()
    masks = struct.pack("<IIII", 0xFF0000, 0xFF00, 0xFF, 0xFF000000)
    about = struct.pack("<IiiHHIIiiII", header, 30, 20, 1, 32, 3, len(pixels), 0, 0, 0, 0) + masks
    about = about.ljust(header, b"\0")
    start = 14 + len(about)
    data = b"BM" + struct.pack("<IHHI", start + len(pixels), 0, 0, start) + about + pixels
    np.testing.assert_array_equal(rgb_of(data, "x.bmp"), RGB)


def test_of_a_preview_and_its_photo_the_photo_is_taken() -> None:
    stream, photo = BytesIO(), Image.fromarray(RGB)
    photo.encoderinfo = {"tiffinfo": {254: 0}}
    photo.resize((15, 10)).save(stream, "TIFF", save_all=True, append_images=[photo], tiffinfo={254: 1})
    with Image.open(BytesIO(stream.getvalue())) as written:
        assert written.size == (15, 10)  # the preview lies first
    np.testing.assert_array_equal(rgb_of(stream.getvalue()), RGB)
