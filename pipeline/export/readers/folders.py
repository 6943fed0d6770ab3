"""Class folders, with folders of splits around them or without; a release of Moue in its usual layout is one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from pipeline.core.errors import UsageError
from pipeline.core.messages import message
from pipeline.core.system.listed import walk
from pipeline.export.readers.labelled import PICTURES, LabelledPicture, split_in, split_of
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


def walked(folder: Path) -> Iterator[tuple[str, list[str], list[str]]]:
    """See `walk`. Raises UsageError for a folder that may not be read: its pictures would be missing without a word."""
    try:
        yield from walk(folder)
    except OSError as e:
        raise UsageError(message("import_unreadable", file=e.filename or folder, why=e.strerror or e)) from e


def pictures_below(folder: Path) -> Iterator[Path]:
    """The pictures in a folder and below it, by their extension; no symlink is followed, and what lies in bins, among
    thumbnails and the like is none."""
    for here, folders, files in walked(folder):
        folders[:] = sorted(name for name in folders if passed_folder(name) is None)
        for name in sorted(files):
            path = Path(here, name)
            if path.suffix.lower() in PICTURES and not name.startswith(".") and not path.is_symlink():
                yield path


def holds_sets(folder: Path) -> bool:
    """Whether a folder is called as what holds classes or pictures, and is no class."""
    return folder.name.casefold() in _AROUND


def split_of_folder(folder: Path) -> str:
    """The split that a folder is called after, "" where it is none: `test_set` with pictures of its own is a class."""
    if found := split_of(folder.name):
        return found
    found = split_in(folder.name)
    return found if found and not has_pictures(folder) else ""


def has_pictures(folder: Path) -> bool:
    return any(path.parent == folder for path in pictures_below(folder))


def links_below(folder: Path) -> Iterator[Path]:
    """Links to pictures and folders: none is followed."""
    for here, folders, files in walked(folder):
        folders[:] = sorted(name for name in folders if passed_folder(name) is None)
        for name in (*folders, *sorted(files)):
            path = Path(here, name)
            if path.is_symlink() and (name in folders or path.suffix.lower() in PICTURES) and not name.startswith("."):
                yield path


def recognise(root: Path) -> bool:
    return any(one.left is None for one in read(root))


def read(root: Path) -> Iterator[LabelledPicture]:
    """`class/…`, with folders of splits around them or in them, and folders called images or data around those, or
    without."""
    return _read(root, "")


def _read(root: Path, split: str) -> Iterator[LabelledPicture]:
    for folder in folders_below(root):
        inner = split_of_folder(folder)
        again = inner and inner == split and not has_pictures(folder)  # `test/test/smile`, as many an archive has it
        if (inner and not split) or again or holds_sets(folder):
            yield from _read(folder, split or inner)
            continue
        for path in pictures_below(folder):
            below = path.relative_to(folder).parts
            yield LabelledPicture(path, folder.name, split or (split_of(below[0]) if len(below) > 1 else ""))
        for path in links_below(folder):
            yield LabelledPicture(path, folder.name, split, left=message("import_left_link"))
