"""What lies under a photo's name and is none is called by what it is, in whatever coding it is written."""

from __future__ import annotations

import codecs
import io
import tarfile
import zipfile
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from pipeline.core.errors import UndecodableError, UnsupportedError
from pipeline.core.messages import Message
from pipeline.core.outcome import Outcome
from pipeline.core.records import ImageRef, Settings
from pipeline.pixels.decode import decode
from pipeline.pixels.sniff import describe_foreign
from pipeline.pixels.texts import describe_text
from pipeline.run.process_image import process_image
from tests.pipeline.photos import encoded

LFS: Final = "version https://git-lfs.github.com/spec/v1\noid sha256:" + "a" * 64 + "\nsize 12345\n"
LFS_NAME: Final = "a Git LFS pointer, which `git lfs pull` replaces by the photo"
TEXTS: Final = {
    LFS: LFS_NAME,
    LFS.replace("\n", "\r\n"): LFS_NAME,
    "/annex/objects/SHA256E-s1--ab.jpg\n": "a git-annex pointer, which `git annex get` replaces by the photo",
    "../../../.git/annex/objects/Xx/S-s1.jpg": "a git-annex pointer, which `git annex get` replaces by the photo",
    "<!DOCTYPE html><html><body>403</body></html>": "a web page",
    "<!-- cached --><!DOCTYPE html><html></html>": "a web page",
    "<!-- one --> <!-- two\n--><HTML lang='de'>": "a web page",
    '<?xml version="1.0"?><!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0//EN"><html/>': "a web page",
    "<br />\n<b>Warning</b>: mysql_connect() in /srv/index.php on line 3<br />": "a web page",
    "<head><title>404 Not Found</title></head>": "a web page",
    "PHP Warning: no such thing\n<html><body/></html>": "a web page",
    '{"error": {"code": 403, "message": "not found"}}': "a JSON file",
    '[{"id": 1}]': "a JSON file",
    '{\n  "a": null\n}': "a JSON file",
    "[1, 2, 3]": "a JSON file",
    '<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>': "an XML file",
    "<!-- made by hand --><note><body>text</body></note>": "an XML file",
    "<rss version='2.0'><channel/></rss>": "an XML file",
    '<?xml version="1.0"?>\n<!-- ink --><svg xmlns="http://www.w3.org/2000/svg"/>': "an SVG drawing",
    '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "x"><svg/>': "an SVG drawing",
    "<svg:svg xmlns:svg='http://www.w3.org/2000/svg'/>": "an SVG drawing",
    "not a photo\n": "plain text",
    "404": "plain text",
    "Grüße aus Köln, 日本語, فارسی\u200cها\n": "plain text",
    "name,label\na.jpg,smile\n": "plain text",
    "{\\rtf1\\ansi hello}": "an RTF document",
    "data:image/jpeg;base64,/9j/4AAQSkZJRg==": "a photo written as text (base64)",
    "/9j/4AAQSkZJRgABAQEASABIAAD=\n": "a photo written as text (base64)",
    "iVBORw0KGgoAAAANSUhEUgAA\nAAEAAAAB": "a photo written as text (base64)",
    "outs:\n- md5: 0123\n  size: 9\n  path: a.jpg\n": "a DVC pointer, which `dvc pull` replaces by the photo",
    "HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\n\r\n": "a web server's answer with its headers",
    "[InternetShortcut]\r\nURL=http://a.example/1.jpg\r\n": "a shortcut to a web page",
    "From: <Saved by Blink>\r\nMIME-Version: 1.0\r\n": "a saved web page (MHTML)",
    "%PDF-1.7\n%": "a PDF",
}  # fmt: skip
CODINGS: Final = {
    "plain": ("utf-8", b""), "UTF-8 with a mark": ("utf-8", codecs.BOM_UTF8),
    "UTF-16 LE": ("utf-16-le", codecs.BOM_UTF16_LE), "UTF-16 BE": ("utf-16-be", codecs.BOM_UTF16_BE),
    "UTF-32 LE": ("utf-32-le", codecs.BOM_UTF32_LE),
}  # fmt: skip


def words(kind: Message | None) -> str | None:
    """In English."""
    return None if kind is None else kind.text


@pytest.mark.parametrize("coding", CODINGS)
@pytest.mark.parametrize("blanks", ["", "\n \t\r\n", "\ufeff"])
@pytest.mark.parametrize("text", TEXTS)
def test_a_text_by_what_it_is(text: str, blanks: str, coding: str) -> None:
    name, mark = CODINGS[coding]
    data = mark + (blanks + text).encode(name)
    assert words(describe_foreign(data)) == TEXTS[text]
    for called in ("photo.jpg", "photo.png", "photo.tga", "photo"):
        with pytest.raises(UnsupportedError) as refused:
            decode(data, called, Settings())
        assert TEXTS[text] in str(refused.value)


@pytest.mark.parametrize("coding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_a_mark(coding: str) -> None:
    assert words(describe_foreign("<!DOCTYPE html><html>".encode(coding))) == "a web page"
    assert words(describe_foreign(LFS.encode(coding))) == LFS_NAME


def test_other_codings_and_long_texts() -> None:
    assert words(describe_foreign(("<html><title>" + "找不到页面" * 20).encode("gbk"))) == "a web page"
    assert words(describe_foreign(("déjà vu, " * 20).encode("latin-1"))) == "plain text"
    assert words(describe_foreign(("ä" * 100_000).encode())) == "plain text"  # the head ends within a character
    assert words(describe_foreign(b"x" + ("ä" * 100_000).encode())) == "plain text"
    assert (
        words(describe_foreign(("<!-- " + "x" * 10_000).encode())) == "plain text"
    )  # nobody knows what comes behind it


def zipped(name: str, data: bytes = b"") -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr(name, data)
    return stream.getvalue()


def tarred() -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("a.jpg"))
    return stream.getvalue()


@pytest.mark.parametrize(("data", "expected"), [
    (zipped("a.jpg"), "a zip archive"), (zipped("[Content_Types].xml"), "an Office document"),
    (zipped("mimetype", b"application/epub+zip"), "an e-book"), (b"PK\5\6" + bytes(18), "an empty zip archive"),
    (tarred(), "a tar archive"), (b"BZh91AY&SY", "bzip2 data"),
    (b"\xfd7zXZ\0\0\4", "xz data"), (b"\x1f\x8b\x08\0", "gzip data"),
    (b"\n\n  %PDF-1.4\n%\xe2\xe3\xcf\xd3\n", "a PDF"), (b"\xef\xbb\xbf%PDF-1.4\n%\xe2\xe3\xcf\xd3", "a PDF"),
    (b"RIFF\x24\0\0\0WAVEfmt ", "a sound file"), (b"ID3\3\0\0\0", "a sound file"), (b"fLaC\0\0\0\x22", "a sound file"),
    (bytes(128) + b"DICM" + bytes(8), "a DICOM file"), (b"\x93NUMPY\1\0v\0", "a NumPy array"),
    (b"bplist00\xd4", "a property list of macOS"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(24), "an old Office document or Windows' Thumbs.db"),
    (b"\0\5\x16\7\0\2\0\0Mac OS X        ", "what macOS keeps beside a file (AppleDouble)"),
    (b"\x4c\0\0\0\1\x14\2\0\0\0\0\0\xc0", "a shortcut of Windows"), (b"\x7fELF\2\1\1", "a program"),
    (b"qoif\0\0\0\1", "a QOI photo"), (b"II\xbc\1\x20\0\0\0", "a JPEG XR photo"),
    (b"MZ\x90\0\3\0\0\0", "a program"), (b"MSCF\0\0\0\0", "a cabinet of Windows (an archive)"),
    (b"\x22\0-lh5-\x10\0", "an LHA archive"), (b"icns\0\0\x10\0", "an icon of macOS"),
    (b"\x0a\5\1\x08\0\0", "a PCX picture"), (b"\1\xda\1\1\0\3", "an SGI picture"),
    (b"\x59\xa6\x6a\x95\0\0", "a Sun raster picture"), (b"P7\nWIDTH 2\nHEIGHT 1\n", "a PAM picture"),
    (b"PF\n2 1\n-1.0\n" + bytes(24), "a PFM picture"), (b"\x8aMNG\r\n\x1a\n", "an MNG animation"),
    (b"\x8bJNG\r\n\x1a\n", "a JNG picture"),
    (b"\0\0\2\0\1\0\x20\x20\0\0\0\0\0\0\x10\0\0\0\x16\0\0\0" + bytes(16), "a mouse cursor"),
    (b"RIFF\x10\0\0\0ACONanih", "a mouse cursor"), (b"\7\x08V2\x08\7" + bytes(range(9)), "encrypted"),
    (bytes(one ^ 0x5A for one in b"\xff\xd8\xff\xe0\0\x10JFIF\0"), "encrypted"),
])  # fmt: skip
def test_other_files_by_what_they_are(data: bytes, expected: str) -> None:
    assert expected in (words(describe_foreign(data)) or "")
    with pytest.raises(UnsupportedError) as refused:
        decode(data, "photo.jpg", Settings())
    assert expected in str(refused.value)


@pytest.mark.parametrize("kind", ["P1", "P2", "P3", "P4", "P5", "P6"])
def test_a_picture_written_as_text_is_none(kind: str) -> None:
    assert describe_text(f"{kind}\n# made by hand\n2 1\n255\n0 255\n".encode()) is None


def test_a_cut_off_picture_written_as_text_is_damaged() -> None:
    with pytest.raises(UndecodableError):
        decode(b"P2\n40 40\n255\n0 255 17", "x.pgm", Settings())


@pytest.mark.parametrize("data", [b"\xff" * 4096, b"holiday \n" + b"\xff" * 4000])
def test_what_an_erased_memory_card_holds_is_no_text(data: bytes) -> None:
    assert describe_text(data) is None
    with pytest.raises(UndecodableError):
        decode(data, "recovered.jpg", Settings())


@given(st.binary(min_size=64, max_size=300))
def test_noise_is_hardly_ever_called_a_text(noise: bytes) -> None:
    controls = sum(b < 32 and b not in b"\t\n\r\f\x1b" for b in noise)
    if controls > 40:  # of UTF-16 half of the bytes may be zero: then the rest is letters
        assert words(describe_text(noise)) in (None, "plain text")
    if b"\0\1\2" in noise:
        assert describe_text(noise) is None


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF", "PPM", "TGA", "ICO", "JPEG2000"])
def test_half_a_photo_is_damaged_and_no_text(kind: str) -> None:
    data = encoded(Image.effect_noise((64, 64), 90).convert("RGB"), kind)
    for part in (data[: len(data) // 2], data[:80]):
        with pytest.raises(UndecodableError):
            decode(part, f"x.{kind.lower()}", Settings())
    with pytest.raises(UndecodableError):
        decode(b"\xff\xd8\xff\xe0\0\x10JFIF\0" + b"words and words and words " * 20, "x.jpg", Settings())


def test_the_outcome_names_it(tmp_path: Path) -> None:
    file = tmp_path / "lfs.jpg"
    file.write_text(LFS)
    outcome = process_image(ImageRef(str(file), str(file), file.stat().st_size), Settings())
    assert outcome.outcome is Outcome.UNSUPPORTED
    assert LFS_NAME in str(outcome.reason)
