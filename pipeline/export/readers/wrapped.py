"""Folders around a data set: archives and downloads mostly have one with everything in it, some two."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Final

from pipeline.core.errors import UsageError
from pipeline.export.readers import registry
from pipeline.export.readers.folders import folders_below, has_pictures, holds_sets, split_of_folder
from pipeline.files.passing.names import passed_file

_NOTES: Final = re.compile(r"(?:readme|licen[cs]e|copying|citation|changelog|about)\b.*|.*\.(?:md|rst|pdf|url|html?)")


def start_of(root: Path, is_class: Callable[[str], bool]) -> Path:
    """The folder in which the data set begins: the only one in `root`, and so on, where beside it lie but notes.

    A class that is known, a split, and what holds pictures itself is no folder around. Raises UsageError.
    """
    while root.is_dir() and (inner := _only_folder(root)) is not None and _is_around(inner, is_class):
        root = inner
    return root


def _only_folder(root: Path) -> Path | None:
    folders = folders_below(root)
    if len(folders) != 1:
        return None
    files = (one for one in root.iterdir() if not one.is_dir() or one.is_symlink())
    notes = all(passed_file(one.name) is not None or _NOTES.fullmatch(one.name.lower()) for one in files)
    return folders[0] if notes else None


def _is_around(folder: Path, is_class: Callable[[str], bool]) -> bool:
    if split_of_folder(folder) or is_class(folder.name):
        return False
    try:
        found = registry.recognise(folder)
    except UsageError as e:
        if e.message.code != "import_no_format":
            raise
        return _only_folder(folder) is not None
    return found != "folders" or not (holds_sets(folder) or has_pictures(folder))
