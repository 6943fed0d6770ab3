"""Every format in every orientation, pixel by pixel: what is expected is computed from the standard's words alone."""

from __future__ import annotations

import io
import struct
from typing import Final

import numpy as np
import pytest
from PIL import Image

from pipeline.core.errors import TooLargeError, UndecodableError, UnsupportedError
from pipeline.core.geometry import Bgr
from pipeline.core.records import Settings
from pipeline.pixels.decode import decode
from tests.pipeline.heif import heic
from tests.pipeline.photos import encoded

SETTINGS = Settings()
# Exif 2.32, tag 274: which side of the upright picture the first row and the first column of the file are.
SIDES: Final = {1: ("top", "left"), 2: ("top", "right"), 3: ("bottom", "right"), 4: ("bottom", "left"),
                5: ("left", "top"), 6: ("right", "top"), 7: ("right", "bottom"), 8: ("left", "bottom")}  # fmt: skip
# What `irot` (quarter turns anticlockwise) and then `imir` do to the stored picture, as its EXIF orientation.
HEIF_TURNS: Final = {1: (0, None), 2: (0, 1), 3: (2, None), 4: (0, 0), 5: (3, 1), 6: (3, None), 7: (1, 1), 8: (1, None)}


def picture(width: int = 64, height: int = 48) -> Bgr:
    """RGB, smooth (lossy formats keep it) and unlike each of its own turns and mirror images."""
    x, y = np.meshgrid(np.linspace(0, 1, width), np.linspace(0, 1, height))
    return np.stack([40 + 180 * x, 30 + 200 * y, 60 + 90 * (1 - x) * y], axis=2).round().astype(np.uint8)


def upright(stored: Bgr, orientation: int) -> Bgr:
    """Each pixel looked up by its distance from the two sides that the standard names."""
    rows_from, columns_from = SIDES[orientation]
    height, width = stored.shape[:2] if rows_from in ("top", "bottom") else stored.shape[1::-1]
    x, y = np.meshgrid(np.arange(width), np.arange(height))
    away = {"left": x, "right": width - 1 - x, "top": y, "bottom": height - 1 - y}
    return stored[away[rows_from], away[columns_from]]


def tagged(orientation: int) -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return exif


def off_by(data: bytes, expected: Bgr, name: str = "x") -> int:
    """The largest difference of any pixel, after the shapes were compared."""
    bgr = decode(data, name, SETTINGS).bgr
    assert bgr.shape == expected.shape
    return int(np.abs(bgr[:, :, ::-1].astype(int) - expected).max())


EXIF_FORMATS: Final = [
    ("JPEG", {"quality": 98, "subsampling": 0}, 4), ("JPEG", {"quality": 98, "progressive": True}, 6),
    ("MPO", {"quality": 98, "save_all": True, "append_images": [Image.new("RGB", (64, 48))]}, 6),
    ("PNG", {}, 0), ("WEBP", {"lossless": True, "exact": True}, 0), ("WEBP", {"quality": 95}, 12),
    ("AVIF", {"quality": 100, "subsampling": "4:4:4"}, 4), ("TIFF", {}, 0), ("TIFF", {"compression": "tiff_lzw"}, 0),
]  # fmt: skip


@pytest.mark.parametrize("orientation", SIDES)
@pytest.mark.parametrize(("kind", "options", "most"), EXIF_FORMATS)
def test_orientations_told_by_exif(kind: str, options: dict[str, object], most: int, orientation: int) -> None:
    data = encoded(Image.fromarray(picture()), kind, exif=tagged(orientation), **options)
    assert off_by(data, upright(picture(), orientation)) <= most


@pytest.mark.parametrize("orientation", SIDES)
def test_heic_is_turned_once_by_its_boxes(orientation: int) -> None:
    """Phones write both: the boxes hold, and EXIF, which says the same, must not turn it again."""
    turns, mirror = HEIF_TURNS[orientation]
    expected = upright(picture(), orientation)
    assert off_by(heic(picture(), turns=turns, mirror=mirror), expected) <= 8
    both = heic(picture(), turns=turns, mirror=mirror, exif=tagged(orientation).tobytes())
    assert off_by(both, expected) <= 8


def test_a_heic_without_boxes_is_upright_whatever_exif_says() -> None:
    assert off_by(heic(picture(), exif=tagged(6).tobytes()), picture()) <= 8  # ISO/IEC 23008-12, A.2


@pytest.mark.parametrize("bits", [0x00, 0x10, 0x20, 0x30])
@pytest.mark.parametrize("packed", [False, True])
def test_a_tga_has_four_origins(bits: int, packed: bool) -> None:
    """Truevision TGA 2.0, image descriptor: bit 4 is right to left, bit 5 is top to bottom."""
    rgb = picture(5, 4)
    rows = rgb if bits & 0x20 else rgb[::-1]
    columns = rows[:, ::-1] if bits & 0x10 else rows
    body = b"".join((b"\0" if packed else b"") + bytes(p[::-1].tolist()) for row in columns for p in row)
    head = struct.pack("<BBBHHBHHHHBB", 0, 0, 10 if packed else 2, 0, 0, 0, 0, 0, 5, 4, 24, bits)
    decoded = decode(head + body, "旗.TGA", SETTINGS)
    assert np.array_equal(decoded.bgr[:, :, ::-1], rgb)
    assert decoded.format == "TGA"


def test_a_tga_is_taken_by_its_name_and_a_strict_look() -> None:
    data = encoded(Image.fromarray(picture()), "TGA")
    assert off_by(data, picture(), "x.tga") == 0
    with pytest.raises(UnsupportedError, match="not an image"):
        decode(data, "x.dat", SETTINGS)
    with pytest.raises(UndecodableError, match="damaged"):
        decode(data[: len(data) // 2], "x.tga", SETTINGS)
    with pytest.raises(UnsupportedError, match="plain text"):
        decode(b"just words, many of them" * 20, "x.tga", SETTINGS)
    with pytest.raises(UndecodableError):
        decode(bytes(range(256)) * 20, "x.tga", SETTINGS)
    with pytest.raises(UnsupportedError, match="web page"):
        decode(b"<html></html>", "x.tga", SETTINGS)
    with pytest.raises(TooLargeError):
        decode(struct.pack("<BBBHHBHHHHBB", 0, 0, 2, 0, 0, 0, 0, 0, 9000, 9000, 24, 0), "x.tga", SETTINGS)


def test_the_unused_fourth_byte_of_a_tga_hides_nothing() -> None:
    clear = Image.fromarray(np.dstack([picture(), np.zeros((48, 64), np.uint8)]))
    assert off_by(encoded(clear, "TGA"), picture(), "x.tga") == 0
    half = Image.fromarray(np.dstack([picture(), np.tile(np.uint8([0, 255]), (48, 32))]))
    assert (decode(encoded(half, "TGA"), "x.tga", SETTINGS).bgr[:, ::2] == 255).all()


def psd(rgb: Bgr, mode: int = 3, packed: bool = False, depth: int = 8) -> bytes:
    """Adobe Photoshop File Formats Specification: header, three empty sections, the merged picture by planes."""
    planes = [rgb[:, :, i] for i in range(3)] if mode == 3 else [255 - v for v in _inks(rgb)]
    height, width = rgb.shape[:2]
    head = b"8BPS" + struct.pack(">H6xHIIHH", 1, len(planes), height, width, depth, mode) + bytes(12)
    if not packed:
        return head + b"\0\0" + b"".join(p.tobytes() for p in planes)
    rows = [_packed(row.tobytes()) for plane in planes for row in plane]
    return head + b"\0\1" + b"".join(struct.pack(">H", len(r)) for r in rows) + b"".join(rows)


def _inks(rgb: Bgr) -> list[Bgr]:
    return [*(255 - rgb).transpose(2, 0, 1), np.zeros(rgb.shape[:2], np.uint8)]


def _packed(row: bytes) -> bytes:
    """PackBits, literal runs of at most 128 bytes."""
    return b"".join(bytes([len(row[i : i + 128]) - 1]) + row[i : i + 128] for i in range(0, len(row), 128))


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("mode", [3, 4])
def test_photoshop(packed: bool, mode: int) -> None:
    data = psd(picture(), mode, packed)
    assert off_by(data, picture()) <= 1
    assert decode(data, "x", SETTINGS).format == "PSD"
    with pytest.raises(UndecodableError, match="damaged"):
        decode(data[: len(data) // 2], "x", SETTINGS)


def test_photoshop_of_sixteen_bits_is_refused_by_name() -> None:
    with pytest.raises(UnsupportedError, match="16 bits a channel"):
        decode(psd(picture(), depth=16), "x.psd", SETTINGS)


@pytest.mark.parametrize("kind", ["GIF", "ICO"])
def test_formats_of_few_colours(kind: str) -> None:
    flat = np.zeros((32, 32, 3), np.uint8)
    flat[:16, :16], flat[:16, 16:], flat[16:, :16] = (255, 0, 0), (0, 255, 0), (0, 0, 255)
    options = {"sizes": [(32, 32)]} if kind == "ICO" else {}
    assert off_by(encoded(Image.fromarray(flat), kind, **options), flat) == 0


def test_an_icon_that_holds_more_than_its_header_says() -> None:
    """The directory says 16 x 16; the PNG inside has 3000 x 3000 pixels."""
    inner = encoded(Image.new("L", (3000, 3000)), "PNG")
    data = struct.pack("<HHH", 0, 1, 1) + struct.pack("<BBBBHHII", 16, 16, 0, 0, 1, 32, len(inner), 22) + inner
    with pytest.raises(TooLargeError, match="3,000 x 3,000"):
        decode(data, "x.ico", Settings(max_pixels=5_000_000))


def test_a_heic_that_holds_more_than_its_header_says_or_less() -> None:
    for size in ((8, 8), (4000, 4000)):
        with pytest.raises((UndecodableError, TooLargeError)):
            decode(heic(picture(), size=size), "x.heic", SETTINGS)
    with pytest.raises(TooLargeError, match="9,000 x 9,000"):
        decode(heic(picture(), size=(9000, 9000)), "x.heic", SETTINGS)


@pytest.mark.parametrize("share", [0.3, 0.6, 0.99])
def test_a_part_of_a_heic_is_undecodable(share: float) -> None:
    data = heic(np.random.default_rng(5).integers(0, 256, (96, 128, 3), np.uint8))
    with pytest.raises(UndecodableError, match="damaged"):
        decode(data[: int(len(data) * share)], "x.heic", SETTINGS)


def test_heic_is_told_by_its_bytes_and_its_first_picture_is_taken() -> None:
    data = heic([picture(), picture()[::-1]], brand=b"mif1")
    assert off_by(data, picture(), "photo.jpg") <= 8
    assert decode(data, "photo.jpg", SETTINGS).format == "HEIF"


def test_half_of_a_cmyk_jpeg_with_an_end_put_on_is_undecodable() -> None:
    """Pillow fills the rest with grey and calls it a picture."""
    noise = np.random.default_rng(3).integers(0, 256, (120, 160, 4), np.uint8)
    data = encoded(Image.fromarray(noise, "CMYK"), "JPEG", quality=95)
    half = data[: len(data) // 2] + b"\xff\xd9"
    with Image.open(io.BytesIO(half)) as image:
        image.load()  # nothing said
    with pytest.raises(UndecodableError, match="damaged"):
        decode(half, "x.jpg", SETTINGS)


def test_sixteen_bits_of_colour() -> None:
    """A PNG of 16 bits a channel, written by hand: its high bytes are the picture."""
    import zlib

    rgb = picture(7, 5)
    rows = b"".join(b"\0" + (row.astype(">u2") * 257).tobytes() for row in rgb)
    chunks = [(b"IHDR", struct.pack(">IIBBBBB", 7, 5, 16, 2, 0, 0, 0)), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    data = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body)) for name, body in chunks
    )
    assert off_by(data, rgb) == 0


def test_a_cameras_raw_file_is_no_tiff_of_its_thumbnail() -> None:
    for tags in ({50706: b"\1\4\0\0"}, {254: 1, 330: 8}):
        data = encoded(Image.fromarray(picture()), "TIFF", tiffinfo=tags)
        with pytest.raises(UnsupportedError, match="RAW"):
            decode(data, "x.dng", SETTINGS)


def test_lab_colours_are_refused_by_name() -> None:
    with pytest.raises(UnsupportedError, match="Lab"):
        decode(encoded(Image.new("LAB", (8, 8)), "TIFF"), "x.tif", SETTINGS)
