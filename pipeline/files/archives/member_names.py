"""The names of a zip's members, in whatever encoding and with whatever separators a program wrote them."""

from __future__ import annotations

import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Sequence
from typing import Final

from pipeline.core.names import plain_parts
from pipeline.files.charset.latin import page_of_names
from pipeline.files.charset.others import is_half_width_kana
from pipeline.files.text_encoding import utf8_or_chinese

_UTF8_FLAG: Final = 0x800
_DOS_FOLDER: Final = 0x10
"""Attribute of a folder (APPNOTE 4.4.15); of Unix programs it is in the mode, too."""
_UNICODE_PATH: Final = 0x7075
_NAMELESS: Final = "nameless"
"""What a member is called whose name is empty, or begins with the NUL at which zipfile cuts it off."""
_DRIVE: Final = re.compile(r"^(?:[\\/]{2}[?.][\\/])?[A-Za-z]:")


def is_folder(info: zipfile.ZipInfo, name: str) -> bool:
    """By its name as it stands or as it is read, or by its mode."""
    told = name.endswith("/") or stat.S_ISDIR(info.external_attr >> 16) or bool(info.external_attr & _DOS_FOLDER)
    return info.filename.endswith("/") or (told and info.file_size == 0)


def names_encoding(infos: Sequence[zipfile.ZipInfo]) -> str:
    """The encoding of an archive's unflagged names: one program wrote them all, so one that is not UTF-8 decides.

    As `text_encoding` tells a text's: UTF-8, or GB18030 where that gives Chinese (an ä of cp437 and the letter behind
    it pass as one rare character), or what Windows writes where people speak Japanese, Korean or Russian or write
    Traditional Chinese, or the page in which most words are of one language with Latin letters; else cp437 as the
    format says, from which the bytes can be had back.
    """
    unflagged = b"\n".join(raw for info in infos if (raw := _raw_name(info)) is not None)
    told = utf8_or_chinese(unflagged)
    if told == "gb18030" and is_half_width_kana(unflagged):
        return "cp932"
    return told or page_of_names(unflagged) or "cp437"


def member_name(info: zipfile.ZipInfo, encoding: str) -> str:
    """The member's name; `encoding` counts where the name is not flagged as UTF-8.

    Where a program of Windows wrote its own separators, folders are parted by `/`, without drive and host, and `..` is
    worked out.
    """
    raw = _raw_name(info)
    name = (info.filename if raw is None else _unicode_path(info, raw) or raw.decode(encoding)) or _NAMELESS
    if "\\" not in name:
        return name
    parts = plain_parts(_DRIVE.sub("", name).replace("\\", "/"))
    if name.endswith(("\\", "/")):
        return "/".join(parts or ".") + "/"
    return "/".join(parts) or name


def _unicode_path(info: zipfile.ZipInfo, raw: bytes) -> str:
    """The name in Info-ZIP's Unicode Path field (APPNOTE 4.6.9), where it belongs to the name `raw`; else ""."""
    extra, at = info.extra, 0
    while at + 4 <= len(extra):
        kind, size = struct.unpack_from("<HH", extra, at)
        field = extra[at + 4 : at + 4 + size]
        if kind == _UNICODE_PATH and field[:1] == b"\1" and field[1:5] == struct.pack("<I", zlib.crc32(raw)):
            return field[5:].decode("utf-8", "replace")
        at += 4 + size
    return ""


def _raw_name(info: zipfile.ZipInfo) -> bytes | None:
    """The bytes of an unflagged name; None where the name is known."""
    if info.flag_bits & _UTF8_FLAG:
        return None
    try:
        return info.filename.encode("cp437")
    except UnicodeEncodeError:
        return None
