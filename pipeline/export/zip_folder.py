"""A folder as one zip whose bytes depend on its files alone."""

from __future__ import annotations

import os
import shutil
import zipfile
from pathlib import Path
from typing import Final

_EPOCH: Final = (1980, 1, 1, 0, 0, 0)  # the earliest a zip can tell: the same release gives the same bytes


def zip_folder(folder: Path, target: Path) -> None:
    """A zip of `folder`, under its name, sorted and without clocks. PNGs are stored: they are compressed already.

    Raises OSError.
    """
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                entry = zipfile.ZipInfo(path.relative_to(folder.parent).as_posix(), _EPOCH)
                entry.external_attr = 0o644 << 16
                with path.open("rb") as source, archive.open(entry, "w") as out:
                    shutil.copyfileobj(source, out, 1 << 20)
    with target.open("rb") as stream:
        os.fsync(stream.fileno())
