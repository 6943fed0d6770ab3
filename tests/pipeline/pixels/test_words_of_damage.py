"""Whatever is wrong with a picture, the refusal is made of Moue's words alone."""

from __future__ import annotations

import random
from contextlib import suppress
from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from pipeline.core.errors import DecodeError
from pipeline.core.messages import Message
from pipeline.core.records import Settings
from pipeline.pixels.decode import decode

FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "TIFF", "BMP", "JPEG2000", "ICO", "TGA", "AVIF", "PPM")
EACH = 40


def picture(kind: str, **options: Any) -> bytes:
    out = BytesIO()
    Image.radial_gradient("L").resize((96, 96)).convert("RGB").save(out, kind, **options)
    return out.getvalue()


def texts_of(told: Message) -> list[str]:
    found = [value for value in told.params.values() if isinstance(value, str)]
    return found + [text for one in told.params.values() if isinstance(one, Message) for text in texts_of(one)]


@pytest.mark.parametrize("kind", FORMATS)
def test_no_word_of_a_library_reaches_the_reason(kind: str) -> None:
    draw, refused = random.Random(kind), list[DecodeError]()
    whole = picture(kind, **({"compression": "tiff_lzw"} if kind == "TIFF" else {}))
    for _ in range(EACH):
        data = bytearray(whole)
        for _ in range(draw.choice((1, 3, 9))):
            data[draw.randrange(min(len(data), draw.choice((60, len(data)))))] = draw.randrange(256)
        if draw.random() < 0.4:
            del data[draw.randrange(len(data)) :]
        try:
            decode(bytes(data), f"x.{kind.lower()}", Settings())
        except DecodeError as e:
            refused.append(e)
    assert len(refused) > EACH // 10
    assert [e for e in refused if texts_of(e.message)] == []


def test_a_version_of_jfif_that_nobody_made_is_no_damage() -> None:
    """libjpeg warns of it, and every viewer shows the photo."""
    data = picture("JPEG")
    at = data.index(b"JFIF\0") + 5
    assert decode(data[:at] + b"\x6a\x01" + data[at + 2 :], "x.jpg", Settings()).bgr.shape == (96, 96, 3)


@pytest.mark.parametrize("compression", ["tiff_lzw", "tiff_deflate", "group4"])
def test_libtiff_does_not_write_to_the_terminal(compression: str, capfd: pytest.CaptureFixture[str]) -> None:
    out = BytesIO()
    Image.radial_gradient("L").convert("1" if compression == "group4" else "L").save(
        out, "TIFF", compression=compression
    )
    data = bytearray(out.getvalue())
    data[200:260] = bytes(range(195, 255))
    with suppress(DecodeError):
        decode(bytes(data), "x.tif", Settings())
    assert capfd.readouterr().err == ""
