"""PNGs with something wrong that is no pixel: chunks are put together by hand."""

from __future__ import annotations

import io
import os
import struct
import zlib
from typing import Final

import numpy as np
import pytest
from PIL import Image

from pipeline.core.errors import UndecodableError, UnsupportedError
from pipeline.core.geometry import Bgr
from pipeline.core.records import Settings
from pipeline.frames.animation import iter_frames
from pipeline.pixels.decode import Decoded, decode
from pipeline.pixels.formats.png_chunks import SIGNATURE, pixels_only
from tests.pipeline.photos import astronaut, encoded, rgb_of
from tests.pipeline.tiff import chunk, png_chunks

SETTINGS: Final = Settings()
PHOTO: Final = Image.fromarray(rgb_of(astronaut())).resize((61, 40))
PNG: Final = encoded(PHOTO, "PNG")
MEGABYTES: Final = 3 * 1024 * 1024


def png(*chunks: bytes) -> bytes:
    return SIGNATURE + b"".join(chunks)


def with_chunks(*extra: bytes, data: bytes = PNG) -> bytes:
    """`extra` behind the header."""
    return data[:33] + b"".join(extra) + data[33:]


def rgb(data: bytes) -> Bgr:
    return decode(data, "x.png", SETTINGS).bgr[..., ::-1]


TEXTS: Final = {
    "tEXt": b"Comment\0" + b"x" * MEGABYTES,
    "zTXt": b"workflow\0\0" + zlib.compress(b"x" * MEGABYTES),
    "zTXt of noise": b"prompt\0\0" + zlib.compress(os.urandom(MEGABYTES)),
    "iTXt": b"parameters\0\0\0\0\0" + "日本".encode() * (MEGABYTES // 6),
    "iTXt packed": b"parameters\0\1\0\0\0" + zlib.compress(b"y" * MEGABYTES),
    "XMP": b"XML:com.adobe.xmp\0\0\0\0\0" + b"<x/>" * (MEGABYTES // 4),
    "XMP packed": b"XML:com.adobe.xmp\0\1\0\0\0" + zlib.compress(b"<x/>" * (MEGABYTES // 4)),
    "iCCP": b"profile\0\0" + zlib.compress(b"p" * MEGABYTES),
    "eXIf": b"MM\0*" + bytes(MEGABYTES),
    "prVt": bytes(MEGABYTES),
    "sPLT of nonsense": b"no palette",
    "zTXt that does not unpack": b"Comment\0\0not zlib",
    "iCCP that does not unpack": b"profile\0\0not zlib",
    "gAMA of a wrong length": b"\0",
    "pHYs of a wrong length": b"\0",
    "tEXt without a keyword": b"",
}  # fmt: skip


@pytest.mark.parametrize("name", TEXTS)
def test_what_is_no_pixel_keeps_no_pixel_from_being_read(name: str) -> None:
    kind = {"XMP": b"iTXt", "XMP packed": b"iTXt"}.get(name, name[:4].encode())
    decoded = decode(with_chunks(chunk(kind, TEXTS[name])), "x.png", SETTINGS)
    assert np.array_equal(decoded.bgr[..., ::-1], np.asarray(PHOTO))
    assert not decoded.end_cut_off


def test_seventy_texts_of_a_megabyte() -> None:
    """Together they are above Pillow's cap on all texts of a file."""
    packed = chunk(b"zTXt", b"a\0\0" + zlib.compress(b"x" * 1_000_000))
    assert np.array_equal(rgb(with_chunks(*[packed] * 70)), np.asarray(PHOTO))


@pytest.mark.parametrize(
    "kind", [b"tEXt", b"zTXt", b"iTXt", b"tIME", b"eXIf", b"iCCP", b"gAMA", b"pHYs", b"bKGD", b"teSt"]
)
@pytest.mark.parametrize("behind", [False, True])
def test_a_wrong_checksum_of_what_is_no_pixel(kind: bytes, behind: bool) -> None:
    wrong = chunk(kind, b"Comment\0hello", wrong=1)
    data = PNG[:-12] + wrong + PNG[-12:] if behind else with_chunks(wrong)
    assert np.array_equal(rgb(data), np.asarray(PHOTO))


def test_a_wrong_checksum_of_the_end_and_bytes_behind_it() -> None:
    assert np.array_equal(rgb(PNG[:-1] + b"\0"), np.asarray(PHOTO))
    assert not decode(PNG[:-1] + b"\0", "x.png", SETTINGS).end_cut_off
    assert np.array_equal(rgb(PNG + b"a camera's notes" * 100), np.asarray(PHOTO))


@pytest.mark.parametrize("kind", [b"IHDR", b"IDAT", b"PLTE"])
def test_a_wrong_checksum_of_pixels_or_colours_is_refused(kind: bytes) -> None:
    data = encoded(PHOTO.convert("P"), "PNG")
    hurt = png(*(chunk(k, body, wrong=k == kind) for k, body in png_chunks(data)))
    with pytest.raises(UndecodableError, match="damaged"):
        decode(hurt, "x.png", SETTINGS)


def test_transparency_with_a_wrong_checksum_is_left_out_as_browsers_do() -> None:
    grey = Image.fromarray(np.array([[7, 90]], np.uint8))
    data = encoded(grey, "PNG", transparency=7)
    assert rgb(data)[0, :, 0].tolist() == [255, 90]
    hurt = png(*(chunk(k, body, wrong=k == b"tRNS") for k, body in png_chunks(data)))
    assert rgb(hurt)[0, :, 0].tolist() == [7, 90]


def test_the_orientation_stays_beside_megabytes_of_text() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    turned = np.rot90(np.asarray(PHOTO), 3)
    text = chunk(b"zTXt", TEXTS["zTXt"])
    assert np.array_equal(rgb(with_chunks(text, data=encoded(PHOTO, "PNG", exif=exif))), turned)
    xmp = b'<x:xmpmeta><rdf:Description tiff:Orientation="6"/></x:xmpmeta>'
    assert np.array_equal(rgb(with_chunks(text, chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + xmp))), turned)


def test_a_plain_png_passes_as_it_is() -> None:
    assert pixels_only(PNG, SETTINGS.max_pixels) == (PNG, False)


END_LESS: Final = [1, 2, 4, 5, 8, 11, 12, 13, 15, 16, 17, 20]
"""Bytes less: of the end mark, of the last checksum, of zlib's own checksum. Pillow's row filter holds none of them."""


@pytest.mark.parametrize("less", END_LESS)
@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "P", "1"])
def test_an_end_that_is_cut_off_with_every_pixel_there(mode: str, less: int) -> None:
    photo = PHOTO.convert(mode)
    decoded: Decoded = decode(encoded(photo, "PNG")[:-less], "x.png", SETTINGS)
    assert np.array_equal(decoded.bgr[..., ::-1], np.asarray(photo.convert("RGB")))
    assert decoded.end_cut_off
    assert not decoded.intact_jpeg


@pytest.mark.parametrize("depth", [1, 2, 4, 8, 16])
def test_interlaced_and_of_every_depth(depth: int) -> None:
    """Adam7 by hand: seven small pictures, each with its own rows."""
    values = np.arange(11 * 9).reshape(9, 11) % (1 << min(depth, 8))
    rows = b""
    for x, y, dx, dy in (
        (0, 0, 8, 8),
        (4, 0, 8, 8),
        (0, 4, 4, 8),
        (2, 0, 4, 4),
        (0, 2, 2, 4),
        (1, 0, 2, 2),
        (0, 1, 1, 2),
    ):
        for row in values[y::dy, x::dx]:
            bits = "".join(format(int(v) * (257 if depth == 16 else 1), f"0{depth}b") for v in row)
            rows += b"\0" + bytes(int(bits[i : i + 8].ljust(8, "0"), 2) for i in range(0, len(bits), 8))
    data = png(
        chunk(b"IHDR", struct.pack(">IIBBBBB", 11, 9, depth, 0, 0, 0, 1)), chunk(b"IDAT", zlib.compress(rows)),
        chunk(b"IEND", b""),
    )  # fmt: skip
    whole = rgb(data)
    white = (1 << min(depth, 8)) - 1
    assert np.array_equal(whole[..., 0], values * 255 // white)
    for less in (4, 12, 16, 20):
        assert np.array_equal(rgb(data[:-less]), whole)
    with pytest.raises(UndecodableError):
        decode(data[: len(data) - 30], "x.png", SETTINGS)


def test_where_the_end_is_cut_off_a_missing_pixel_is_refused() -> None:
    packed = zlib.compress(bytes(40 * (1 + 61 * 3) - 1))  # a byte less than all rows
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 61, 40, 8, 2, 0, 0, 0))
    with pytest.raises(UndecodableError):
        decode(png(head, chunk(b"IDAT", packed)), "x.png", SETTINGS)
    one, two = PNG[:33], png_chunks(PNG)[1][1]
    half = chunk(b"IDAT", two[: len(two) // 2])
    with pytest.raises(UndecodableError):  # several chunks of pixels, the last of which never came
        decode(one + half, "x.png", SETTINGS)
    whole = one + half + chunk(b"IDAT", two[len(two) // 2 :])
    assert np.array_equal(rgb(whole), np.asarray(PHOTO))
    hurt = one + chunk(b"IDAT", two[: len(two) // 2], wrong=1) + chunk(b"IDAT", two[len(two) // 2 :])
    with pytest.raises(UndecodableError):
        decode(hurt, "x.png", SETTINGS)


def test_a_bomb_without_an_end_is_not_unpacked() -> None:
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 60_000, 60_000, 8, 6, 0, 0, 0))
    bomb = png(head, chunk(b"IDAT", zlib.compress(bytes(10_000_000))))
    assert pixels_only(bomb, SETTINGS.max_pixels) == (bomb, False)


def test_an_animation_with_texts_and_without_an_end() -> None:
    other = PHOTO.transpose(Image.Transpose.ROTATE_180)
    data = encoded(PHOTO, "PNG", save_all=True, append_images=[other])
    hurt = with_chunks(chunk(b"zTXt", TEXTS["zTXt"]), chunk(b"tEXt", b"a\0b", wrong=3), data=data)
    frames = [frame.bgr[..., ::-1] for frame in iter_frames(hurt, "x.png", SETTINGS)]
    assert [np.array_equal(a, np.asarray(b)) for a, b in zip(frames, (PHOTO, other), strict=True)] == [True, True]
    cut = decode(data[:-12], "x.png", SETTINGS)
    assert np.array_equal(cut.bgr[..., ::-1], np.asarray(PHOTO))
    assert cut.end_cut_off


def test_another_decoder_sees_the_same_pixels_in_what_is_left() -> None:
    hurt = with_chunks(chunk(b"tEXt", b"a\0b", wrong=1))[:-12]
    mended, cut = pixels_only(hurt, SETTINGS.max_pixels)
    assert cut
    with Image.open(io.BytesIO(mended)) as image:
        image.verify()
    with Image.open(io.BytesIO(mended)) as image:
        assert np.array_equal(np.asarray(image), np.asarray(PHOTO))


def test_apples_own_png_is_named() -> None:
    """Its pixels are packed without zlib's head and in another order: Pillow calls it damaged."""
    data = png(chunk(b"CgBI", b"\x50\0\x20\2"), PNG[8:])
    with pytest.raises(UnsupportedError, match="a PNG of Apple's own kind"):
        decode(data, "x.png", SETTINGS)


def test_indexed_colours_without_their_palette_are_no_picture() -> None:
    """Pillow shows greys that mean nothing."""
    header = struct.pack(">IIBBBBB", 4, 2, 8, 3, 0, 0, 0)
    rows = zlib.compress(b"\0\1\2\3\0" * 2)
    colours = chunk(b"PLTE", bytes(range(12)))
    assert rgb(png(chunk(b"IHDR", header), colours, chunk(b"IDAT", rows), chunk(b"IEND", b"")))[0, 1].tolist() == [
        6,
        7,
        8,
    ]
    for order in ([chunk(b"IDAT", rows)], [chunk(b"IDAT", rows), colours]):
        with pytest.raises(UndecodableError, match="the palette of its indexed colours is missing"):
            decode(png(chunk(b"IHDR", header), *order, chunk(b"IEND", b"")), "x.png", SETTINGS)


@pytest.mark.parametrize("bits", [1, 2, 4, 8, 16])
def test_a_transparent_grey_of_any_depth(bits: int) -> None:
    """Every grey level in one row, the second transparent: white there, its share of white elsewhere."""
    white = (1 << bits) - 1
    levels = list(range(white + 1))[:: max(1, white // 255)]
    key = levels[1] if bits > 1 else 0
    packed = "".join(format(level, f"0{bits}b") for level in levels)
    row = int(packed.ljust(-(-len(packed) // 8) * 8, "0"), 2).to_bytes(-(-len(packed) // 8), "big")
    header = struct.pack(">IIBBBBB", len(levels), 1, bits, 0, 0, 0, 0)
    body = chunk(b"tRNS", struct.pack(">H", key)) + chunk(b"IDAT", zlib.compress(b"\0" + row))
    found = rgb(png(chunk(b"IHDR", header), body, chunk(b"IEND", b"")))[0, :, 1]
    wanted = [255 if level == key else round(level * 255 / white) for level in levels]
    assert found.tolist() == wanted
