"""Zip archives as a source: members are unpacked one at a time, capped, with their names put right."""

from __future__ import annotations

import os
import shutil
import stat
import struct
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import IO, Final

from pipeline.core.durable import make_folder
from pipeline.core.messages import Message, message
from pipeline.core.names import plain_parts
from pipeline.core.outcome import Outcome
from pipeline.core.records import ImageRef
from pipeline.core.system.regular import open_regular
from pipeline.files.archives.behind_the_end import end_of_zip
from pipeline.files.archives.damaged import DAMAGED, why_damaged
from pipeline.files.archives.glued import members_before, start_of
from pipeline.files.archives.member_names import is_folder, member_name, names_encoding
from pipeline.files.archives.wrong_flags import UnflaggedZip
from pipeline.files.blobs import storage_error
from pipeline.pixels.sniff import HEAD, describe_foreign
from pipeline.sources.passed_over import MARK_BYTES, own_members, passed_member

ENCRYPTED_FLAG: Final = 0x1
_MEMBER: Final = b"PK\x03\x04"
_CHUNK: Final = 1 << 20
_DAMAGED: Final = (*DAMAGED, OSError)
_SPECIAL: Final = (stat.S_IFIFO, stat.S_IFSOCK, stat.S_IFCHR, stat.S_IFBLK)
METHODS: Final = {
    1: "Shrink", 6: "Implode", 9: "Deflate64", 20: "Zstandard", 93: "Zstandard", 94: "MP3", 95: "XZ", 96: "JPEG",
    97: "WavPack", 98: "PPMd", 99: "AES",
}  # fmt: skip
"""Of APPNOTE 4.4.5 those that are met and cannot be unpacked here."""


def zip_members(
    archive_path: Path, spool: Path, max_bytes: int, is_finished: Callable[[ImageRef], bool] = lambda _: False
) -> Iterator[ImageRef]:
    """One ImageRef a member that is no folder; the `path` of a regular file is a spooled copy below `spool`.

    is_finished: members for which it is true are not unpacked; their `path` says where they are. A damaged archive is
    one `undecodable` ref; of one that holds nothing, or only what is passed over, the last ref says so. Raises
    StorageError where the spool cannot be written.
    """
    try:
        archive = open_archive(archive_path)
    except (zipfile.BadZipFile, OSError) as e:
        yield ImageRef(str(archive_path), str(archive_path), _size(archive_path), failure=why_unopened(archive_path, e))
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
        holds_any = False
        for info, name, passed_over in zip(infos, names, _reasons(archive, infos, names), strict=True):
            location = f"{archive_path}!{name}"
            packed = ImageRef(location, location, info.file_size, mtime, member=name)
            if passed_over:
                yield replace(packed, failure=(Outcome.PASSED_OVER, passed_over))
            else:
                holds_any = True
                yield packed if is_finished(packed) else _spool_member(archive, info, packed, spool, max_bytes)
        if not holds_any:
            reason = message("zip_passed_over", n=len(infos)) if infos else message("zip_empty")
            at = str(archive_path)
            yield ImageRef(at, at, _size(archive_path), failure=(Outcome.UNAVAILABLE, reason))


def _size(path: Path) -> int:
    """Bytes; 0 where it is gone, or closed."""
    try:
        return path.stat().st_size
    except OSError:
        return 0


def count_members(archive_path: Path) -> int:
    """How many refs `zip_members` will give. Raises BadZipFile, OSError."""
    with open_archive(archive_path) as archive:
        infos = file_members(archive)
        encoding = names_encoding(archive.infolist())
        names = [member_name(info, encoding).rstrip("/") for info in infos]
        return len(infos) + all(_reasons(archive, infos, names))


def _reasons(
    archive: zipfile.ZipFile, infos: Sequence[zipfile.ZipInfo], names: Sequence[str]
) -> Iterator[Message | None]:
    """Why each member is passed over, None where it is not; by where its name leads, not by how it is written."""
    plain = ["/".join(plain_parts(name)) for name in names]
    own = own_members(plain, lambda number: _head(archive, infos[number]))
    for info, name in zip(infos, plain, strict=True):
        yield passed_member(name, own) or _special(info)


def why_unopened(path: Path, error: Exception) -> tuple[Outcome, Message]:
    """Why an archive gives nothing: it may not be read, is another kind of file under a zip's name, or damaged."""
    try:
        with open_regular(path) as stream:
            head = stream.read(HEAD)
    except OSError as e:
        return Outcome.UNAVAILABLE, message("file_unreadable", why=e.strerror or e)
    foreign = None if head.startswith(b"PK") else describe_foreign(head)
    if foreign is not None and foreign.code != "kind_plain_text":
        return Outcome.UNSUPPORTED, message("foreign_file", what=foreign)
    if isinstance(error, CutZipError):
        return Outcome.UNDECODABLE, message("zip_cut")
    if isinstance(error, zipfile.BadZipFile):  # its own words are English, and for programmers
        return Outcome.UNDECODABLE, message("zip_list_damaged")
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
    """Also one whose names are not the UTF-8 that it says, or with more behind it; of several that stand one behind the
    other, with the members of all. Raises BadZipFile for what is wrong inside, OSError."""
    try:
        archive = _opened(path)
    except (ValueError, NotImplementedError, EOFError, struct.error) as e:
        raise zipfile.BadZipFile(str(e) or type(e).__name__) from e
    try:
        before = members_before(path, archive)
        if not before and _is_cut(archive):
            raise CutZipError("the list of its members is missing")
        archive.filelist[:0] = before
    except BaseException:
        archive.close()
        raise
    return archive


def _opened(path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except UnicodeDecodeError:
        return UnflaggedZip(path)
    except zipfile.BadZipFile:
        if (end := end_of_zip(path)) is None:
            raise
        return UnflaggedZip(path, end)


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
    return not archive.infolist() or bool(start_of(archive))


def file_members(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """The members that are no folders: files, and links and the like, which hold no photo."""
    encoding = names_encoding(archive.infolist())
    return [info for info in archive.infolist() if not is_folder(info, member_name(info, encoding))]


def file_names(archive: zipfile.ZipFile) -> list[str]:
    """The names of `file_members`, `/` between folders."""
    encoding = names_encoding(archive.infolist())
    return [member_name(info, encoding) for info in file_members(archive)]


def _special(info: zipfile.ZipInfo) -> Message | None:
    """Why a member is no file by its mode; None where it is one, or no mode is told."""
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind == stat.S_IFLNK:
        return message("link_in_zip")
    return message("special_file") if kind in _SPECIAL else None


def archive_mtime(archive: zipfile.ZipFile) -> int:
    """The archive's own time, nanoseconds: where it has changed, all its members count as changed."""
    return os.stat(archive.filename).st_mtime_ns if archive.filename else 0


def _spool_member(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, packed: ImageRef, spool: Path, max_bytes: int
) -> ImageRef:
    failure: tuple[Outcome, Message] | None = None
    path = Path(packed.path)
    if info.flag_bits & ENCRYPTED_FLAG:
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
        why = METHODS.get(info.compress_type, e)
        return Outcome.UNSUPPORTED, message("member_compression", why=why)
    except _DAMAGED as e:
        return Outcome.UNDECODABLE, message("member_damaged", why=why_damaged(e))
    return None


def _write(target: IO[bytes], chunk: bytes) -> None:
    try:
        target.write(chunk)
    except OSError as e:
        raise storage_error(e, message("written_member")) from e


def clear_spool(spool: Path) -> None:
    """Remove what a killed run left behind."""
    shutil.rmtree(spool, ignore_errors=True)
