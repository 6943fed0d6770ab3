"""The workspace's files, named by content: temporary name, fsync, rename, fsync of the folder."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final, Literal, get_args

from pipeline.core.durable import make_below, missing_folders
from pipeline.core.errors import IntegrityError, StorageError, UnavailableError
from pipeline.core.messages import Message, message, os_message
from pipeline.core.system import calls
from pipeline.core.system.regular import read_regular
from pipeline.files.hashing import hash_file
from pipeline.files.remote import open_location

Kind = Literal["originals", "images", "crops", "thumbs"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
FLUSH_THREADS: Final = 8
_BEING_MADE_S: Final = 120.0
_JPEG_ENDS: Final = (b"\xff\xd8", b"\xff\xd9")
_ID = re.compile(r"[0-9a-f]{32}|[0-9a-f]{64}")
_EXT = re.compile(r"[a-z0-9]{1,5}")


@dataclass(frozen=True, slots=True)
class Blob:
    """One file to be stored: `blob_id` is 32 or 64 lower-case hex digits, `ext` has no dot.

    durable: False for what can be made again, which then costs no fsync.
    """

    kind: Kind
    blob_id: str
    ext: str
    data: bytes
    durable: bool = True


class OtherBytesError(IntegrityError):
    """A file does not hold the bytes that its name, their hash, says."""


def _opened(source: Path | str) -> IO[bytes]:
    try:
        return open_location(source)
    except OSError as e:
        raise UnavailableError(message("file_unreadable", why=e.strerror or e)) from e


def storage_error(error: OSError, what: Message | str) -> StorageError:
    """The StorageError for a failed write of `what`: a full disk and missing permissions are named."""
    return StorageError(os_message(error, "unwritable", what=what))


def _copy(source: IO[bytes], target: IO[bytes]) -> str:
    """Copy to the end, and return the SHA-256, hex, of what went through."""
    digest = hashlib.sha256()
    while some := source.read(1 << 20):
        digest.update(some)
        target.write(some)
    return digest.hexdigest()


def sync_file(path: Path | str) -> None:
    """Make a file's bytes durable."""
    calls.flush_file(path)


def sync_folder(folder: Path) -> None:
    """Make renames inside `folder` durable."""
    calls.flush_folder(folder)


class BlobStore:
    """The content-addressed files below one workspace folder."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def path(self, kind: Kind, blob_id: str, ext: str) -> Path:
        """Where a blob lies (or would lie). Raises ValueError for an id or extension that is not one."""
        if not _ID.fullmatch(blob_id) or not _EXT.fullmatch(ext):
            raise ValueError(f"not a blob name: {kind}/{blob_id}.{ext}")
        return self.root / kind / blob_id[:2] / f"{blob_id}.{ext}"

    def exists(self, kind: Kind, blob_id: str, ext: str) -> bool:
        return os.path.isfile(self.path(kind, blob_id, ext))

    def read(self, kind: Kind, blob_id: str, ext: str) -> bytes:
        """Raises StorageError where the file is gone."""
        target = self.path(kind, blob_id, ext)
        try:
            return read_regular(target)
        except OSError as e:
            raise StorageError(message("blob_unreadable", file=target, why=e.strerror)) from e

    def thumb(self, sha256: str) -> bytes | None:
        """The thumbnail of an image; None where there is none, or one that a power cut left torn: it is made again."""
        try:
            data = read_regular(self.path("thumbs", sha256, "jpg"))
        except OSError:
            return None
        return data if data.startswith(_JPEG_ENDS[0]) and data.endswith(_JPEG_ENDS[1]) else None

    def put(self, kind: Kind, blob_id: str, ext: str, data: bytes) -> Path:
        """Store one blob durably and return its path. Raises StorageError."""
        self.put_many([Blob(kind, blob_id, ext, data)])
        return self.path(kind, blob_id, ext)

    @contextmanager
    def replaced(self, kind: Kind, blob_id: str, ext: str, data: bytes) -> Iterator[None]:
        """Store one blob durably for what is done inside; where that raises, the file is again as it was before."""
        before = self.read(kind, blob_id, ext) if self.exists(kind, blob_id, ext) else None
        self.put(kind, blob_id, ext, data)
        try:
            yield
        except BaseException:
            if before is None:
                self.remove(kind, blob_id, ext)
            else:
                self.put(kind, blob_id, ext, before)
            raise

    def put_many(self, blobs: Iterable[Blob]) -> None:
        """Store blobs durably: all files are flushed, renamed, then each folder once. Raises StorageError.

        Writing the same blob again replaces it by equal bytes, so a repeat after a crash is harmless.
        """
        todo = [(blob, self.path(blob.kind, blob.blob_id, blob.ext)) for blob in blobs]
        folders: set[Path] = set()
        for blob, target in todo:
            synced = self._make_folder(target.parent)
            folders |= synced if blob.durable else set()
        # The file system joins flushes that wait together into one, so several threads flush as fast as one alone.
        with ThreadPoolExecutor(FLUSH_THREADS) as pool:
            for _ in pool.map(self._put_file, *zip(*todo, strict=True)) if todo else ():
                pass
        self._sync(folders)

    @classmethod
    def _put_file(cls, blob: Blob, target: Path) -> None:
        try:
            cls._write(target, blob.data, blob.durable)
        except OSError as e:
            raise storage_error(e, str(target)) from e

    def adopt(self, source: Path | str, blob_id: str, ext: str, *, link: bool) -> Path:
        """Bring `source`, a path or URL, among the originals, durably; it stays where it is.

        blob_id: the SHA-256 of its bytes; a file of that name that does not hold them (a torn one) is written anew.
        link: a hard link where the file system can (a spooled file, removed once its row is committed), else a copy.
        Raises StorageError, OtherBytesError where `source` holds other bytes, and UnavailableError where it cannot be
        opened: it changed or vanished meanwhile.
        """
        target = self.path("originals", blob_id, ext)
        folders = self._make_folder(target.parent)
        try:
            if hash_file(target) != blob_id and not (link and self._link(Path(source), target, blob_id)):
                with _opened(source) as stream:
                    self._write(target, stream, sha256=blob_id)
        except OSError as e:
            raise storage_error(e, str(target)) from e
        self._sync(folders)
        return target

    @staticmethod
    def _link(source: Path, target: Path, sha256: str) -> bool:
        if hash_file(source) != sha256:
            raise OtherBytesError(message("bytes_changed"))
        sync_file(source)
        try:
            os.link(source, target)
        except OSError:
            return False  # another file system, one without hard links, or a torn file there: copied instead
        return True

    def sweep(self) -> int:
        """Remove the temporary files that a killed run left; call it while no job runs. Returns how many."""
        leftovers = [path for kind in KINDS for path in (self.root / kind).glob("??/.new-*")]
        for path in leftovers:
            path.unlink(missing_ok=True)
        return len(leftovers) + self.sweep_thumbs(0)

    def sweep_thumbs(self, older_s: float = _BEING_MADE_S) -> int:
        """Remove unfinished thumbnails, which a power cut can leave also of a job that ended well. Returns how many.

        Those of the last `older_s` seconds are left: an open page makes thumbnails at any time.
        """
        before = time.time() - older_s
        leftovers = [path for path in (self.root / "thumbs").glob(".new-*") if path.stat().st_mtime <= before]
        for path in leftovers:
            path.unlink(missing_ok=True)
        return len(leftovers)

    def remove(self, kind: Kind, blob_id: str, ext: str) -> None:
        with suppress(FileNotFoundError):
            self.path(kind, blob_id, ext).unlink()

    @staticmethod
    def _write(target: Path, data: bytes | IO[bytes], durable: bool = True, sha256: str | None = None) -> None:
        """sha256: what a stream must hold, else OtherBytesError and nothing is written."""
        # what is not flushed may lie about unfinished after a power cut: in one place, where it is found at once
        descriptor, temporary = tempfile.mkstemp(prefix=".new-", dir=target.parent if durable else target.parent.parent)
        try:
            with os.fdopen(descriptor, "wb") as stream:
                if isinstance(data, bytes):
                    stream.write(data)
                elif _copy(data, stream) != sha256:
                    raise OtherBytesError(message("bytes_changed"))
                stream.flush()
                if durable:
                    os.fsync(stream.fileno())
            os.replace(temporary, target)
        except BaseException:
            with suppress(FileNotFoundError):
                os.unlink(temporary)
            raise

    def _make_folder(self, folder: Path) -> set[Path]:
        """The folders to sync once something was renamed into `folder`: it, and the parents of new ones.

        Raises StorageError where the workspace's own folder is gone: made anew, it would look like a workspace.
        """
        if os.path.isdir(folder):
            return {folder}
        with suppress(OSError):
            folder.mkdir()  # nearly always its parent is there: two calls a file instead of five
            return {folder, folder.parent}
        try:
            missing = missing_folders(folder)
            make_below(self.root, folder)
        except FileNotFoundError as e:
            raise StorageError(message("workspace_gone", root=self.root)) from e
        except OSError as e:
            raise storage_error(e, str(folder)) from e
        return {folder, *(new.parent for new in missing)}

    @staticmethod
    def _sync(folders: set[Path]) -> None:
        for folder in folders:
            try:
                sync_folder(folder)
            except OSError as e:
                raise storage_error(e, str(folder)) from e
