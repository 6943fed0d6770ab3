"""Puts pictures that lie in the files of a data set into a folder of ours, as they are: nothing is decoded."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from pipeline.core.durable import make_below
from pipeline.core.errors import UsageError
from pipeline.core.messages import message
from pipeline.export.readers.labelled import PICTURES
from pipeline.files.blobs import storage_error

MOST_PICTURE: Final = 128 << 20
"""Bytes of one picture; what ingest takes is bounded once more."""
MOST_BYTES: Final = 64 << 30
"""Of all of one data set."""
_FREE_BYTES: Final = 64 << 20
_MOST_RATIO: Final = 100
"""Bytes of pictures a byte of the file, beyond `_FREE_BYTES`: pictures are packed already."""
MOST_PICTURES: Final = 2_000_000
FOLDER: Final = "pictures"
_PLAIN: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9 _-]{0,99}")


class Pictures:
    """The folder `scratch/pictures`: `put` gives each picture a name of ours there, like its own where that is plain.

    Raises UsageError for what is too large or too many, StorageError.
    """

    def __init__(self, scratch: Path, told_by: Path) -> None:
        self._root, self._file = scratch / FOLDER / _safe(told_by.stem, "file"), told_by
        self._bytes = self._count = 0
        try:
            self._most = min(MOST_BYTES, _FREE_BYTES + _MOST_RATIO * told_by.stat().st_size)
            while self._root.exists():  # two files of one name in two folders
                self._root = self._root.with_name(f"{self._root.name}_")
            make_below(scratch.parent, self._root)
        except OSError as e:
            raise storage_error(e, str(self._root)) from e

    def put(self, name: str, data: bytes) -> Path:
        """Write a picture, and return its path. name: as the data set calls it, with or without folders and extension.

        Raises UsageError where pictures are too large, in all or one, or too many; StorageError.
        """
        self._bytes, self._count = self._bytes + len(data), self._count + 1
        if len(data) > MOST_PICTURE or self._bytes > self._most:
            raise UsageError(message("import_archive_bomb", file=self._file, most=self._most >> 20))
        if self._count > MOST_PICTURES:
            raise UsageError(message("import_too_many", file=self._file, most=MOST_PICTURES))
        stem, dot, suffix = name.replace("\\", "/").rpartition("/")[2].rpartition(".")
        suffix = f".{suffix.lower()}" if dot and f".{suffix.lower()}" in PICTURES else ".img"
        path = self._root / f"{_safe(stem, f'{self._count:07}')}{suffix}"
        try:
            if path.exists():
                path = path.with_name(f"{path.stem}-{self._count:07}{suffix}")
            path.write_bytes(data)
        except OSError as e:
            raise storage_error(e, str(path)) from e
        return path


def _safe(name: str, otherwise: str) -> str:
    return name if _PLAIN.fullmatch(name) else otherwise
