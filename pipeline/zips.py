"""Zip archives as a source: members are unpacked one at a time, capped, with their names put right."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final

from pipeline.blobs import storage_error
from pipeline.records import ImageRef, Outcome

_UTF8_FLAG: Final = 0x800
_ENCRYPTED_FLAG: Final = 0x1
_CHUNK: Final = 1 << 20


def zip_members(archive_path: Path, spool: Path, max_bytes: int) -> Iterator[ImageRef]:
    """One ImageRef a member that is a regular file; its `path` is a spooled copy below `spool`.

    A damaged archive is one `undecodable` ref. Raises StorageError where the spool cannot be written.
    """
    try:
        archive = zipfile.ZipFile(archive_path)
    except (zipfile.BadZipFile, OSError) as e:
        reason = f"the zip cannot be opened: {e}"
        size = archive_path.stat().st_size if archive_path.exists() else 0
        yield ImageRef(str(archive_path), str(archive_path), size, failure=(Outcome.UNDECODABLE, reason))
        return
    spool.mkdir(parents=True, exist_ok=True)
    with archive:
        taken: set[str] = set()
        for info in archive.infolist():
            if info.is_dir() or stat.S_ISLNK(info.external_attr >> 16):
                continue
            name = member_name(info)
            while name in taken:  # an archive may hold one name twice; each member is met
                name += "'"
            taken.add(name)
            yield _spool_member(archive, info, f"{archive_path}!{name}", spool, max_bytes)


def member_name(info: zipfile.ZipInfo) -> str:
    """The member's name: UTF-8 where it is flagged or decodes so, else GB18030, else cp437 as the format says."""
    if info.flag_bits & _UTF8_FLAG:
        return info.filename
    try:
        raw = info.filename.encode("cp437")
    except UnicodeEncodeError:
        return info.filename
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return info.filename


def archive_mtime(archive: zipfile.ZipFile) -> int:
    """The archive's own time, nanoseconds: a changed archive makes all its members worth another look."""
    return os.stat(archive.filename).st_mtime_ns if archive.filename else 0


def _spool_member(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, location: str, spool: Path, max_bytes: int
) -> ImageRef:
    failure: tuple[Outcome, str] | None = None
    path = Path(location)
    if info.flag_bits & _ENCRYPTED_FLAG:
        failure = (Outcome.UNSUPPORTED, "the member is encrypted: unpack the archive yourself and give the folder")
    elif info.file_size > max_bytes:
        failure = (Outcome.TOO_LARGE, f"the member has {info.file_size:,} bytes, more than the cap of {max_bytes:,}")
    else:
        descriptor, spooled = tempfile.mkstemp(prefix="member-", suffix=Path(info.filename).suffix[:8], dir=spool)
        path = Path(spooled)
        with os.fdopen(descriptor, "wb") as target:
            failure = _unpack(archive, info, target, max_bytes)
        if failure is not None:
            path.unlink()
    mtime = archive_mtime(archive)
    return ImageRef(str(path), location, info.file_size, mtime, spooled=failure is None, failure=failure)


def _unpack(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, target: IO[bytes], max_bytes: int
) -> tuple[Outcome, str] | None:
    try:
        with archive.open(info) as stream:
            copied = 0
            while chunk := stream.read(_CHUNK):
                copied += len(chunk)
                if copied > max_bytes:
                    return Outcome.TOO_LARGE, f"the member unpacks to more than the cap of {max_bytes:,} bytes"
                _write(target, chunk)
    except NotImplementedError as e:
        return Outcome.UNSUPPORTED, f"the member's compression is not supported: {e}"
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError) as e:
        return Outcome.UNDECODABLE, f"the member is damaged: {e or type(e).__name__}"
    return None


def _write(target: IO[bytes], chunk: bytes) -> None:
    try:
        target.write(chunk)
    except OSError as e:
        raise storage_error(e, "an unpacked zip member") from e


def clear_spool(spool: Path) -> None:
    """Remove what a killed run left behind."""
    shutil.rmtree(spool, ignore_errors=True)
