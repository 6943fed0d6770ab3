"""The files of a release while it is written: each is hashed on its way to the disk."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from pipeline.export.release.release_file import FileDigest


class ReleaseWriter:
    """Writes below the folder `root` and knows what it wrote. Its methods raise OSError."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self.written: dict[str, FileDigest] = {}

    def folder(self, path: str) -> None:
        """Make a folder, with its parents, that may stay empty."""
        (self._root / path).mkdir(parents=True, exist_ok=True)

    def put(self, path: str, data: bytes) -> None:
        """Write a file. path: relative to the root, with forward slashes; its folder is made."""
        target = self._root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
        self.written[path] = FileDigest(hashlib.sha256(data).hexdigest(), len(data))

    @contextmanager
    def stream(self, path: str) -> Iterator[IO[bytes]]:
        """A new file that is written in parts; it is hashed at its end."""
        target = self._root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("wb") as out:
            yield out
        with target.open("rb") as done:
            digest = hashlib.file_digest(done, "sha256").hexdigest()
        self.written[path] = FileDigest(digest, target.stat().st_size)
