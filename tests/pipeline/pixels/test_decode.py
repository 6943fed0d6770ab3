"""Every listed format and mode against Pillow or arithmetic."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image, ImageOps

from pipeline.core.geometry import Bgr
from pipeline.core.records import Settings
from pipeline.pixels.decode import decode
from tests.pipeline.photos import astronaut, encoded, head_jpeg, rgb_of

SETTINGS = Settings()
PHOTO = Image.fromarray(rgb_of(astronaut())).resize((61, 40))


def rgb(data: bytes, name: str = "x") -> Bgr:
    """What the gate makes of `data`, as RGB."""
    bgr = decode(data, name, SETTINGS).bgr
    assert bgr.dtype == np.uint8
    assert bgr.ndim == 3
    assert bgr.flags["C_CONTIGUOUS"]
    return bgr[:, :, ::-1]


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("PNG", {}),
        ("WEBP", {"lossless": True}),
        ("BMP", {}),
        ("DIB", {}),
        ("TIFF", {}),
        ("TIFF", {"compression": "tiff_lzw"}),
        ("PPM", {}),
        ("JPEG2000", {"irreversible": False}),
    ],
)
def test_lossless_formats_come_back_as_they_were(kind: str, options: dict[str, object]) -> None:
    decoded = decode(encoded(PHOTO, kind, **options), "x", SETTINGS)
    assert np.array_equal(decoded.bgr[:, :, ::-1], np.asarray(PHOTO))
    assert decoded.format == kind
    assert not decoded.intact_jpeg


@pytest.mark.parametrize(("kind", "options"), [("WEBP", {"quality": 80}), ("AVIF", {}), ("JPEG2000", {})])
def test_lossy_formats_equal_pillow(kind: str, options: dict[str, object]) -> None:
    data = encoded(PHOTO, kind, **options)
    with Image.open(io.BytesIO(data)) as image:
        assert np.array_equal(rgb(data), np.asarray(image.convert("RGB")))


def test_icon() -> None:
    icon = PHOTO.resize((32, 32))
    assert np.array_equal(rgb(encoded(icon, "ICO", sizes=[(32, 32)])), np.asarray(icon))


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"subsampling": 0}, {"quality": 30}])
def test_jpeg_is_close_to_pillow_and_sound(options: dict[str, object]) -> None:
    data = encoded(PHOTO, "JPEG", **options)
    decoded = decode(data, "x.jpg", SETTINGS)
    with Image.open(io.BytesIO(data)) as image:
        theirs = np.asarray(image.convert("RGB")).astype(int)
    assert decoded.intact_jpeg
    assert np.abs(decoded.bgr[:, :, ::-1] - theirs).max() <= 3  # two builds of libjpeg may round differently
    assert not np.array_equal(decoded.bgr, theirs)  # blue comes first


@pytest.mark.parametrize("progressive", [False, True])
def test_grey_jpeg_has_three_equal_channels(progressive: bool) -> None:
    grey = PHOTO.convert("L")
    pixels = rgb(encoded(grey, "JPEG", quality=100, progressive=progressive))
    assert np.array_equal(pixels[:, :, 0], pixels[:, :, 1])
    assert np.array_equal(pixels[:, :, 0], pixels[:, :, 2])
    assert np.abs(pixels[:, :, 0].astype(int) - np.asarray(grey)).max() <= 2


def test_cmyk_jpeg_is_read_and_is_not_sound() -> None:
    data = encoded(Image.new("CMYK", (8, 8), (0, 255, 255, 0)), "JPEG", quality=100)
    decoded = decode(data, "x.jpg", SETTINGS)
    blue, green, red = (int(v) for v in decoded.bgr[4, 4])
    assert red > 240
    assert max(blue, green) < 15
    assert not decoded.intact_jpeg


def test_sixteen_bit_grey_is_scaled_not_clipped() -> None:
    values = np.array([[0, 257, 32896, 65535]], np.uint16)  # 257 n is n of 255
    for kind in ("PNG", "TIFF"):
        pixels = rgb(encoded(Image.fromarray(values), kind))
        assert pixels[0, :, 0].tolist() == [0, 1, 128, 255]
        assert np.array_equal(pixels[:, :, 0], pixels[:, :, 2])


def test_float_tiff() -> None:
    values = np.array([[0.0, 0.5, 1.0]], np.float32)
    assert rgb(encoded(Image.fromarray(values), "TIFF"))[0, :, 1].tolist() == [0, 128, 255]


def test_alpha_lies_over_white() -> None:
    for mode, clear, half, full in [
        ("RGBA", (255, 0, 0, 0), (255, 0, 0, 128), (255, 0, 0, 255)),
        ("LA", (0, 0), (0, 128), (0, 255)),
    ]:
        image = Image.new(mode, (3, 1))
        for x, colour in enumerate((clear, half, full)):
            image.putpixel((x, 0), colour)
        pixels = rgb(encoded(image, "PNG"))[0].astype(int)
        red = 255 if mode == "RGBA" else 0
        assert pixels[0].tolist() == [255, 255, 255]
        assert pixels[1].tolist() == pytest.approx([red or 127, 127, 127], abs=1)
        assert pixels[2].tolist() == [red, 0, 0]


def test_transparent_palette_and_transparent_grey() -> None:
    palette = Image.new("P", (2, 1), 0)
    palette.putpalette([10, 20, 30, 200, 100, 50])
    palette.putpixel((1, 0), 1)
    assert rgb(encoded(palette, "PNG"))[0].tolist() == [[10, 20, 30], [200, 100, 50]]
    assert rgb(encoded(palette, "PNG", transparency=0))[0].tolist() == [[255, 255, 255], [200, 100, 50]]
    grey = Image.new("L", (2, 1), 7)
    grey.putpixel((1, 0), 90)
    assert rgb(encoded(grey, "PNG", transparency=7))[0].tolist() == [[255] * 3, [90] * 3]


def test_one_bit() -> None:
    image = Image.new("1", (2, 1), 0)
    image.putpixel((1, 0), 1)
    for kind in ("PNG", "TIFF", "BMP", "PPM"):
        assert rgb(encoded(image, kind))[0].tolist() == [[0, 0, 0], [255, 255, 255]]


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG", "TIFF"])
def test_first_frame_of_many(kind: str) -> None:
    first, second = Image.new("RGB", (20, 12), (255, 0, 0)), Image.new("RGB", (20, 12), (0, 0, 255))
    options = {"lossless": True} if kind == "WEBP" else {}
    pixels = rgb(encoded(first, kind, save_all=True, append_images=[second], **options))
    assert (pixels == np.array([255, 0, 0], np.uint8)).all()


CORNERS = Image.fromarray(np.arange(6 * 4 * 3, dtype=np.uint8).reshape(4, 6, 3) * 3)


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "WEBP"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_equals_pillows_transpose_exactly(kind: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    options: dict[str, object] = {"lossless": True, "exact": True} if kind == "WEBP" else {}
    data = encoded(CORNERS, kind, exif=exif, **options)
    with Image.open(io.BytesIO(data)) as image:
        image.load()
        expected = np.asarray(ImageOps.exif_transpose(image).convert("RGB"))
    assert expected.shape == ((6, 4, 3) if orientation >= 5 else (4, 6, 3))
    assert np.array_equal(rgb(data), expected)


@pytest.mark.parametrize("kind", ["JPEG", "MPO", "AVIF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_of_lossy_formats(kind: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    more = {"save_all": True, "append_images": [PHOTO]} if kind == "MPO" else {}
    data = encoded(PHOTO, kind, exif=exif, quality=95, **more)
    with Image.open(io.BytesIO(data)) as image:
        expected = np.asarray(ImageOps.exif_transpose(image).convert("RGB")).astype(int)
    decoded = decode(data, "x", SETTINGS)
    assert decoded.bgr.shape == expected.shape
    assert np.abs(decoded.bgr[:, :, ::-1] - expected).max() <= 3
    assert decoded.intact_jpeg == (kind == "JPEG" and orientation == 1)


@pytest.mark.parametrize("value", [0, 9, 65535])
def test_an_orientation_that_is_none_is_ignored(value: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = value
    data = encoded(PHOTO, "JPEG", exif=exif)
    assert decode(data, "x", SETTINGS).bgr.shape == (40, 61, 3)


def test_broken_exif_says_nothing_about_the_pixels() -> None:
    data = encoded(PHOTO, "JPEG")
    junk = b"Exif\0\0MM\0\x2a\xff\xff\xff\xff\xff"
    broken = data[:2] + b"\xff\xe1" + (len(junk) + 2).to_bytes(2, "big") + junk + data[2:]
    assert np.array_equal(rgb(broken), rgb(data))


def test_bytes_after_the_end_of_a_jpeg_do_no_harm() -> None:
    data = head_jpeg()
    assert np.array_equal(rgb(data + b"camera maker's notes" * 50), rgb(data))
