from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from pipeline.core.errors import UndecodableError
from pipeline.core.records import Settings
from pipeline.pixels.decode import decode


def noisy_jpeg() -> bytes:
    """A photo of many blocks, no two alike."""
    stream = BytesIO()
    pixels = np.random.default_rng(5).integers(0, 256, (30, 40, 3), np.uint8)
    Image.fromarray(pixels).resize((320, 240)).save(stream, "JPEG", quality=92)
    return stream.getvalue()


def end(data: bytes) -> int:
    return len(data) - 2


PADDED: dict[str, Callable[[bytes], bytes]] = {
    "zeros before the end": lambda data: data[:-2] + bytes(700) + data[-2:],
    "a few bytes before the end": lambda data: data[:-2] + b"\x12\x34\x56" + data[-2:],
    "padding between the tables": lambda data: data[:20] + bytes(9) + data[20:],
    "zeros before the end, a thumbnail's end behind": lambda data: data[:-2] + bytes(700) + data[-2:] + b"abc\xff\xd9",
}
MISREAD: dict[str, Callable[[bytes], bytes]] = {
    "copied as text": lambda data: data.replace(b"\n", b"\r\n"),
    "a piece twice": lambda data: data[: end(data) // 2] + data[end(data) // 2 - 900 :],
}


@pytest.mark.parametrize("how", PADDED)
def test_padding_leaves_the_pixels_as_they_are(how: str) -> None:
    data = noisy_jpeg()
    padded = PADDED[how](data)
    np.testing.assert_array_equal(decode(padded, "x.jpg", Settings()).bgr, decode(data, "x.jpg", Settings()).bgr)


@pytest.mark.parametrize("how", MISREAD)
def test_a_photo_whose_bytes_were_changed_on_the_way_is_damaged(how: str) -> None:
    with pytest.raises(UndecodableError, match="do not belong there"):
        decode(MISREAD[how](noisy_jpeg()), "x.jpg", Settings())
