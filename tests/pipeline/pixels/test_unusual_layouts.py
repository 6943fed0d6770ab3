"""Photos whose channels or pages lie as few programs write them; right is what follows from the pixels put in."""

from __future__ import annotations

import struct
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from pipeline.core.errors import UnsupportedError
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


@pytest.mark.parametrize("more", [{}, {338: 2}, {338: 1}])
@pytest.mark.parametrize("planar", [1, 2])
def test_a_fourth_sample_of_zeros_is_no_transparency(planar: int, more: dict[int, int]) -> None:
    four = np.dstack([RGB, np.zeros_like(GREY)])
    blocks = [four[..., n].tobytes() for n in range(4)] if planar == 2 else [four.tobytes()]
    np.testing.assert_array_equal(rgb_of(tiff(tags(8, 4, 2, t284=planar) | more, blocks)), RGB)


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


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("planar", [1, 2])
@pytest.mark.parametrize("extra", [(), (2,), (0,)])
def test_inks_of_any_layout(order: str, bits: int, planar: int, extra: tuple[int, ...]) -> None:
    """Cyan, magenta and yellow are what a colour takes from white; a fifth sample covers all, or means nothing."""
    inks = [255 - RGB[..., 0], 255 - RGB[..., 1], 255 - RGB[..., 2], np.zeros_like(GREY)]
    inks += [np.full_like(GREY, 255)] * len(extra)
    wide = [(ink.astype(np.uint16) * (257 if bits == 16 else 1)).astype(f"{order}u{bits // 8}") for ink in inks]
    blocks = [ink.tobytes() for ink in wide] if planar == 2 else [np.dstack(wide).tobytes()]
    more = {338: extra} if extra else {}
    np.testing.assert_array_equal(rgb_of(tiff(tags(bits, len(inks), 5, t284=planar) | more, blocks, order)), RGB)


def test_black_ink_darkens() -> None:
    inks = [np.full((20, 30), value, np.uint16).astype("<u2").tobytes() for value in (0, 65535, 0, 32768)]
    np.testing.assert_array_equal(rgb_of(tiff(tags(16, 4, 5, t284=2), inks))[0, 0], [127, 0, 127])


def test_alpha_that_is_multiplied_in_and_lies_in_planes() -> None:
    """Over white: half of the light is the picture's own, the rest is the paper's."""
    planes = [(RGB[..., n] // 2).tobytes() for n in range(3)] + [np.full_like(GREY, 127).tobytes()]
    found = rgb_of(tiff(tags(8, 4, 2, t284=2, t338=1), planes))
    np.testing.assert_array_equal(found, RGB // 2 + 128)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("used", [8, 10, 12, 14])
@pytest.mark.parametrize("photometric", [0, 1, 2])
def test_a_cameras_bits_in_samples_of_16(used: int, photometric: int, order: str) -> None:
    """MaxSampleValue says which sample is white; where a brighter one is there, it says nothing."""
    picture = RGB if photometric == 2 else GREY
    channels, white = (3, 1)[photometric != 2], (1 << used) - 1
    shares = picture.astype(np.float64) / 255
    stored = np.rint((1 - shares if photometric == 0 else shares) * white).astype(f"{order}u2")
    found = rgb_of(tiff(tags(16, channels, photometric, t281=white), [stored.tobytes()], order))
    assert np.abs(found[..., :channels].reshape(picture.shape).astype(int) - picture).max() <= 1
    if photometric == 1:
        stored[0, 0] = 65535
        found = rgb_of(tiff(tags(16, 1, 1, t281=white), [stored.tobytes()], order))
        assert found[0, 0, 0] == 255
        assert found[1:].max() <= 255 * white // 65535 + 1


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(("across", "down"), [(2, 2), (2, 1), (1, 2)])
def test_colours_that_are_shared_by_pixels_and_not_compressed(across: int, down: int, order: str) -> None:
    """TIFF 6.0, section 21: of each block its brightness, then its two colours. Grey and red tell them apart."""
    grey, red = (128, 128), (90, 240)
    bright = GREY // 2 + 60
    blocks = b""
    for y in range(0, 20, down):
        for x in range(0, 30, across):
            blocks += bright[y : y + down, x : x + across].tobytes() + bytes(red if x >= 16 else grey)
    found = rgb_of(tiff(tags(8, 3, 6) | {530: (across, down)}, [blocks], order)).astype(int)
    assert np.abs(found[:, :16] - bright[:, :16, None].astype(int)).max() <= 1
    # ITU-R BT.601 in full range: red is brightness and 1.402 times the red difference
    wanted = np.clip(bright[:, 16:] + 1.402 * (240 - 128), 0, 255)
    assert np.abs(found[:, 16:, 0] - wanted).max() <= 2


@pytest.mark.parametrize(("compression", "called"), [(50001, "WebP"), (34712, "JPEG 2000"), (50002, "JPEG XL")])
def test_a_compression_that_nobody_here_reads_is_named(compression: int, called: str) -> None:
    with pytest.raises(UnsupportedError, match=f"{called} is not read: save it as RGB or grey, without compression"):
        rgb_of(tiff(tags(8, 3, 2) | {259: compression}, [bytes(100)]))
