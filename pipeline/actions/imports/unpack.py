"""A data set in a zip, unpacked into a folder that the caller removes."""

from __future__ import annotations

import errno
import re
import stat
import zipfile
from pathlib import Path
from typing import IO, Final

from pipeline.core.durable import make_below
from pipeline.core.errors import UsageError
from pipeline.core.messages import message
from pipeline.files.archives.damaged import DAMAGED, why_damaged
from pipeline.files.archives.member_names import is_folder, member_name, names_encoding
from pipeline.files.blobs import storage_error
from pipeline.sources.zips import ENCRYPTED_FLAG, METHODS, open_archive, why_unopened

MOST_BYTES: Final = 64 << 30
"""Of all members, unpacked."""
MOST_MEMBERS: Final = 2_000_000
_FREE_BYTES: Final = 64 << 20
_MOST_RATIO: Final = 100
"""Unpacked bytes a packed one, beyond `_FREE_BYTES`: pictures hardly shrink, annotations do tenfold."""
_CHUNK: Final = 1 << 20
_DRIVE: Final = re.compile(r"^[A-Za-z]:")


def unpack(archive_path: Path, folder: Path) -> Path:
    """Unpack into a new folder, and return it.

    Raises UsageError for an archive that is damaged or lays traps, before or while it is unpacked, and StorageError.
    """
    try:
        folder.mkdir()
    except OSError as e:
        raise storage_error(e, str(folder)) from e
    _unpack(archive_path, folder)
    return folder


def _unpack(archive_path: Path, folder: Path) -> None:
    with _whole(archive_path) as archive:
        most = min(MOST_BYTES, _FREE_BYTES + _MOST_RATIO * archive_path.stat().st_size)
        infos = archive.infolist()
        if len(infos) > MOST_MEMBERS or sum(info.file_size for info in infos) > most:
            raise UsageError(message("import_archive_bomb", file=archive_path, most=most >> 20))
        encoding = names_encoding(infos)
        left = most
        targets = [(info, _target(folder, info, member_name(info, encoding), archive_path)) for info in infos]
        for info, target in targets:
            if target is not None:
                left = _unpack_member(archive, info, target, folder, (left, most))


def _whole(archive_path: Path) -> zipfile.ZipFile:
    """Raises UsageError for what is no whole zip."""
    try:
        return open_archive(archive_path)
    except (zipfile.BadZipFile, OSError) as e:
        why = why_unopened(archive_path, e)[1]
        raise UsageError(message("import_archive_broken", file=archive_path, why=why)) from e


def _unpack_member(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, target: Path, folder: Path, bytes_left: tuple[int, int]
) -> int:
    """bytes_left: that may still be unpacked, and of how many; those left are returned. Raises UsageError, as an ingest
    says it, for a member that is damaged, encrypted or packed in a way not read; StorageError."""
    place, name = Path(str(archive.filename)), target.relative_to(folder).as_posix()
    try:
        if info.flag_bits & ENCRYPTED_FLAG:
            raise UsageError(message("import_archive_member", file=place, name=name, why=message("member_encrypted")))
        with archive.open(info) as stream, _created(target, folder, place) as out:
            return _copy(stream, out, bytes_left, place, name)
    except NotImplementedError as e:
        why = message("member_compression", why=METHODS.get(info.compress_type, e))
        raise UsageError(message("import_archive_member", file=place, name=name, why=why)) from e
    except DAMAGED as e:
        why = message("member_damaged", why=why_damaged(e))
        raise UsageError(message("import_archive_member", file=place, name=name, why=why)) from e
    except OSError as e:
        raise storage_error(e, str(place)) from e


def _created(target: Path, folder: Path, archive_path: Path) -> IO[bytes]:
    """A new file. Raises UsageError where the archive has it already, maybe as a folder, or no disk takes the name."""
    try:
        make_below(folder, target.parent)
        return target.open("xb")
    except (FileExistsError, NotADirectoryError) as e:
        name = str(target.relative_to(folder))
        raise UsageError(message("import_archive_twice", file=archive_path, name=name)) from e
    except OSError as e:
        if e.errno not in (errno.ENAMETOOLONG, errno.EINVAL, errno.EILSEQ):
            raise
        raise UsageError(message("import_archive_broken", file=archive_path, why=e.strerror or e)) from e


def _copy(stream: IO[bytes], out: IO[bytes], bytes_left: tuple[int, int], archive_path: Path, name: str) -> int:
    """What may still be unpacked; what a header says of the size may be a lie."""
    left, most = bytes_left
    while chunk := _read(stream, archive_path, name):
        left -= len(chunk)
        if left < 0:
            raise UsageError(message("import_archive_bomb", file=archive_path, most=most >> 20))
        out.write(chunk)
    return left


def _read(stream: IO[bytes], archive_path: Path, name: str) -> bytes:
    try:
        return stream.read(_CHUNK)
    except OSError as e:  # how bzip2 says that its bytes are wrong
        why = message("member_damaged", why=why_damaged(e))
        raise UsageError(message("import_archive_member", file=archive_path, name=name, why=why)) from e


def _target(folder: Path, info: zipfile.ZipInfo, name: str, archive_path: Path) -> Path | None:
    """Where a member goes, None for a folder. Raises UsageError for a name that leads out, and for what is no file."""
    raw = info.filename.replace("\\", "/")
    if raw.startswith("/") or _DRIVE.match(raw) or ".." in raw.split("/") or "\0" in name:
        raise UsageError(message("import_path_outside", file=archive_path, name=raw[:200]))
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise UsageError(message("import_archive_link", file=archive_path, name=raw[:200]))
    if is_folder(info, name) or raw.endswith("/") or name.endswith("/"):
        return None
    return folder.joinpath(*(part for part in name.split("/") if part not in ("", ".")))
