"""Pictures that annotations name by a path of the machine they were drawn on: found by the end of that path."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from pathlib import Path
from typing import Final
from urllib.parse import unquote

from pipeline.core.errors import UsageError
from pipeline.core.messages import message
from pipeline.export.readers.folders import pictures_below
from pipeline.export.readers.syntax.named_files import first_inside

_ELSEWHERE: Final = re.compile(r"(?:file:)?(?:[\\/]|[A-Za-z]:)", re.IGNORECASE)
"""From the root of a disk, on a drive of Windows, on a server's share, or as an address of a file."""
_DRIVE: Final = re.compile(r"^[\\/]*[A-Za-z]:")


def is_elsewhere(name: str) -> bool:
    """Whether a name is a path from the root of some machine, not from the data set's folder."""
    return _ELSEWHERE.match(name) is not None


class NamedFiles:
    """The pictures that one file of annotations names, below the data set's folder `root`."""

    def __init__(self, root: Path, told_by: Path) -> None:
        self.root, self._told_by = root, told_by
        self._called: dict[str, list[Path]] | None = None
        self._taken: dict[Path, tuple[str, bool]] = {}

    def find(self, name: str) -> Path:
        """As `first`, named from the data set's folder."""
        return self.first((self.root,), name)

    def first(self, folders: Iterable[Path], name: str) -> Path:
        """As `first_inside`; of a path of another machine `by_end`. Raises UsageError."""
        if is_elsewhere(name):
            return self.by_end(name)
        return self._claimed(first_inside(folders, name, self._told_by), name, by_end=False)

    def by_end(self, name: str) -> Path:
        """The only picture of the data set that has this path's name and, of several, most of its folders.

        Raises UsageError where there is none, where several have as much of it, and where another path ended there.
        """
        parts = _parts(name)
        if "\0" in name or ".." in parts or not parts:
            raise UsageError(message("import_path_outside", file=self._told_by, name=name[:200]))
        alike = [(_shared(parts, _parts(str(path.relative_to(self.root)))), path) for path in self._all(parts[-1])]
        most = max((shared for shared, _ in alike), default=0)
        best = [path for shared, path in alike if shared == most]
        if not best:
            raise UsageError(message("import_path_elsewhere", file=self._told_by, name=name[:200]))
        if len(best) > 1:
            raise UsageError(message("import_path_unclear", file=self._told_by, name=name[:200], n=len(best)))
        return self._claimed(best[0], name, by_end=True)

    def _all(self, name: str) -> list[Path]:
        if self._called is None:
            self._called = {}
            for path in pictures_below(self.root):
                self._called.setdefault(_parts(path.name)[-1], []).append(path)
        return self._called.get(name, [])

    def _claimed(self, path: Path, name: str, *, by_end: bool) -> Path:
        """The path, which no other name may end on: `1\\a.jpg` and `2\\a.jpg` are two photos, one of them missing."""
        told = "/".join(_parts(name))
        other, other_by_end = self._taken.setdefault(path, (told, by_end))
        if other != told and (by_end or other_by_end):
            raise UsageError(message("import_path_shared", file=self._told_by, name=name[:200], other=path.name))
        return path


def _parts(name: str) -> list[str]:
    """The folders and the file of a path as it is written anywhere, without capitals, drive and host."""
    text = name.rpartition("?d=")[2]
    if text[:5].casefold() == "file:":
        text = unquote(text[5:], errors="surrogateescape")
    folded = unicodedata.normalize("NFC", _DRIVE.sub("", text)).casefold().replace("\\", "/")
    return [part for part in folded.split("/") if part not in ("", ".")]


def _shared(told: list[str], there: list[str]) -> int:
    """How many parts both have in common from the end on."""
    count = 0
    for one, other in zip(reversed(told), reversed(there), strict=False):
        if one != other:
            break
        count += 1
    return count
