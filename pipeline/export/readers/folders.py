"""Class folders, with folders of splits around them or without; a release of Moue in its usual layout is one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from pipeline.core.errors import UsageError
from pipeline.core.messages import message
from pipeline.export.readers.labelled import PICTURES, LabelledPicture, split_of


def folders_below(folder: Path) -> list[Path]:
    """Hidden ones and symlinks are left out. Raises UsageError."""
    try:
        with os.scandir(folder) as found:
            names = [one.name for one in found if one.is_dir(follow_symlinks=False)]
    except OSError as e:
        raise UsageError(message("import_unreadable", file=folder, why=e.strerror or e)) from e
    return [folder / name for name in sorted(names) if not name.startswith((".", "__MACOSX"))]


def pictures_below(folder: Path) -> Iterator[Path]:
    """The pictures in a folder and below it, by their extension; no symlink is followed."""
    for here, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            path = Path(here, name)
            if path.suffix.lower() in PICTURES and not name.startswith(".") and not path.is_symlink():
                yield path


def recognise(root: Path) -> bool:
    return any(next(pictures_below(folder), None) for folder in folders_below(root))


def read(root: Path) -> Iterator[LabelledPicture]:
    """`split/class/…` where a folder of the root is called like a split and has class folders, else `class/…`."""
    for folder in folders_below(root):
        split = split_of(folder.name)
        classes = folders_below(folder) if split else [folder]
        for one in classes or [folder]:
            if one is folder and split:
                continue
            for path in pictures_below(one):
                yield LabelledPicture(path, one.name, split)
