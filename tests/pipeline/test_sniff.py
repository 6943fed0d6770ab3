from __future__ import annotations

import pytest
from PIL import Image

from pipeline.decode import FORMATS
from pipeline.sniff import describe_foreign, looks_like_image
from tests.pipeline.photos import astronaut, encoded


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"%PDF-1.7", "a PDF"),
        (b"PK\x03\x04", "a zip archive"),
        (b"\0\0\0\x18ftypheic", "a HEIC photo"),
        (b"\0\0\0\x18ftypisom", "a video"),
        (b"\0\0\0\x1cftypavif", None),
        (b"\xef\xbb\xbf  <HTML>", "a web page"),
        (b"<?xml version='1.0'?><note/>", None),
        (b"<svg/>", "an SVG drawing"),
        (b"\xff\xd8\xff\xe0", None),
        (b"", None),
    ],
)
def test_describe_foreign(data: bytes, expected: str | None) -> None:
    assert describe_foreign(data) == expected


@pytest.mark.parametrize("kind", FORMATS)
def test_what_moue_reads_is_never_called_foreign(kind: str) -> None:
    with Image.open(astronaut()) as image:
        data = encoded(image.convert("RGB").resize((32, 32)), kind)
    assert describe_foreign(data) is None


@pytest.mark.parametrize(("data", "name", "expected"), [
    (b"\xff\xd8", "x", True), (b"RIFF\0\0\0\0WEBP", "x", True), (b"RIFF\0\0\0\0WAVE", "x", False),
    (b"junk", "a.JPG", True), (b"junk", "a.jpg.txt", False), (b"junk", "jpg", False), (b"junk", "a.", False),
])  # fmt: skip
def test_looks_like_image(data: bytes, name: str, expected: bool) -> None:
    assert looks_like_image(data, name) is expected
