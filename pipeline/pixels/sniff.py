"""Recognises a file by its first bytes, to word a refusal; the decode gate itself is Pillow's."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any, Final

from pipeline.pixels.heif import is_heif
from pipeline.pixels.texts import describe_text

HEAD: Final = 64 * 1024
"""Bytes of a file that `may_have_frames` wants to see."""

_FOREIGN: Final = (
    (b"%PDF", "a PDF"),
    (b"%!PS", "PostScript"),
    (b"\xc5\xd0\xd3\xc6", "PostScript"),
    (b"PK\x03\x04", "a zip archive"),
    (b"PK\x05\x06", "an empty zip archive"),
    (b"PK\x07\x08", "a zip archive in parts"),
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"\x1f\x8b", "gzip data"),
    (b"BZh", "bzip2 data"),
    (b"\xfd7zXZ\x00", "xz data"),
    (b"\x28\xb5\x2f\xfd", "Zstandard data"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office document or Windows' Thumbs.db"),
    (b"bplist00", "a property list of macOS"),
    (b"\x00\x05\x16\x07", "what macOS keeps beside a file (AppleDouble)"),
    (b"\x00\x05\x16\x00", "what macOS keeps beside a file (AppleSingle)"),
    (b"\x00\x00\x00\x01Bud1", "a .DS_Store of macOS"),
    (b"\x4c\x00\x00\x00\x01\x14\x02\x00", "a shortcut of Windows"),
    (b"\x7fELF", "a program"),
    (b"ID3", "a sound file"),
    (b"fLaC", "a sound file"),
    (b"MThd", "a sound file"),
    (b"\x89HDF\r\n\x1a\n", "an HDF5 file"),
    (b"\x93NUMPY", "a NumPy array"),
    (b"PAR1", "a Parquet file"),
    (b"AT&TFORM", "a DjVu document"),
    (b"gimp xcf", "a GIMP file (export it as PNG or JPEG)"),
    (b"II\xbc\x01", "a JPEG XR photo"),
    (b"BPG\xfb", "a BPG photo"),
    (b"FLIF", "a FLIF photo"),
    (b"qoif", "a QOI photo"),
    (b"\x76\x2f\x31\x01", "an OpenEXR picture"),
    (b"#?RADIANCE", "a Radiance HDR picture"),
    (b"DDS ", "a DDS texture"),
    (b"\xd7\xcd\xc6\x9a", "a WMF drawing"),
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
_FOREIGN_INSIDE: Final = (
    (8, b"WAVE", "a sound file"),
    (40, b" EMF", "an EMF drawing"),
    (128, b"DICM", "a DICOM file"),
    (257, b"ustar", "a tar archive"),
)
_ZIPS: Final = (
    (b"[Content_Types].xml", "an Office document"),
    (b"_rels/.rels", "an Office document"),
    (b"docProps/", "an Office document"),
    (b"mimetypeapplication/epub", "an e-book"),
    (b"mimetypeapplication/vnd.oasis", "an OpenDocument file"),
    (b"mimetypeapplication/x-krita", "a Krita file (export it as PNG or JPEG)"),
    (b"META-INF/", "a Java archive"),
    (b"AndroidManifest", "an Android app"),
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
            return _described_zip(data) if magic == b"PK\x03\x04" else name
    if data[:1024].lstrip(b"\xef\xbb\xbf\0 \t\r\n\f").startswith(b"%PDF-"):
        return "a PDF"
    if is_video(data):
        return "a video"
    if data[4:8] == b"ftyp" and data[8:12] == b"crx ":
        return "a camera's RAW file"
    if data[:4] in (b"II*\0", b"MM\0*") and data[8:10] == b"CR":
        return "a camera's RAW file"
    if data[:4] == b"8BPS" and data[22:24] not in (b"", b"\0\1", b"\0\x08"):
        return f"a Photoshop file of {int.from_bytes(data[22:24], 'big')} bits a channel (save it with 8)"
    for at, magic, name in _FOREIGN_INSIDE:
        if data[at : at + len(magic)] == magic:
            return name
    return describe_text(data)


def _described_zip(data: bytes) -> str:
    """By the name of the first member, where each program puts the same one."""
    first = data[30 : 30 + 80]
    for beginning, name in _ZIPS:
        if first.startswith(beginning):
            return name
    return "a zip archive"


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
