"""A folder as one zip whose bytes depend on its files alone."""

from __future__ import annotations

import os
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

_EPOCH: Final = (1980, 1, 1, 0, 0, 0)  # the earliest a zip can tell: the same release gives the same bytes


def zip_folder(folder: Path, target: Path, tell: Callable[[int, int], object] = lambda done, of: None) -> None:
    """A zip of `folder`, under its name, sorted and without clocks. PNGs are stored: they are compressed already.

    tell: how many of how many files are in it. Raises OSError.
    """
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for done, path in enumerate(files, start=1):
            entry = zipfile.ZipInfo(path.relative_to(folder.parent).as_posix(), _EPOCH)
            entry.external_attr = 0o644 << 16
            with path.open("rb") as source, archive.open(entry, "w") as out:
                shutil.copyfileobj(source, out, 1 << 20)
            tell(done, len(files))
    with target.open("rb") as stream:
        os.fsync(stream.fileno())
