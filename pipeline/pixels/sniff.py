"""Recognises a file by its first bytes, to word a refusal; the decode gate itself is Pillow's."""

from __future__ import annotations

from pathlib import PurePath
from typing import Final

from pipeline.core.messages import Message, message
from pipeline.pixels.formats.heif_boxes import AV1_BRANDS, brands_of, is_still
from pipeline.pixels.formats.png_chunks import SIGNATURE
from pipeline.pixels.texts import describe_text

HEAD: Final = 64 * 1024
"""Bytes of a file that `may_have_frames` wants to see."""

_FOREIGN: Final = (
    (b"%PDF", "kind_pdf"),
    (b"%!PS", "kind_postscript"),
    (b"\xc5\xd0\xd3\xc6", "kind_postscript"),
    (b"PK\x03\x04", "kind_zip_archive"),
    (b"PK\x05\x06", "kind_empty_zip_archive"),
    (b"PK\x07\x08", "kind_zip_archive_in_parts"),
    (b"Rar!", "kind_rar_archive"),
    (b"7z\xbc\xaf\x27\x1c", "kind_7z_archive"),
    (b"\x1f\x8b", "kind_gzip_data"),
    (b"BZh", "kind_bzip2_data"),
    (b"\xfd7zXZ\x00", "kind_xz_data"),
    (b"\x28\xb5\x2f\xfd", "kind_zstandard_data"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "kind_old_office"),
    (b"bplist00", "kind_property_list"),
    (b"\x00\x05\x16\x07", "kind_apple_double"),
    (b"\x00\x05\x16\x00", "kind_apple_single"),
    (b"\x00\x00\x00\x01Bud1", "kind_ds_store"),
    (b"\x4c\x00\x00\x00\x01\x14\x02\x00", "kind_windows_shortcut"),
    (b"\x7fELF", "kind_program"),
    (b"ID3", "kind_sound_file"),
    (b"fLaC", "kind_sound_file"),
    (b"MThd", "kind_sound_file"),
    (b"\x89HDF\r\n\x1a\n", "kind_hdf5_file"),
    (b"\x93NUMPY", "kind_numpy_array"),
    (b"PAR1", "kind_parquet_file"),
    (b"AT&TFORM", "kind_djvu_document"),
    (b"gimp xcf", "kind_gimp"),
    (b"HTTP/", "kind_web_answer"),
    (b"II\xbc\x01", "kind_jpeg_xr_photo"),
    (b"BPG\xfb", "kind_bpg_photo"),
    (b"FLIF", "kind_flif_photo"),
    (b"qoif", "kind_qoi_photo"),
    (b"\x76\x2f\x31\x01", "kind_openexr_picture"),
    (b"#?RADIANCE", "kind_radiance_hdr_picture"),
    (b"DDS ", "kind_dds_texture"),
    (b"\xd7\xcd\xc6\x9a", "kind_wmf_drawing"),
    (b"SIMPLE  =", "kind_fits_file"),
    (b"8BPS\x00\x02", "kind_photoshop_large"),
    (b"\x1aE\xdf\xa3", "kind_video"),
    (b"\x00\x00\x01\xba", "kind_video"),
    (b"\x00\x00\x01\xb3", "kind_video"),
    (b"FLV\x01", "kind_video"),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "kind_video"),
    (b"OggS", "kind_ogg_file"),
    (b"SQLite format 3\x00", "kind_database"),
    (b"\xff\x0a", "kind_jpeg_xl_photo"),
    (b"\x00\x00\x00\x0cJXL ", "kind_jpeg_xl_photo"),
    (b"MZ", "kind_program"),
    (b"\xca\xfe\xba\xbe", "kind_program"),
    (b"MSCF", "kind_cabinet"),
    (b"icns", "kind_macos_icon"),
    (b"\x0a\x05\x01", "kind_pcx_picture"),
    (b"\x01\xda\x00\x01", "kind_sgi_picture"),
    (b"\x01\xda\x01\x01", "kind_sgi_picture"),
    (b"\x59\xa6\x6a\x95", "kind_sun_raster"),
    (b"P7\n", "kind_pam_picture"),
    (b"PF\n", "kind_pfm_picture"),
    (b"Pf\n", "kind_pfm_picture"),
    (b"\x8aMNG", "kind_mng_animation"),
    (b"\x8bJNG", "kind_jng_picture"),
    (b"FUJIFILMCCD-RAW", "kind_camera_raw"),
    (b"IIRO", "kind_camera_raw"),
    (b"IIRS", "kind_camera_raw"),
    (b"IIU\x00", "kind_camera_raw"),
    (b"\x07\x08V1\x08\x07", "kind_wechat_picture"),
    (b"\x07\x08V2\x08\x07", "kind_wechat_picture"),
)
_FOREIGN_INSIDE: Final = (
    (2, b"-lh", "kind_lha_archive"),
    (8, b"WAVE", "kind_sound_file"),
    (8, b"ACON", "kind_cursor"),
    (40, b" EMF", "kind_emf_drawing"),
    (128, b"DICM", "kind_dicom_file"),
    (257, b"ustar", "kind_tar_archive"),
)
_ARCHIVES: Final = frozenset({
    "kind_zip_archive", "kind_empty_zip_archive", "kind_zip_archive_in_parts", "kind_rar_archive", "kind_7z_archive",
    "kind_gzip_data", "kind_bzip2_data", "kind_xz_data", "kind_zstandard_data", "kind_lha_archive", "kind_tar_archive",
})  # fmt: skip
_ZIPS: Final = (
    (b"[Content_Types].xml", "kind_office_document"),
    (b"_rels/.rels", "kind_office_document"),
    (b"docProps/", "kind_office_document"),
    (b"mimetypeapplication/epub", "kind_e_book"),
    (b"mimetypeapplication/vnd.oasis", "kind_opendocument_file"),
    (b"mimetypeapplication/x-krita", "kind_krita"),
    (b"META-INF/", "kind_java_archive"),
    (b"AndroidManifest", "kind_android_app"),
)
JPEG_2000: Final = (b"\x00\x00\x00\x0cjP  ", b"\xff\x4f\xff\x51")
"""In its boxes, and bare."""
_MAGIC: Final = (
    b"\xff\xd8",
    b"\x89PNG",
    b"GIF8",
    b"BM",
    b"8BPS",
    b"II*\x00",
    b"MM\x00*",
    *JPEG_2000,
)
_SUFFIXES: Final = (
    " jpg jpeg jpe jfif mpo png apng webp gif bmp dib tif tiff ppm pgm pbm pnm avif avifs heic heics heif heifs hif"
    " ico jp2 j2k jpc jpf jpx psd tga icb vda vst "
)
TGA_SUFFIXES: Final = frozenset((".tga", ".icb", ".vda", ".vst"))
"""TGA has no magic: only by its name, and by opening it, is it distinguished from noise."""
_OLD_QUICKTIME: Final = (b"moov", b"mdat", b"wide", b"pnot")


def describe_foreign(data: bytes) -> Message | None:
    """In a few words what the bytes are, where they are certainly not a photo format that Moue reads."""
    if code := _foreign_code(data):
        return message(code)
    if data[:4] == b"8BPS" and data[22:24] not in (b"", b"\0\1", b"\0\x08"):
        return message("kind_photoshop_bits", bits=int.from_bytes(data[22:24], "big"))
    return describe_text(data)


def describe_archive(data: bytes) -> Message | None:
    """What kind of archive this is by its first bytes, None where it is none."""
    code = _foreign_code(data)
    return None if code not in _ARCHIVES else message(code)


def _foreign_code(data: bytes) -> str | None:
    """The code of what the bytes are, None where they are no known binary format."""
    for magic, name in _FOREIGN:
        if data.startswith(magic):
            return _described_zip(data) if magic == b"PK\x03\x04" else name
    if data[:1024].lstrip(b"\xef\xbb\xbf\0 \t\r\n\f").startswith(b"%PDF-"):
        return "kind_pdf"
    if is_video(data):
        return "kind_video"
    if data[4:8] == b"ftyp" and data[8:12] == b"crx ":
        return "kind_camera_raw"
    if data[:4] in (b"II*\0", b"MM\0*") and data[8:10] == b"CR":
        return "kind_camera_raw"
    if _is_cursor(data):
        return "kind_cursor"
    if _is_of_wechat(data):
        return "kind_wechat_picture"
    for at, magic, name in _FOREIGN_INSIDE:
        if data[at : at + len(magic)] == magic:
            return name
    return None


def _is_cursor(data: bytes) -> bool:
    """Built like an icon, its first picture right behind the list: a TGA may begin with the same four bytes."""
    if data[:4] != b"\0\0\2\0" or len(data) < 22:
        return False
    count, first = int.from_bytes(data[4:6], "little"), int.from_bytes(data[18:22], "little")
    return 0 < count < 256 and first == 6 + 16 * count


def _is_of_wechat(data: bytes) -> bool:
    """A JPEG of which WeChat on Windows has changed each byte in the same way (`.dat`)."""
    key = data[0] ^ 0xFF if data else 0
    plain = bytes(one ^ key for one in data[:4])
    return bool(key) and plain[:3] == b"\xff\xd8\xff" and plain[3] in (0xC0, 0xC2, 0xC4, 0xDB, *range(0xE0, 0xF0))


def _described_zip(data: bytes) -> str:
    """By the name of the first member, where each program puts the same one."""
    first = data[30 : 30 + 80]
    for beginning, name in _ZIPS:
        if first.startswith(beginning):
            return name
    return "kind_zip_archive"


def is_video(data: bytes) -> bool:
    """Whether the first bytes are those of a video container that Moue takes frames from."""
    if data[4:8] == b"ftyp":
        return not is_still(data) and data[8:12] not in (b"crx ", b"M4A ", b"M4B ")
    if data[:4] == b"RIFF":
        return data[8:12] == b"AVI "
    if data[:1] == b"G" and data[:4] != b"GIF8" and len(data) > 376:
        return data[188:189] == data[376:377] == b"G"  # MPEG-TS: each packet of 188 bytes begins with it
    known = any(data.startswith(magic) for magic, name in _FOREIGN if name == "kind_video")
    return known or data[4:8] in _OLD_QUICKTIME


def may_have_frames(head: bytes) -> bool:
    """Whether a file with these first HEAD bytes can hold more than one picture; a cheap check that errs to yes."""
    if head.startswith(SIGNATURE):
        return b"acTL" in head
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return head[12:16] == b"VP8X" and bool(head[20] & 2) if len(head) > 20 else False
    if head[:2] == b"\xff\xd8":
        return b"MPF\0" in head
    if is_still(head):
        brands = brands_of(head)
        return b"avis" in brands or not brands & AV1_BRANDS
    return head[:4] in (b"GIF8", b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")


def looks_like_image(data: bytes, name: str) -> bool:
    """True where the first bytes or the name claim a photo format that Moue reads."""
    suffix = PurePath(name).suffix[1:].lower()
    claimed = bool(suffix) and f" {suffix} " in _SUFFIXES
    riff_webp = data[:4] == b"RIFF" and data[8:12] == b"WEBP"
    return riff_webp or is_still(data) or data.startswith(_MAGIC) or claimed
