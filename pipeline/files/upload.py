"""A folder to where a URL leads (`s3://…`, `gs://…`, `sftp://…`), such that a broken upload goes on where it stopped.

What is there is compared with what shall be there by its hash: the store's own where it tells one (S3's ETag of a file
that was sent in one piece is its MD5), else by reading the file back. So nothing has to be remembered between attempts.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from functools import partial
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from pipeline.core.errors import StorageError, UnavailableError, UsageError
from pipeline.core.messages import message
from pipeline.files.remote import error_words, file_system

_CHUNK: Final = 1 << 20
_AT_ONCE: Final = 16
"""Files on their way at once, where the store's client bears more than one."""
_MD5_DIGITS: Final = 32


class RemoteFolder:
    """The folder behind a URL. Raises UsageError where that cannot be one, StorageError where it cannot be used."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        if urlsplit(url).password:
            raise UsageError(message("url_with_password"))
        try:
            self._fs, self._root = file_system(self.url)
        except UnavailableError as e:
            raise UsageError(message("source_unreadable", place=url, why=e)) from e
        self._listed: dict[str, Mapping[str, Any]] = self._try(self._list)

    @property
    def paths(self) -> frozenset[str]:
        """Of the files that were there when it was opened, relative to it."""
        return frozenset(self._listed)

    def read(self, path: str) -> bytes:
        """A file's bytes."""
        data: bytes = self._try(lambda: self._fs.cat_file(self._at(path)))
        return data

    def put_bytes(self, path: str, data: bytes) -> None:
        """Write one small file."""
        self._try(lambda: self._fs.pipe_file(self._with_parent(path), data))

    def delete(self, paths: Iterable[str]) -> None:
        """Files that are there."""
        for path in paths:
            self._try(partial(self._fs.rm_file, self._at(path)))
            self._listed.pop(path, None)

    def send(self, folder: Path, paths: Iterable[str], tell: Callable[[], None] = lambda: None) -> int:
        """Send these files of `folder`, but for those that are there already, and return how many were sent.

        tell: called in this thread after each one. Several are on their way at once; the first failure ends it.
        """
        wanted = list(paths)
        with ThreadPoolExecutor(_AT_ONCE if getattr(self._fs, "async_impl", False) else 1) as pool:
            waiting = [pool.submit(self._send_one, folder / path, path) for path in wanted]
            sent = 0
            try:
                for one in as_completed(waiting):
                    sent += one.result()
                    tell()
            except BaseException:
                pool.shutdown(wait=True, cancel_futures=True)
                raise
        return sent

    def _send_one(self, source: Path, path: str) -> bool:
        if path in self._listed and self._try(lambda: self._holds(source, path, self._listed[path])):
            return False
        self._try(lambda: self._fs.put_file(str(source), self._with_parent(path)))
        if not self._try(lambda: self._holds(source, path, self._fs.info(self._at(path)))):
            raise StorageError(message("upload_differs", place=f"{self.url}/{path}"))
        return True

    def _holds(self, source: Path, path: str, info: Mapping[str, Any]) -> bool:
        """Whether what is there has the bytes of `source`."""
        if int(info.get("size") or 0) != source.stat().st_size:
            return False
        tag = str(info.get("ETag") or "").strip('"')
        with source.open("rb") as stream:
            if len(tag) == _MD5_DIGITS and tag.isalnum():
                if hashlib.file_digest(stream, lambda: hashlib.md5(usedforsecurity=False)).hexdigest() == tag:
                    return True
                stream.seek(0)  # an ETag of encrypted files looks alike and is no hash of them
            return hashlib.file_digest(stream, "sha256").hexdigest() == self._digest(path)

    def _digest(self, path: str) -> str:
        total = hashlib.sha256()
        with self._fs.open(self._at(path), "rb") as stream:
            while part := stream.read(_CHUNK):
                total.update(part)
        return total.hexdigest()

    def _list(self) -> dict[str, Mapping[str, Any]]:
        if not self._fs.exists(self._root):
            return {}
        found = self._fs.find(self._root, detail=True)
        start = self._root.strip("/")
        listed = {name.strip("/").removeprefix(start).lstrip("/"): info for name, info in found.items()}
        return {path: info for path, info in listed.items() if path}  # S3 lists an empty marker of the folder itself

    def _at(self, path: str) -> str:
        return f"{self._root.rstrip('/')}/{path}"

    def _with_parent(self, path: str) -> str:
        """Where it goes, in a folder that is there. Object stores have none, and S3 would make a bucket."""
        place = self._at(path)
        if not getattr(self._fs, "async_impl", False):
            self._fs.makedirs(place.rpartition("/")[0], exist_ok=True)
        return place

    def _try(self, do: Callable[[], Any]) -> Any:
        try:
            return do()
        except StorageError:
            raise
        except Exception as e:
            raise StorageError(message("upload_failed", place=self.url, why=error_words(e))) from e
