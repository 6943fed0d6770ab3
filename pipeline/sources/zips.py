"""Zip archives as a source: members are unpacked one at a time, capped, with their names put right."""

from __future__ import annotations

import os
import re
import shutil
import stat
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import IO, Final

from pipeline.core.durable import make_folder
from pipeline.core.messages import Message, message
from pipeline.core.outcome import Outcome
from pipeline.core.records import ImageRef
from pipeline.files.archives.damaged import DAMAGED
from pipeline.files.blobs import storage_error
from pipeline.files.charset.others import is_half_width_kana, language_of_names
from pipeline.files.text_encoding import utf8_or_chinese
from pipeline.pixels.sniff import HEAD, describe_foreign
from pipeline.sources.passed_over import MARK_BYTES, own_members, passed_member

_UTF8_FLAG: Final = 0x800
_ENCRYPTED_FLAG: Final = 0x1
_UNICODE_PATH: Final = 0x7075
_MEMBER: Final = b"PK\x03\x04"
_LISTED: Final = struct.Struct("<42xI")
"""An entry of the list, as far as where its member begins: zipfile adds to that what stands before the archive."""
_IN_ZIP64: Final = 0xFFFFFFFF
_CHUNK: Final = 1 << 20
_NAMELESS: Final = "nameless"
"""What a member is called whose name is empty, or begins with the NUL at which zipfile cuts it off."""
_DRIVE: Final = re.compile(r"^(?:[\\/]{2}[?.][\\/])?[A-Za-z]:")
_DAMAGED: Final = (*DAMAGED, OSError)
_SPECIAL: Final = (stat.S_IFIFO, stat.S_IFSOCK, stat.S_IFCHR, stat.S_IFBLK)
_METHODS: Final = {
    1: "Shrink", 6: "Implode", 9: "Deflate64", 20: "Zstandard", 93: "Zstandard", 94: "MP3", 95: "XZ", 96: "JPEG",
    97: "WavPack", 98: "PPMd", 99: "AES",
}  # fmt: skip
"""Of APPNOTE 4.4.5 those that are met and cannot be unpacked here."""


def zip_members(
    archive_path: Path, spool: Path, max_bytes: int, is_finished: Callable[[ImageRef], bool] = lambda _: False
) -> Iterator[ImageRef]:
    """One ImageRef a member that is no folder; the `path` of a regular file is a spooled copy below `spool`.

    is_finished: members for which it is true are not unpacked; their `path` says where they are. A damaged
    archive is one `undecodable` ref. Raises StorageError where the spool cannot be written.
    """
    try:
        archive = open_archive(archive_path)
    except (zipfile.BadZipFile, OSError) as e:
        size = archive_path.stat().st_size if archive_path.exists() else 0
        yield ImageRef(str(archive_path), str(archive_path), size, failure=_unopened(archive_path, e))
        return
    try:
        make_folder(spool, inside=spool.parents[1])
    except OSError as e:
        raise storage_error(e, str(spool)) from e
    with archive:
        seen: dict[str, int] = {}
        mtime = archive_mtime(archive)
        infos = file_members(archive)
        encoding = names_encoding(archive.infolist())
        names = [_unique_name(member_name(info, encoding).rstrip("/"), seen) for info in infos]
        own = own_members(names, lambda number: _head(archive, infos[number]))
        for info, name in zip(infos, names, strict=True):
            location = f"{archive_path}!{name}"
            packed = ImageRef(location, location, info.file_size, mtime, member=name)
            if passed_over := passed_member(name, own) or _special(info):
                yield replace(packed, failure=(Outcome.PASSED_OVER, passed_over))
            else:
                yield packed if is_finished(packed) else _spool_member(archive, info, packed, spool, max_bytes)


def _unopened(path: Path, error: Exception) -> tuple[Outcome, Message]:
    """Why an archive gives nothing: it is another kind of file under a zip's name, or damaged."""
    try:
        with path.open("rb") as stream:
            head = stream.read(HEAD)
    except OSError:
        head = b""
    foreign = None if head.startswith(b"PK") else describe_foreign(head)
    if foreign is not None and foreign.code != "kind_plain_text":
        return Outcome.UNSUPPORTED, message("foreign_file", what=foreign)
    if isinstance(error, CutZipError):
        return Outcome.UNDECODABLE, message("zip_cut")
    return Outcome.UNDECODABLE, message("zip_unopened", why=error)


def _head(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    """The first bytes of a member; none where it is damaged or encrypted."""
    try:
        with archive.open(info) as stream:
            return stream.read(MARK_BYTES)
    except (NotImplementedError, *_DAMAGED):
        return b""


def _unique_name(name: str, seen: dict[str, int]) -> str:
    """An archive may hold one name many times; each member gets a name of its own."""
    unique = name
    while unique in seen:
        seen[name] += 1
        unique = f"{name}'" if seen[name] == 2 else f"{name}'{seen[name]}"
    seen[unique] = 1
    return unique


class CutZipError(zipfile.BadZipFile):
    """The end of a zip is missing, and zipfile found the list of a zip within it: that one's members are not all."""


def open_archive(path: Path) -> zipfile.ZipFile:
    """Raises BadZipFile for whatever is wrong inside (a name that is not the UTF-8 it says, a field cut short)."""
    try:
        archive = zipfile.ZipFile(path)
    except (ValueError, NotImplementedError, EOFError, struct.error) as e:
        raise zipfile.BadZipFile(str(e) or type(e).__name__) from e
    try:
        if _is_cut(archive):
            raise CutZipError("the list of its members is missing")
    except BaseException:
        archive.close()
        raise
    return archive


def _is_cut(archive: zipfile.ZipFile) -> bool:
    """Whether the list that was found is another zip's: members lie before the place that it counts from.

    What stands before a zip that unpacks itself is a program. Raises BadZipFile, OSError.
    """
    stream = archive.fp
    if stream is None:
        return False
    stream.seek(0)
    if stream.read(len(_MEMBER)) != _MEMBER:
        return False
    if not archive.infolist():
        return True
    stream.seek(archive.start_dir)
    listed = stream.read(_LISTED.size)
    if len(listed) < _LISTED.size:
        raise zipfile.BadZipFile("a field is cut short")
    (offset,) = _LISTED.unpack(listed)
    return bool(offset != _IN_ZIP64 and offset != archive.infolist()[0].header_offset)


def file_members(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """The members that are no folders: files, and links and the like, which hold no photo."""
    encoding = names_encoding(archive.infolist())
    return [info for info in archive.infolist() if not is_folder(info, member_name(info, encoding))]


def file_names(archive: zipfile.ZipFile) -> list[str]:
    """The names of `file_members`, `/` between folders."""
    encoding = names_encoding(archive.infolist())
    return [member_name(info, encoding) for info in file_members(archive)]


def is_folder(info: zipfile.ZipInfo, name: str) -> bool:
    """By its name as it stands or as it is read, or by its mode."""
    told = name.endswith("/") or stat.S_ISDIR(info.external_attr >> 16)
    return info.filename.endswith("/") or (told and info.file_size == 0)


def _special(info: zipfile.ZipInfo) -> Message | None:
    """Why a member is no file by its mode; None where it is one, or no mode is told."""
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind == stat.S_IFLNK:
        return message("link_in_zip")
    return message("special_file") if kind in _SPECIAL else None


def names_encoding(infos: Sequence[zipfile.ZipInfo]) -> str:
    """The encoding of an archive's unflagged names: one program wrote them all, so one that is not UTF-8 decides.

    As `text_encoding` tells a text's: UTF-8, or GB18030 where that gives Chinese (an ä of cp437 and the letter behind
    it pass as one rare character), or what Windows writes where people speak Japanese, Korean or Russian or write
    Traditional Chinese; else cp437 as the format says.
    """
    unflagged = b"\n".join(raw for info in infos if (raw := _raw_name(info)) is not None)
    told = utf8_or_chinese(unflagged)
    if told == "gb18030" and is_half_width_kana(unflagged):
        return "cp932"
    return told or language_of_names(unflagged) or "cp437"


def member_name(info: zipfile.ZipInfo, encoding: str) -> str:
    """The member's name; `encoding` counts where the name is not flagged as UTF-8.

    Where a program of Windows wrote its own separators, folders are parted by `/`, without drive, host and `..`.
    """
    raw = _raw_name(info)
    name = (info.filename if raw is None else _unicode_path(info, raw) or raw.decode(encoding)) or _NAMELESS
    if "\\" not in name:
        return name
    parts = [part for part in _DRIVE.sub("", name).replace("\\", "/").split("/") if part not in ("", ".", "..")]
    return "/".join(parts) + ("/" if name.endswith(("\\", "/")) else "") if parts else name


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


def archive_mtime(archive: zipfile.ZipFile) -> int:
    """The archive's own time, nanoseconds: where it has changed, all its members count as changed."""
    return os.stat(archive.filename).st_mtime_ns if archive.filename else 0


def _spool_member(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, packed: ImageRef, spool: Path, max_bytes: int
) -> ImageRef:
    failure: tuple[Outcome, Message] | None = None
    path = Path(packed.path)
    if info.flag_bits & _ENCRYPTED_FLAG:
        failure = (Outcome.UNSUPPORTED, message("member_encrypted"))
    elif info.file_size > max_bytes:
        failure = (Outcome.TOO_LARGE, message("member_too_large", size=info.file_size, most=max_bytes))
    else:
        try:
            descriptor, spooled = tempfile.mkstemp(prefix="member-", suffix=Path(info.filename).suffix[:8], dir=spool)
            path = Path(spooled)
            with os.fdopen(descriptor, "wb") as target:
                failure = _unpack(archive, info, target, max_bytes)
        except OSError as e:  # what is wrong with the archive itself is a failure by now
            raise storage_error(e, message("written_member")) from e
        if failure is not None:
            path.unlink()
    return replace(packed, path=str(path), spooled=failure is None, failure=failure)


def _unpack(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, target: IO[bytes], max_bytes: int
) -> tuple[Outcome, Message] | None:
    try:
        with archive.open(info) as stream:
            copied = 0
            while chunk := stream.read(_CHUNK):
                copied += len(chunk)
                if copied > max_bytes:
                    return Outcome.TOO_LARGE, message("member_unpacks_large", most=max_bytes)
                _write(target, chunk)
    except NotImplementedError as e:
        why = _METHODS.get(info.compress_type, e)
        return Outcome.UNSUPPORTED, message("member_compression", why=why)
    except _DAMAGED as e:
        return Outcome.UNDECODABLE, message("member_damaged", why=str(e) or type(e).__name__)
    return None


def _write(target: IO[bytes], chunk: bytes) -> None:
    try:
        target.write(chunk)
    except OSError as e:
        raise storage_error(e, message("written_member")) from e


def clear_spool(spool: Path) -> None:
    """Remove what a killed run left behind."""
    shutil.rmtree(spool, ignore_errors=True)
