"""TIFFs of every depth, sign, order and layout, written by hand; how bright a sample is follows from the depth."""

from __future__ import annotations

import struct
import zlib
from typing import Final

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, UnidentifiedImageError

from pipeline.core.errors import UndecodableError, UnsupportedError
from pipeline.core.geometry import Bgr
from pipeline.core.records import Settings
from pipeline.frames.animation import iter_frames
from pipeline.pixels.decode import decode
from pipeline.pixels.formats.tiff import open_tiff, seek_first_picture
from tests.pipeline.photos import encoded
from tests.pipeline.tiff import Ints, grey_tags, grey_tiff, packbits, reversed_bits, samples, tiff

SETTINGS: Final = Settings()
GREY: Final = (np.add.outer(np.arange(21) * 7, np.arange(34) * 3) % 256).astype(np.int64)
"""8-bit grey, 34 x 21, each value met."""


def of_depth(bits: int) -> Ints:
    """GREY with as many levels as the depth has."""
    return np.array([[int(v) * ((1 << bits) - 1) // 255 for v in row] for row in GREY], np.uint64).astype(np.int64)


def to_8(values: Ints, bits: int) -> Ints:
    """Exactly: value times 255 over the depth's white, rounded half to even."""
    white = (1 << bits) - 1
    return np.array([[round(int(v) * 255 / white) for v in row] for row in values])


def grey_of(data: bytes) -> Ints:
    bgr: Bgr = decode(data, "x.tif", SETTINGS).bgr
    assert np.array_equal(bgr[..., 0], bgr[..., 1])
    assert np.array_equal(bgr[..., 0], bgr[..., 2])
    return bgr[..., 0].astype(np.int64)


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("photometric", [0, 1])
@pytest.mark.parametrize("bits", [1, 2, 3, 4, 6, 8, 9, 10, 12, 14, 15, 16, 24, 31, 32])
def test_white_is_what_the_depth_says(bits: int, photometric: int, order: str) -> None:
    values = of_depth(bits)
    stored = ((1 << bits) - 1) - values if photometric == 0 else values
    for rows in (0, 5):
        assert np.array_equal(grey_of(grey_tiff(stored, bits, photometric, order, rows)), to_8(values, bits))


@pytest.mark.parametrize(("compression", "packer"), [(8, zlib.compress), (32946, zlib.compress), (32773, packbits)])
@pytest.mark.parametrize("bits", [4, 10, 12, 16, 32])
def test_compressed(bits: int, compression: int, packer: object) -> None:
    values = of_depth(bits)
    for photometric, stored in ((1, values), (0, ((1 << bits) - 1) - values)):
        data = grey_tiff(stored, bits, photometric, rows=8, packer=packer, t259=compression)  # type: ignore[arg-type]
        assert np.array_equal(grey_of(data), to_8(values, bits))


@pytest.mark.parametrize("bits", [2, 8, 12, 16])
@pytest.mark.parametrize("photometric", [0, 1])
def test_the_lowest_bit_first(bits: int, photometric: int) -> None:
    values = of_depth(bits)
    stored = ((1 << bits) - 1) - values if photometric == 0 else values
    data = grey_tiff(stored, bits, photometric, packer=reversed_bits, t266=2)
    assert np.array_equal(grey_of(data), to_8(values, bits))


def differences(values: Ints, bits: int) -> Ints:
    """TIFF 6.0, section 14: each sample less the one on its left."""
    return np.diff(values, axis=1, prepend=0) & ((1 << bits) - 1)


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("bits", [4, 8, 12, 16, 32])
def test_horizontal_differences(bits: int, order: str) -> None:
    values = of_depth(bits)
    data = grey_tiff(differences(values, bits), bits, 1, order, 8, zlib.compress, t259=8, t317=2)
    assert np.array_equal(grey_of(data), to_8(values, bits))


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("bits", [8, 12, 16, 32])
@pytest.mark.parametrize("photometric", [0, 1])
def test_tiles(bits: int, photometric: int, packed: bool, order: str) -> None:
    """16 x 16; those at the right and the lower edge are filled up, and differences begin anew in each."""
    values = of_depth(bits)
    whole = np.zeros((32, 48), np.int64)
    whole[:21, :34] = ((1 << bits) - 1) - values if photometric == 0 else values
    tiles = [whole[y : y + 16, x : x + 16] for y in (0, 16) for x in (0, 16, 32)]
    blocks = [samples(differences(t, bits) if packed else t, bits, order) for t in tiles]
    tags = {**grey_tags(values, bits, photometric), 322: 16, 323: 16, 317: 2 if packed else 1, 259: 8 if packed else 1}
    del tags[278]
    data = tiff(tags, [zlib.compress(b) for b in blocks] if packed else blocks, order)
    assert np.array_equal(grey_of(data), to_8(values, bits))


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("bits", [8, 12, 16, 32])
def test_signed_samples_run_from_black_below_zero_to_white_above(bits: int, order: str) -> None:
    values = of_depth(bits)
    data = grey_tiff(values - (1 << (bits - 1)), bits, 1, order, t339=2)
    assert np.array_equal(grey_of(data), to_8(values, bits))


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("photometric", [0, 1])
@pytest.mark.parametrize(("bits", "letter", "white"), [
    (16, "e", 1), (16, "e", 255), (32, "f", 1), (32, "f", 255), (32, "f", 65535), (64, "d", 1), (64, "d", 65535),
])  # fmt: skip
def test_floats(bits: int, letter: str, photometric: int, white: int, order: str) -> None:
    shares = GREY / 255
    shares = 1 - shares if photometric == 0 else shares
    strip = struct.pack(f"{order}{shares.size}{letter}", *(shares * white).ravel())
    got = grey_of(tiff(grey_tags(GREY, bits, photometric, t339=3), [strip], order))
    assert np.abs(got - GREY).max() <= (1 if letter == "e" else 0)


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize(("bits", "letter"), [(32, "f"), (64, "d")])
def test_differences_of_floats(bits: int, letter: str, order: str) -> None:
    """Adobe's Technical Note 3: all highest bytes of a row first, then the next; each less the byte on its left."""
    size, rows = bits // 8, []
    for row in GREY / 255:
        numbers = [struct.pack(f">{letter}", v) for v in row]
        planes = b"".join(bytes(n[i] for n in numbers) for i in range(size))
        rows.append(bytes((planes[i] - (planes[i - 1] if i else 0)) % 256 for i in range(len(planes))))
    data = tiff(grey_tags(GREY, bits, 1, t339=3, t317=3, t259=8), [zlib.compress(b"".join(rows))], order)
    assert np.array_equal(grey_of(data), GREY)


def test_floats_that_are_no_numbers_and_highlights() -> None:
    strip = struct.pack("<6f", float("nan"), float("inf"), float("-inf"), 0.5, 1.0, 3.5)
    got = grey_of(tiff(grey_tags(np.zeros((1, 6), np.int64), 32, 1, t339=3), [strip]))
    assert got.tolist() == [[0, 255, 0, 128, 255, 255]]


@pytest.mark.parametrize("photometric", [0, 1])
@pytest.mark.parametrize("bits", [9, 10, 12, 14, 16, 24])
def test_a_dark_photo_stays_dark(bits: int, photometric: int) -> None:
    """The brightest value is 255 or less: it is no 8-bit photo in a wider file."""
    values = GREY // (1 if bits > 10 else 2)
    stored = ((1 << bits) - 1) - values if photometric == 0 else values
    got = grey_of(grey_tiff(stored, bits, photometric))
    assert np.array_equal(got, to_8(values, bits))
    if bits == 16:
        assert got.max() == 1


def test_a_dark_png_and_pgm_of_16_bits_stay_dark() -> None:
    dark = Image.fromarray(np.array([[0, 100, 255]], np.uint16))
    assert grey_of(encoded(dark, "PNG")).tolist() == [[0, 0, 1]]
    assert grey_of(b"P5 3 1 65535\n" + struct.pack(">3H", 0, 100, 255)).tolist() == [[0, 0, 1]]
    assert grey_of(b"P5 3 1 4095\n" + struct.pack(">3H", 0, 255, 4095)).tolist() == [[0, 16, 255]]


@pytest.mark.parametrize(("top", "white"), [(255, 255), (65535, 65535)])
@pytest.mark.parametrize("kind", [1, 2])
def test_integers_of_32_bits_that_hold_a_photo_of_8_or_16(kind: int, top: int, white: int) -> None:
    """Pillow saves its mode I so, ImageJ too: nobody has a camera of 32 bits."""
    values = GREY * top // 255
    assert np.array_equal(grey_of(grey_tiff(values, 32, 1, t339=kind)), np.rint(values * 255 / white))
    as_pillow = encoded(Image.fromarray(values.astype(np.int32)), "TIFF")
    assert np.array_equal(grey_of(as_pillow), np.rint(values * 255 / white))


@pytest.mark.parametrize("planar", [1, 2])
@pytest.mark.parametrize("bits", [10, 12, 32])
def test_colours_of_odd_depths(bits: int, planar: int) -> None:
    white = (1 << bits) - 1
    rgb = np.stack([of_depth(bits), white - of_depth(bits), np.full_like(GREY, white)], axis=2)
    blocks = [rgb.reshape(21, -1)] if planar == 1 else list(rgb.transpose(2, 0, 1))
    tags = grey_tags(GREY, bits, 2, t277=3, t284=planar)
    tags[258] = (bits, bits, bits)
    got = decode(tiff(tags, [samples(b, bits, "<") for b in blocks]), "x", SETTINGS).bgr[..., ::-1]
    for channel in range(3):
        assert np.array_equal(got[..., channel], to_8(rgb[..., channel], bits))


def test_alpha_of_16_bits_lies_over_white() -> None:
    pixels = np.array([[0, 0, 0, 32768, 0, 65535, 65535, 32768]])  # grey, alpha
    tags = {**grey_tags(np.zeros((1, 4), np.int64), 16, 1, t277=2, t338=2), 258: (16, 16)}
    assert grey_of(tiff(tags, [samples(pixels, 16, "<")])).tolist() == [[255, 127, 0, 255]]
    tags[338] = 0  # nobody knows what the second sample is
    assert grey_of(tiff(tags, [samples(pixels, 16, "<")])).tolist() == [[0, 0, 0, 255]]


def test_bigtiff() -> None:
    for photometric in (0, 1):
        stored = 4095 - of_depth(12) if photometric == 0 else of_depth(12)
        data = tiff(grey_tags(GREY, 12, photometric), [samples(stored, 12, "<")], big=True)
        assert np.array_equal(grey_of(data), to_8(of_depth(12), 12))


SIDES: Final = {1: (0, False), 2: (0, True), 3: (2, False), 4: (2, True), 5: (3, True), 6: (3, False), 7: (1, True),
                8: (1, False)}  # fmt: skip
"""Orientation -> quarter turns anticlockwise, after which it is mirrored left to right."""


@pytest.mark.parametrize("orientation", SIDES)
def test_orientation(orientation: int) -> None:
    turns, mirrored = SIDES[orientation]
    upright = np.rot90(to_8(of_depth(12), 12), turns)
    upright = upright[:, ::-1] if mirrored else upright
    assert np.array_equal(grey_of(grey_tiff(of_depth(12), 12, t274=orientation)), upright)


def test_pages_of_several_depths() -> None:
    """The second page's directory is put behind the first file, and the first one leads to it."""
    first, second = grey_tiff(of_depth(8), 8), grey_tiff(of_depth(12)[:5, :8], 12)
    at = len(first)
    moved = bytearray(second)
    n = struct.unpack_from("<H", second, 8)[0]
    for entry in range(10, 10 + 12 * n, 12):
        if struct.unpack_from("<H", second, entry)[0] == 273:
            struct.pack_into("<I", moved, entry + 8, struct.unpack_from("<I", second, entry + 8)[0] + at)
    both = bytearray(first + moved)
    struct.pack_into("<I", both, 10 + 12 * struct.unpack_from("<H", first, 8)[0], at + 8)
    pages = [frame.bgr[..., 0] for frame in iter_frames(bytes(both), "x.tif", SETTINGS)]
    assert np.array_equal(pages[0], GREY)
    assert np.array_equal(pages[1], to_8(of_depth(12)[:5, :8], 12))


@pytest.mark.parametrize("packer", [bytes, zlib.compress])
def test_a_part_is_refused(packer: object) -> None:
    data = grey_tiff(of_depth(12), 12, rows=7, packer=packer, t259=1 if packer is bytes else 8)  # type: ignore[arg-type]
    for keep in (len(data) - 1, len(data) - 120, len(data) // 2):
        with pytest.raises(UndecodableError, match="damaged"):
            decode(data[:keep], "x.tif", SETTINGS)


@pytest.mark.parametrize(("photometric", "more"), [(32803, {}), (34892, {}), (32803, {"t50706": 0x00000401})])
def test_what_a_sensor_saw_is_called_raw(photometric: int, more: dict[str, int]) -> None:
    with pytest.raises(UnsupportedError, match="a camera's RAW file"):
        decode(grey_tiff(of_depth(16), 16, photometric, **more), "x.dng", SETTINGS)


def test_samples_that_nobody_reads_are_named() -> None:
    data = grey_tiff(GREY, 12, t259=7)  # JPEG of 12 bits
    with pytest.raises(UnsupportedError, match="12 bits, jpeg"):
        decode(data, "x.tif", SETTINGS)


@given(st.integers(0, 400), st.binary(min_size=1, max_size=6))
def test_damaged_headers_end_in_a_picture_or_a_named_refusal(at: int, junk: bytes) -> None:
    data = grey_tiff(of_depth(12), 12, rows=7)
    hurt = data[: at % len(data)] + junk + data[at % len(data) + len(junk) :]
    told = ""
    try:
        told = str(decode(hurt, "x.tif", Settings(max_pixels=1_000_000)).bgr.shape)
    except Exception as e:  # noqa: BLE001 - any other error fails below
        told = type(e).__name__
    assert told.startswith("(") or told in ("UndecodableError", "TooLargeError", "UnsupportedError")


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(("mark", "offset", "count"), [(42, "I", "H"), (43, "HHQ", "Q")])
def test_a_page_of_more_tags_than_any_photo_has(order: str, mark: int, offset: str, count: str) -> None:
    """Read several times over they take a second, and a folder may hold thousands of such files."""
    start = {"I": (16,), "HHQ": (8, 0, 16)}[offset]
    head = (b"II" if order == "<" else b"MM") + struct.pack(f"{order}H{offset}", mark, *start)
    few = struct.pack(f"{order}{count}", 4097) + bytes(20 * 4097)
    with pytest.raises(UnidentifiedImageError, match="more tags"):
        open_tiff(head.ljust(16, b"\0") + few)
    entry, place = (12, "I") if mark == 42 else (20, "Q")
    one = struct.pack(f"{order}{count}", 1) + bytes(entry) + struct.pack(f"{order}{place}", 64)
    with pytest.raises(UnidentifiedImageError, match="more tags"):  # behind a page that is no picture
        open_tiff((head.ljust(16, b"\0") + one).ljust(64, b"\0") + few)


@pytest.mark.parametrize(("copies", "shown"), [(3, True), (63, True), (64, False), (3000, False)])
def test_the_picture_is_looked_for_among_so_many_pages(copies: int, shown: bool) -> None:
    """Of smaller copies, each of which costs a millisecond: a file of a megabyte can name ten thousand."""
    names = (254, 256, 257, 258, 259, 262, 273, 277, 278, 279)

    def page(at: int, **told: int) -> bytes:
        tags = dict(zip(names, (0, 1, 1, 8, 1, 1, 0, 1, 1, 1), strict=True)) | {int(k[1:]): v for k, v in told.items()}
        body = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags.items())
        return struct.pack("<H", len(tags)) + body + struct.pack("<I", at + 2 + 12 * len(tags) + 4)

    data, length = b"II*\0" + struct.pack("<I", 8), len(page(0))
    for number in range(copies):
        data += page(8 + number * length, t254=1)
    data = (data + page(0, t256=2, t279=2))[:-4] + bytes(4)
    with open_tiff(data) as image:
        reads: list[int] = []
        seek = image.seek
        image.seek = lambda number: (reads.append(number), seek(number))  # type: ignore[assignment, func-returns-value, method-assign]
        seek_first_picture(image)
        assert image.size == ((2, 1) if shown else (1, 1))
        assert len(reads) <= 64
