"""The files of a release while it is written: each is hashed on its way to the disk."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from pipeline.core.durable import make_below
from pipeline.export.release.release_file import FileDigest


class ReleaseWriter:
    """Writes below the folder `root`, which is there, and knows what it wrote. Its methods raise OSError."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self.written: dict[str, FileDigest] = {}

    def folder(self, path: str) -> Path:
        """Make a folder, with its parents, that may stay empty; where it is."""
        make_below(self._root, self._root / path)
        return self._root / path

    def put(self, path: str, data: bytes) -> None:
        """Write a file. path: relative to the root, with forward slashes; its folder is made."""
        target = self._root / path
        make_below(self._root, target.parent)
        target.write_bytes(data)
        self.written[path] = FileDigest(hashlib.sha256(data).hexdigest(), len(data))

    @contextmanager
    def stream(self, path: str) -> Iterator[IO[bytes]]:
        """A new file that is written in parts; it is hashed at its end."""
        target = self._root / path
        make_below(self._root, target.parent)
        with target.open("wb") as out:
            yield out
        with target.open("rb") as done:
            digest = hashlib.file_digest(done, "sha256").hexdigest()
        self.written[path] = FileDigest(digest, target.stat().st_size)

    def put_at(self, target: Path | str, data: bytes) -> None:
        """`put` for who knows the whole path, in a folder that is there."""
        with open(target, "wb", buffering=0) as out:
            out.write(data)
        self.written[self._name(str(target))] = FileDigest(hashlib.sha256(data).hexdigest(), len(data))

    def adopt(self, folder: str) -> None:
        """Hash what else was written below a folder of the root."""
        for at, _, names in os.walk(self._root / folder):
            for target in (os.path.join(at, name) for name in names):
                if (path := self._name(target)) in self.written:
                    continue
                with open(target, "rb") as done:
                    digest = hashlib.file_digest(done, "sha256").hexdigest()
                self.written[path] = FileDigest(digest, os.path.getsize(target))

    def _name(self, target: str) -> str:
        """Relative to the root, with forward slashes. Cut as text: a `Path` costs more than the hash."""
        return target[len(str(self._root)) + 1 :].replace(os.sep, "/")
