"""Texts that lie under a photo's name, by what they are: pages of errors, pointers of Git LFS, JSON, lists …"""

from __future__ import annotations

import codecs
import re
from typing import Final

from pipeline.core.messages import Message, message

_HEAD: Final = 4096
_SHORT: Final = 64
"""Bytes from which noise is no more likely to look like text in some 8-bit coding."""
_ERASED: Final = 0xFF
"""What a memory card holds where nothing is written; in no text is it most of the bytes."""
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF32_LE, "utf-32-le"), (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"),
)  # fmt: skip
_PORTABLE_PIXMAP: Final = re.compile(r"P[1-7Ff]\s")
_COMMENTS: Final = re.compile(r"(?:[\s\ufeff]|<!--.*?-->|<\?.*?\?>)+", re.DOTALL)
_XML: Final = re.compile(r"\s*<\?xml|\s*<[a-z][\w.:-]*(?:\s[^<>]*)?/?>", re.IGNORECASE)
_HTML: Final = re.compile(
    r"<(?:!doctype\s+html|html|head|body|title|meta|script|style|center|table|div|span|font|br|hr|pre|p|b|a|h[1-6])[\s/>]",
    re.IGNORECASE,
)
_PAGE: Final = re.compile(r"<!doctype\s+html|<html[\s>]", re.IGNORECASE)
_SVG: Final = re.compile(r"<(?:\w+:)?svg[\s/>]|<!doctype\s+svg", re.IGNORECASE)
_JSON: Final = re.compile(r'\{\s*(?:"|\}|$)|\[\s*(?:["\[{\]]|-?\d|true|false|null|$)')
_UP: Final = re.compile(r"^(?:\.\./)+")
_BEGINNINGS: Final = (
    ("version https://git-lfs.github.com/spec/", "kind_git_lfs"),
    ("version https://hawser.github.com/spec/", "kind_git_lfs"),
    ("/annex/objects/", "kind_git_annex"),
    ("../.git/annex/objects/", "kind_git_annex"),
    (".git/annex/objects/", "kind_git_annex"),
    ("[InternetShortcut]", "kind_web_shortcut"),
    ("[Desktop Entry]", "kind_shortcut"),
    ("{\\rtf", "kind_rtf_document"),
    ("%PDF", "kind_pdf"),
    ("%!PS", "kind_postscript"),
    ("data:image/", "kind_base64_photo"),
    ("/9j/", "kind_base64_photo"),
    ("iVBORw0KGgo", "kind_base64_photo"),
    ("R0lGODdh", "kind_base64_photo"),
    ("R0lGODlh", "kind_base64_photo"),
    ("HTTP/", "kind_web_answer"),
    ("outs:\n- md5:", "kind_dvc"),
    ("outs:\n- hash:", "kind_dvc"),
    ("MIME-Version:", "kind_mhtml"),
    ("From: <Saved by", "kind_mhtml"),
)  # fmt: skip


def describe_text(data: bytes) -> Message | None:
    """In a few words what a text is, whatever its coding; None where the bytes are no text, or a picture as text."""
    code = _text_code(data)
    return message(code) if code else None


def _text_code(data: bytes) -> str | None:
    text = (_text_of(data[:_HEAD]) or "").lstrip("\ufeff")
    if not text or _PORTABLE_PIXMAP.match(text):
        return None
    lead = _COMMENTS.match(text)
    inner = text[lead.end() :] if lead else text
    for beginning, name in _BEGINNINGS:
        if inner.startswith(beginning) or _UP.sub("", inner).startswith(beginning):
            return name
    if inner.startswith("<") or text.lstrip().startswith("<!--"):
        return _described_markup(text, inner)
    if _PAGE.search(inner):
        return "kind_web_page"
    return "kind_json_file" if _JSON.match(inner) else "kind_xml_file" if _XML.match(text) else "kind_plain_text"


def _described_markup(text: str, inner: str) -> str:
    svg, page = _SVG.search(inner), _PAGE.search(inner)
    if _HTML.match(inner) or (page and not (svg and svg.start() < page.start())):
        return "kind_web_page"
    if svg:
        return "kind_svg_drawing"
    return "kind_xml_file" if _XML.match(text) or _XML.match(inner) else "kind_plain_text"


def _text_of(head: bytes) -> str | None:
    """The first characters; None where some of the bytes are no text."""
    for mark, coding in _MARKS:
        if head.startswith(mark):
            return _printable(_decoded(head[len(mark) :], coding))
    wide = _wide(head)
    if wide:
        return _printable(_decoded(head, wide))
    text = _printable(_decoded(head, "utf-8"))
    if text is None and len(head) >= _SHORT and 2 * head.count(_ERASED) < len(head):
        text = _printable("".join(map(chr, head)).translate(_UPPER))
    return text


_INVISIBLE: Final = "\x1b\ufeff\u200b\u200c\u200d\u200e\u200f\xad"
_NO_TEXT: Final = "\x0b\x1c\x1d\x1e\x1f"  # Python counts them as blanks
_UPPER: Final = {code: "\xbf" for code in range(0x80, 0x100)}
"""Of an unknown 8-bit coding (GBK, Latin 1 …) only ASCII is looked at."""


def _wide(head: bytes) -> str:
    """UTF-16 without a mark: every other byte of the first few is zero."""
    first = head[:32]
    if len(first) >= 8 and not any(first[1::2]) and all(first[0::2]):
        return "utf-16-le"
    return "utf-16-be" if len(first) >= 8 and not any(first[0::2]) and all(first[1::2]) else ""


def _decoded(head: bytes, coding: str) -> str | None:
    """Without what the cut-off head has of its last character."""
    try:
        return codecs.getincrementaldecoder(coding)().decode(head)
    except UnicodeDecodeError:
        return None


def _printable(text: str | None) -> str | None:
    """The text where it is not empty and each of its characters is shown somehow, else None."""
    if not text or any(c in _NO_TEXT or not (c.isprintable() or c.isspace() or c in _INVISIBLE) for c in text):
        return None
    return text
