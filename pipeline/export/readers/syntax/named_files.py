"""The files that annotations name: below the data set's folder, spelt as another system spells them."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Final
from urllib.parse import unquote

from pipeline.core.errors import UsageError
from pipeline.core.messages import message

_DRIVE: Final = re.compile(r"^[A-Za-z]:")


def inside(root: Path, name: str, told_by: Path) -> Path:
    """The file that annotations name, below the data set's folder: as it stands, else with its accents joined or apart,
    or with `%20` for a space, else the only one that differs in capitals (Windows names both `A.JPG` and `a.jpg`).

    Raises UsageError for a name that leads out of it by `..`, a drive, an absolute path or a symlink, and for one that
    is not there.
    """
    return first_inside((root,), name, told_by)


def first_inside(folders: Iterable[Path], name: str, told_by: Path) -> Path:
    """The file in the first of these folders that has it, capitals counting where one has. Raises UsageError as
    `inside` does."""
    searched = tuple(dict.fromkeys(folders))
    for find in (_spelt_so, _in_any_case):
        for folder in searched:
            if (path := find(folder, name, told_by)) is not None:
                return path
    raise UsageError(message("import_picture_missing", file=told_by, name=name[:200]))


def _spellings(name: str) -> Iterator[str]:
    plain = unquote(name, errors="surrogateescape") if "%" in name else name
    spelt = (form for one in (name, plain) for form in (one, *(unicodedata.normalize(f, one) for f in ("NFC", "NFD"))))
    yield from dict.fromkeys(spelt)


def _spelt_so(root: Path, name: str, told_by: Path) -> Path | None:
    found = (_below(root, one, told_by) for one in _spellings(name))
    return next((path for path in found if path is not None), None)


def _in_any_case(root: Path, name: str, told_by: Path) -> Path | None:
    for one in _spellings(name):
        path = root
        for part in one.replace("\\", "/").split("/"):
            path = path / (_names(path).get(_folded(part)) or part)
        if (found := _below(root, path.relative_to(root).as_posix(), told_by)) is not None:
            return found
    return None


def _names(folder: Path) -> dict[str, str]:
    """What lies in a folder, by its name without capitals; "" for two that differ in these alone."""
    try:
        return _listed(str(folder), os.stat(folder).st_mtime_ns)
    except OSError:
        return {}


@lru_cache(maxsize=64)
def _listed(folder: str, _changed: int) -> dict[str, str]:
    found: dict[str, str] = {}
    for name in os.listdir(folder):
        found[_folded(name)] = "" if _folded(name) in found else name
    return found


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


def _below(root: Path, name: str, told_by: Path) -> Path | None:
    """The file of this very name, None where there is none. Raises UsageError for what leads out."""
    parts = name.replace("\\", "/").split("/")
    if not name or "\0" in name or name.startswith(("/", "\\")) or _DRIVE.match(name) or ".." in parts:
        raise UsageError(message("import_path_outside", file=told_by, name=name[:200]))
    path = root.joinpath(*parts)
    try:
        found = path.resolve(strict=True)
    except (OSError, RuntimeError, ValueError):
        return None
    if not found.is_relative_to(root.resolve()):
        raise UsageError(message("import_path_outside", file=told_by, name=name[:200]))
    return path if found.is_file() else None
