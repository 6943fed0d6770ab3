"""Headers that claim more pixels than the bytes can hold, and the emptiest photos that their formats can store."""

from __future__ import annotations

import struct
from io import BytesIO

import pytest
from PIL import Image
from PIL.GifImagePlugin import GifImageFile

from pipeline.core.errors import TooLargeError, UndecodableError
from pipeline.core.messages import message
from pipeline.core.records import Settings
from pipeline.frames.animation import iter_frames
from pipeline.pixels.decode import decode
from pipeline.pixels.formats import fewest_bytes
from pipeline.pixels.formats.fewest_bytes import can_hold
from tests.pipeline.pixels.formats.test_arithmetic import SEQUENTIAL

SIDE = 1500
CLAIMED = 7000


def stored(image: Image.Image, kind: str, **options: object) -> bytes:
    stream = BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def noise(mode: str = "RGB") -> Image.Image:
    return Image.effect_noise((64, 48), 90).convert(mode)


def claiming(data: bytes, width_at: int, height_at: int, size: int = 2) -> bytes:
    """With another width and height in its header, big-endian."""
    out = bytearray(data)
    for at in (width_at, height_at):
        out[at : at + size] = CLAIMED.to_bytes(size, "big")
    return bytes(out)


def jpeg_claiming(data: bytes, marker: int) -> bytes:
    at = data.index(bytes([0xFF, marker]))
    return claiming(data, at + 7, at + 5)


def jpeg2000_claiming(data: bytes) -> bytes:
    box, size = data.index(b"ihdr") + 4, data.index(b"\xff\x51") + 6
    data = claiming(claiming(data, box + 4, box, 4), size, size + 4, 4)
    return claiming(data, size + 16, size + 20, 4)  # one tile


def tiff_claiming(compression: str, mode: str = "RGB") -> bytes:
    image = noise(mode)
    data = stored(image, "TIFF", compression=compression)
    for old in image.size:  # tags 256 and 257, in shorts or longs
        for kind in (3, 4):
            tag = 256 + image.size.index(old)
            entry = tag.to_bytes(2, "little") + kind.to_bytes(2, "little") + (1).to_bytes(4, "little")
            data = data.replace(entry + old.to_bytes(4, "little"), entry + CLAIMED.to_bytes(4, "little"))
    return data


@pytest.mark.parametrize(
    "data",
    [
        jpeg_claiming(stored(noise(), "JPEG"), 0xC0),
        jpeg_claiming(stored(noise("L"), "JPEG", progressive=True), 0xC2),
        jpeg2000_claiming(stored(noise(), "JPEG2000")),
        *(tiff_claiming(kind) for kind in ("raw", "packbits", "tiff_lzw", "tiff_adobe_deflate", "jpeg")),
        tiff_claiming("packbits", "I;16"),
    ],
    ids=["jpeg", "progressive", "jpeg2000", "raw", "packbits", "lzw", "deflate", "tiff-jpeg", "16-bits"],
)
def test_a_header_that_claims_more_than_there_is(data: bytes) -> None:
    with Image.open(BytesIO(data)) as image:
        assert image.size == (CLAIMED, CLAIMED)  # the claim was planted where readers look
    with pytest.raises(UndecodableError) as refused:
        decode(data, "x", Settings())
    assert refused.value.message == message("bytes_too_few", size=len(data), width=CLAIMED, height=CLAIMED)


def test_an_arithmetic_coder_has_no_least() -> None:
    """A hundredth of a bit may be a block; what comes behind the end of a scan are zeros to it (annex D)."""
    data = jpeg_claiming(SEQUENTIAL, 0xC9)
    with Image.open(BytesIO(data)) as image:
        assert image.size == (CLAIMED, CLAIMED)
        assert can_hold(image, data, 0xC9)
        assert not can_hold(image, data, 0xC0)


def avif_claiming() -> bytes:
    data = stored(noise(), "AVIF")
    at = data.index(b"ispe") + 8
    return claiming(data, at, at + 4, 4)


def gif(side: int, frames: int = 1) -> bytes:
    """A canvas of this side with frames of one pixel, in the upper left corner."""
    frame = b"\x21\xf9\4\0\5\0\0\0,\0\0\0\0\1\0\1\0\0\2\2\x44\1\0"
    return b"GIF89a" + side.to_bytes(2, "little") * 2 + b"\x80\0\0" + bytes(6) + frame * frames + b";"


def bmp_of_jumps() -> bytes:
    """Runs that skip to the end of 7,000 x 7,000 pixels and tell none of them."""
    jumps = b"\0\2\xff\xff" * 800 + b"\0\1"
    size = struct.pack("<IiiHHIIiiII", 40, CLAIMED, CLAIMED, 1, 8, 1, len(jumps), 0, 0, 256, 0)
    return b"BM" + struct.pack("<IHHI", 1078 + len(jumps), 0, 0, 1078) + size + bytes(1024) + jumps


@pytest.mark.parametrize(
    "data",
    [
        stored(Image.new("RGB", (4000, 4000)), "WEBP", lossless=True, method=0),
        avif_claiming(),
        gif(4000),
        bmp_of_jumps(),
    ],
    ids=["webp", "avif", "gif", "bmp"],
)
def test_a_little_that_claims_a_lot(data: bytes) -> None:
    with Image.open(BytesIO(data)) as image:
        width, height = image.size
    with pytest.raises(UndecodableError) as refused:
        decode(data, "x", Settings())
    assert refused.value.message == message("bytes_too_few", size=len(data), width=width, height=height)


def test_a_small_canvas_may_be_empty() -> None:
    assert decode(gif(2000), "x", Settings()).bgr.shape == (2000, 2000, 3)


def test_frames_of_nothing_are_not_looked_at_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """Frames of six megapixels, in 1 KB: the first is taken, as none of those that are looked at shows anything."""
    looked: list[int] = []
    seek = GifImageFile.seek
    monkeypatch.setattr(GifImageFile, "seek", lambda image, frame: (looked.append(frame), seek(image, frame))[1])
    data = gif(2400, 40)
    assert decode(data, "x", Settings()).frame == 1
    assert 6 < max(looked) < 9
    monkeypatch.setattr(fewest_bytes, "_ALL_CHEAP", 1000)
    with pytest.raises(TooLargeError) as refused:
        list(iter_frames(gif(200, 40), "x", Settings()))
    assert "so small a file" in str(refused.value)
    assert len(list(iter_frames(gif(10, 40), "x", Settings()))) == 40  # 25 bytes each for 100 pixels


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("JPEG", {"quality": 1, "optimize": True, "progressive": True}),
        ("JPEG", {"quality": 1, "optimize": True}),
        *(("TIFF", {"compression": kind}) for kind in ("raw", "packbits", "tiff_lzw", "tiff_adobe_deflate", "jpeg")),
    ],
)
@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_blank_photos_as_small_as_their_formats_make_them(kind: str, options: dict[str, object], mode: str) -> None:
    data = stored(Image.new(mode, (SIDE, SIDE), "white"), kind, **options)
    assert decode(data, "x", Settings()).bgr.shape == (SIDE, SIDE, 3)


@pytest.mark.parametrize("compression", ["group4", "group3", "packbits", "tiff_lzw"])
def test_a_blank_page_of_a_scanner(compression: str) -> None:
    data = stored(Image.new("1", (SIDE, SIDE), 1), "TIFF", compression=compression)
    assert decode(data, "x.tif", Settings()).bgr.min() == 255
