from __future__ import annotations

import pytest
from PIL import Image

from pipeline.core.messages import Message
from pipeline.pixels.decode import FORMATS
from pipeline.pixels.sniff import describe_foreign, is_video, looks_like_image
from tests.pipeline.photos import astronaut, encoded


def words(kind: Message | None) -> str | None:
    """In English."""
    return None if kind is None else kind.text


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"%PDF-1.7", "a PDF"),
        (b"PK\x03\x04", "a zip archive"),
        (b"\0\0\0\x18ftypheic", None),
        (b"\0\0\0\x18ftypmif1", None),
        (b"\0\0\0\x18ftypcrx ", "a camera's RAW file"),
        (b"II*\0\x10\0\0\0CR\2\0", "a camera's RAW file"),
        (b"\xff\x0a\xfa", "a JPEG XL photo"),
        (b"\xc5\xd0\xd3\xc6" + bytes(26), "PostScript"),
        (b"SIMPLE  =                    T", "a FITS file"),
        (b"8BPS\0\1" + bytes(16) + b"\0\x08\0\3", None),
        (b"8BPS\0\1" + bytes(16) + b"\0\x10\0\3", "a Photoshop file of 16 bits a channel (save it with 8)"),
        (b"8BPS\0\2" + bytes(16) + b"\0\x08\0\3", "a large Photoshop file (PSB)"),
        (b"RIFF\0\0\0\0AVI LIST", "a video"),
        (b"\0\0\0\x18ftypisom", "a video"),
        (b"\0\0\0\x1cftypavif", None),
        (b"\xef\xbb\xbf  <HTML>", "a web page"),
        (b"<?xml version='1.0'?><note/>", "an XML file"),
        (b"<svg/>", "an SVG drawing"),
        (b"<!-- drawn by hand --><svg/>", "an SVG drawing"),
        (b"<!DOCTYPE html><body><svg/></body>", "a web page"),
        (b"\xff\xd8\xff\xe0", None),
        (b"", None),
    ],
)
def test_describe_foreign(data: bytes, expected: str | None) -> None:
    assert words(describe_foreign(data)) == expected


@pytest.mark.parametrize("kind", [kind for kind in FORMATS if kind != "PSD"])  # Pillow cannot write one
def test_what_moue_reads_is_never_called_foreign(kind: str) -> None:
    with Image.open(astronaut()) as image:
        data = encoded(image.convert("RGB").resize((32, 32)), kind)
    assert describe_foreign(data) is None


@pytest.mark.parametrize(("data", "name", "expected"), [
    (b"\xff\xd8", "x", True), (b"RIFF\0\0\0\0WEBP", "x", True), (b"RIFF\0\0\0\0WAVE", "x", False),
    (b"\0\0\0\x18ftypheic", "x", True), (b"8BPS\0\1", "x", True), (b"junk", "a.tga", True), (b"junk", "a.HEIC", True),
    (b"junk", "a.JPG", True), (b"junk", "a.jpg.txt", False), (b"junk", "jpg", False), (b"junk", "a.", False),
])  # fmt: skip
def test_looks_like_image(data: bytes, name: str, expected: bool) -> None:
    assert looks_like_image(data, name) is expected


@pytest.mark.parametrize(("data", "expected"), [
    (b"\0\0\0\x18ftypisom", True), (b"\0\0\0\x18ftypqt  ", True), (b"\0\0\0\x18ftypavif", False),
    (b"\0\0\0\x18ftypheic", False), (b"\0\0\0\x18ftypmiaf", False), (b"\0\0\0\x18ftypMiHB", False),
    (b"\0\0\0\x18ftyp1pic", False), (b"\0\0\0\x18ftypheif", False), (b"\0\0\0\x18ftypjpeg", False),
    (b"\0\0\0\x18ftypM4A ", False), (b"\0\0\0\x08wide", True),
    (b"\x1aE\xdf\xa3", True), (b"RIFF\0\0\0\0AVI ", True), (b"RIFF\0\0\0\0WEBP", False),
    ((b"G" + bytes(187)) * 3, True), (b"GIF89a".ljust(188, b"\0") * 3, False), (b"\xff\xd8", False), (b"", False),
])  # fmt: skip
def test_videos_are_told_by_their_first_bytes(data: bytes, expected: bool) -> None:
    assert is_video(data) is expected
