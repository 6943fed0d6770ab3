"""Recognises a file by its first bytes, to word a refusal; the decode gate itself is Pillow's."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any, Final

from pipeline.pixels.heif import is_heif

HEAD: Final = 64 * 1024
"""Bytes of a file that `may_have_frames` wants to see."""

_FOREIGN: Final = (
    (b"%PDF", "a PDF"),
    (b"%!PS", "PostScript"),
    (b"\xc5\xd0\xd3\xc6", "PostScript"),
    (b"PK\x03\x04", "a zip archive"),
    (b"PK\x05\x06", "an empty zip archive"),
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"\x1f\x8b", "gzip data"),
    (b"SIMPLE  =", "a FITS file"),
    (b"8BPS\x00\x02", "a large Photoshop file (PSB)"),
    (b"\x1aE\xdf\xa3", "a video"),
    (b"\x00\x00\x01\xba", "a video"),
    (b"\x00\x00\x01\xb3", "a video"),
    (b"FLV\x01", "a video"),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "a video"),
    (b"OggS", "an Ogg file"),
    (b"SQLite format 3\x00", "a database"),
    (b"\xff\x0a", "a JPEG XL photo"),
    (b"\x00\x00\x00\x0cJXL ", "a JPEG XL photo"),
    (b"FUJIFILMCCD-RAW", "a camera's RAW file"),
    (b"IIRO", "a camera's RAW file"),
    (b"IIRS", "a camera's RAW file"),
    (b"IIU\x00", "a camera's RAW file"),
)
_MAGIC: Final = (
    b"\xff\xd8",
    b"\x89PNG",
    b"GIF8",
    b"BM",
    b"8BPS",
    b"II*\x00",
    b"MM\x00*",
    b"\x00\x00\x00\x0cjP  ",
    b"\xff\x4f\xff\x51",
)
_SUFFIXES: Final = (
    " jpg jpeg jpe jfif mpo png apng webp gif bmp dib tif tiff ppm pgm pbm pnm avif avifs heic heics heif heifs hif"
    " ico jp2 j2k jpc jpf jpx psd tga icb vda vst "
)
TGA_SUFFIXES: Final = frozenset((".tga", ".icb", ".vda", ".vst"))
"""TGA has no magic: only by its name, and by opening it, is it distinguished from noise."""
_STILLS: Final = frozenset((b"avif", b"avis", b"mif1", b"msf1")) | frozenset(
    (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs")
)
_OLD_QUICKTIME: Final = (b"moov", b"mdat", b"wide", b"pnot")
# TIFF tags: TIFF 6.0, DNG 1.7, TIFF/EP.
_NEW_SUBFILE, _SUB_IFDS, _DNG_VERSION = 254, 330, 50706


def describe_foreign(data: bytes) -> str | None:
    """In a few words what the bytes are, where they are certainly not a photo format that Moue reads."""
    for magic, name in _FOREIGN:
        if data.startswith(magic):
            return name
    if is_video(data):
        return "a video"
    if data[4:8] == b"ftyp" and data[8:12] == b"crx ":
        return "a camera's RAW file"
    head = data[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith((b"<!doctype html", b"<html")):
        return "a web page"
    if head.startswith(b"<") and b"<svg" in data[:4096].lower():
        return "an SVG drawing"
    if data[:4] in (b"II*\0", b"MM\0*") and data[8:10] == b"CR":
        return "a camera's RAW file"
    if data[:4] == b"8BPS" and data[22:24] not in (b"", b"\0\1", b"\0\x08"):
        return f"a Photoshop file of {int.from_bytes(data[22:24], 'big')} bits a channel (save it with 8)"
    return None


def is_video(data: bytes) -> bool:
    """Whether the first bytes are those of a video container that Moue takes frames from."""
    if data[4:8] == b"ftyp":
        return data[8:12] not in _STILLS and data[8:12] not in (b"crx ", b"M4A ", b"M4B ")
    if data[:4] == b"RIFF":
        return data[8:12] == b"AVI "
    if data[:1] == b"G" and data[:4] != b"GIF8" and len(data) > 376:
        return data[188:189] == data[376:377] == b"G"  # MPEG-TS: each packet of 188 bytes begins with it
    known = any(data.startswith(magic) for magic, name in _FOREIGN if name == "a video")
    return known or data[4:8] in _OLD_QUICKTIME


def is_raw_tiff(image: Any) -> bool:
    """Whether an opened Pillow TIFF is a camera's RAW file, whose first picture is but a thumbnail."""
    tags = image.tag_v2
    kind = tags.get(_NEW_SUBFILE, 0)
    return _DNG_VERSION in tags or (isinstance(kind, int) and bool(kind & 1) and _SUB_IFDS in tags)


def may_have_frames(head: bytes) -> bool:
    """Whether a file with these first HEAD bytes can hold more than one picture; a cheap check that errs to yes."""
    if head[:8] == b"\x89PNG\r\n\x1a\n":
        return b"acTL" in head
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return head[12:16] == b"VP8X" and bool(head[20] & 2) if len(head) > 20 else False
    if head[:2] == b"\xff\xd8":
        return b"MPF\0" in head
    if head[4:8] == b"ftyp" and head[8:12] in (b"avif", b"avis"):
        return b"avis" in head[8 : min(256, int.from_bytes(head[:4], "big"))]
    return head[:4] in (b"GIF8", b"II*\0", b"MM\0*", b"II+\0", b"MM\0+") or is_heif(head)


def looks_like_image(data: bytes, name: str) -> bool:
    """True where the first bytes or the name claim a photo format that Moue reads."""
    suffix = PurePath(name).suffix[1:].lower()
    claimed = bool(suffix) and f" {suffix} " in _SUFFIXES
    riff_webp = data[:4] == b"RIFF" and data[8:12] == b"WEBP"
    still = data[4:8] == b"ftyp" and data[8:12] in _STILLS
    return riff_webp or still or data.startswith(_MAGIC) or claimed
