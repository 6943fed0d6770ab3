"""What a file is by its first bytes, to word a refusal; the decode gate itself is Pillow's."""

from __future__ import annotations

from pathlib import PurePath
from typing import Final

_FOREIGN: Final = (
    (b"%PDF", "a PDF"),
    (b"%!PS", "PostScript"),
    (b"PK\x03\x04", "a zip archive"),
    (b"PK\x05\x06", "an empty zip archive"),
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"\x1f\x8b", "gzip data"),
    (b"SIMPLE  =", "a FITS file"),
    (b"8BPS", "a Photoshop file"),
    (b"\x1aE\xdf\xa3", "a video"),
    (b"SQLite format 3\x00", "a database"),
)
_MAGIC: Final = (
    b"\xff\xd8",
    b"\x89PNG",
    b"GIF8",
    b"BM",
    b"II*\x00",
    b"MM\x00*",
    b"\x00\x00\x00\x0cjP  ",
    b"\xff\x4f\xff\x51",
)
_SUFFIXES: Final = "jpg jpeg jpe jfif mpo png webp gif bmp dib tif tiff ppm pgm pbm avif ico jp2 j2k"


def describe_foreign(data: bytes) -> str | None:
    """In a few words what the bytes are, where they are certainly not a photo format that Moue reads."""
    for magic, name in _FOREIGN:
        if data.startswith(magic):
            return name
    head = data[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith((b"<svg", b"<?xml")) and b"<svg" in data[:4096].lower():
        return "an SVG drawing"
    if head.startswith((b"<!doctype html", b"<html")):
        return "a web page"
    if data[4:8] == b"ftyp":
        return None if data[8:12] in (b"avif", b"avis") else _iso_media(data[8:12])
    return None


def _iso_media(brand: bytes) -> str:
    return "a HEIC photo" if brand in (b"heic", b"heix", b"mif1", b"msf1", b"hevc") else "a video"


def looks_like_image(data: bytes, name: str) -> bool:
    """True where the first bytes or the name claim a photo format that Moue reads."""
    suffix = PurePath(name).suffix[1:].lower()
    claimed = bool(suffix) and suffix in _SUFFIXES.split()
    riff_webp = data[:4] == b"RIFF" and data[8:12] == b"WEBP"
    return riff_webp or data.startswith(_MAGIC) or claimed
