"""TIFFs whose blocks of zeros nobody wrote (GDAL's `SPARSE_OK`), or whose blocks are the same bytes."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Sequence
from io import BytesIO
from typing import Final

import numpy as np
import pytest
from PIL import Image

from pipeline.core.errors import UndecodableError
from pipeline.core.records import Settings
from pipeline.pixels.decode import decode
from tests.pipeline.tiff import packbits, tiff

SIDE: Final = 64
TAGS: Final = {256: 3 * SIDE, 257: 2 * SIDE, 258: (8, 8, 8), 262: 2, 277: 3, 322: SIDE, 323: SIDE}
ABSENT: Final = (0, 4)


def placed(data: bytes, tag: int, values: dict[int, int]) -> bytes:
    """With other values in the list of a tag, by their numbers."""
    out = bytearray(data)
    for at in range(10, 10 + 12 * struct.unpack_from("<H", out, 8)[0], 12):
        found, _, count, place = struct.unpack_from("<HHII", out, at)
        if found == tag:
            for number, value in values.items():
                struct.pack_into("<I", out, (place if count > 1 else at + 8) + 4 * number, value)
    return bytes(out)


def without(tags: dict[int, int | Sequence[int]], blocks: list[bytes], absent: Sequence[int]) -> bytes:
    left = [b"" if n in absent else block for n, block in enumerate(blocks)]
    return placed(tiff(tags, left), 324 if 322 in tags else 273, dict.fromkeys(absent, 0))


def lzw(data: bytes) -> bytes:
    stream = BytesIO()
    Image.frombytes("L", (len(data), 1), data).save(stream, "TIFF", compression="tiff_lzw", strip_size=len(data))
    with Image.open(stream) as stored:
        tags = stored.tag_v2  # type: ignore[attr-defined]
        return stream.getvalue()[tags[273][0] :][: tags[279][0]]


@pytest.mark.parametrize(("compression", "packer"), [(1, bytes), (8, zlib.compress), (32773, packbits), (5, lzw)])
@pytest.mark.parametrize("bits", [8, 16])
def test_tiles_that_are_not_there_are_black(compression: int, packer: Callable[[bytes], bytes], bits: int) -> None:
    photo = np.random.default_rng(3).integers(60, 256, (2 * SIDE, 3 * SIDE, 3))
    places = [(y, x) for y in (0, SIDE) for x in (0, SIDE, 2 * SIDE)]
    stored = photo if bits == 8 else photo * 257
    tiles = [stored[y : y + SIDE, x : x + SIDE].astype(f"<u{bits // 8}").tobytes() for y, x in places]
    tags: dict[int, int | Sequence[int]] = {**TAGS, 258: (bits,) * 3, 259: compression}
    for number in ABSENT:
        y, x = places[number]
        photo[y : y + SIDE, x : x + SIDE] = 0
    decoded = decode(without(tags, list(map(packer, tiles)), ABSENT), "x.tif", Settings())
    assert np.array_equal(decoded.bgr[..., ::-1], photo)


def test_a_strip_that_is_not_there_is_black() -> None:
    tags: dict[int, int | Sequence[int]] = {256: 64, 257: 64, 258: 8, 259: 1, 262: 1, 277: 1, 278: 32}
    decoded = decode(without(tags, [bytes([200]) * 2048] * 2, (0,)), "x.tif", Settings())
    assert (decoded.bgr[:32].max(), decoded.bgr[32:].min()) == (0, 200)


LARGE: Final[dict[int, int | Sequence[int]]] = {
    256: 6000, 257: 6000, 258: 8, 259: 1, 262: 1, 277: 1, 322: 512, 323: 512,
}  # fmt: skip
TILES: Final = 144


def test_one_tile_of_a_large_page() -> None:
    data = without(LARGE, [bytes([200]) * 512 * 512] * TILES, [n for n in range(TILES) if n != 1])
    assert decode(data, "x.tif", Settings()).bgr[:512, 512:1024].min() == 200


def test_tiles_that_are_the_same_bytes() -> None:
    data = tiff(LARGE, [bytes([200]) * 512 * 512, *[b""] * (TILES - 1)])
    start = len(data) - 512 * 512
    data = placed(placed(data, 324, dict.fromkeys(range(TILES), start)), 325, dict.fromkeys(range(TILES), 512 * 512))
    assert decode(data, "x.tif", Settings()).bgr.min() == 200


def test_a_page_of_which_nothing_is_there_is_refused() -> None:
    with pytest.raises(UndecodableError) as refused:
        decode(without(LARGE, [b""] * TILES, range(TILES)), "x.tif", Settings())
    assert refused.value.message.code == "bytes_too_few"
