"""Class folders, with folders of splits around them or without; a release of Moue in its usual layout is one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from pipeline.core.errors import UsageError
from pipeline.core.messages import message
from pipeline.export.readers.labelled import PICTURES, LabelledPicture, split_of
from pipeline.files.passing.names import passed_folder

_AROUND: Final = frozenset({
    "images", "image", "imgs", "img", "pictures", "photos", "data", "dataset", "raw", "jpegimages", "labels",
    "annotations", "masks",
})  # fmt: skip
"""Folders that are no class: what is called so holds classes, or pictures whose classes stand elsewhere."""


def folders_below(folder: Path) -> list[Path]:
    """Symlinks are left out, and folders of no photos (hidden ones, bins, thumbnails). Raises UsageError."""
    try:
        with os.scandir(folder) as found:
            names = [one.name for one in found if one.is_dir(follow_symlinks=False)]
    except OSError as e:
        raise UsageError(message("import_unreadable", file=folder, why=e.strerror or e)) from e
    return [folder / name for name in sorted(names) if passed_folder(name) is None]


def pictures_below(folder: Path) -> Iterator[Path]:
    """The pictures in a folder and below it, by their extension; no symlink is followed, and what lies in bins, among
    thumbnails and the like is none."""
    for here, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if passed_folder(name) is None)
        for name in sorted(files):
            path = Path(here, name)
            if path.suffix.lower() in PICTURES and not name.startswith(".") and not path.is_symlink():
                yield path


def recognise(root: Path) -> bool:
    return next(read(root), None) is not None


def read(root: Path) -> Iterator[LabelledPicture]:
    """`class/…`, with folders of splits around them, and folders called images or data around those, or without."""
    return _read(root, "")


def _read(root: Path, split: str) -> Iterator[LabelledPicture]:
    for folder in folders_below(root):
        inner = "" if split else split_of(folder.name)
        if inner or folder.name.casefold() in _AROUND:
            yield from _read(folder, split or inner)
            continue
        for path in pictures_below(folder):
            yield LabelledPicture(path, folder.name, split)
