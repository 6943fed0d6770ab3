"""What a typed path and the upload folder hold, looked at quickly."""

from __future__ import annotations

import os
import time
import zipfile
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pages import _ui
from pages._server import workspace
from pages._server.folders import roots
from pages._words import mark, recorded, t
from pipeline.core.errors import UsageError
from pipeline.core.messages import Message
from pipeline.core.names import find_name, plain_parts
from pipeline.files.typed_path import shown_path
from pipeline.sources.folders import FolderWalk
from pipeline.sources.plan import is_zip
from pipeline.sources.zips import file_names, open_archive

FOUND: Final = {
    "missing": mark("There is nothing at {path}. Check the spelling; the path is one of the machine that runs Moue."),
    "forbidden": mark("{path} may not be read by Moue. Change its permissions, or copy it."),
}
"""Kinds of what stands at a path with which nothing can be begun."""
_MOST_FILES: Final = 20_000
_MOST_SECONDS: Final = 0.5


@dataclass(frozen=True, slots=True)
class PathInfo:
    """What stands at a path.

    files: how many were counted; more: there are others. classes: the class names met as folders. refusal: why pages
    may not read there.
    """

    path: Path
    kind: str
    files: int = 0
    more: bool = False
    classes: tuple[str, ...] = ()
    refusal: Message | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """An upload that waits to be worked on."""

    folder: Path
    files: int


def inspect_path(typed: str, class_names: Collection[str]) -> PathInfo:
    """kind: folder, zip, file, missing (or not absolute), forbidden, refused, or nothing where nothing was typed.

    Counting ends at 20,000 files or half a second: it is only there to show that this is the right folder.
    """
    if not typed.strip().strip("\"'").strip():
        return PathInfo(Path(), "nothing")
    try:
        path = shown_path(typed)
    except UsageError as e:
        if e.message.code == "path_of_windows":
            return PathInfo(Path(typed.strip()), "refused", refusal=e.message)
        return PathInfo(Path(typed.strip()), "missing")
    try:
        refusal = roots.refusal(path)
    except UsageError as e:
        refusal = e.message
    if refusal is not None:
        return PathInfo(path, "refused", refusal=refusal)
    try:
        if path.is_dir():
            os.scandir(path).close()
            return _count(path, class_names)
        if not path.is_file():
            return PathInfo(path, "missing")
        path.open("rb").close()
        if is_zip(path):
            return _count_members(path, class_names)
    except PermissionError:
        return PathInfo(path, "forbidden")
    except zipfile.BadZipFile:
        return PathInfo(path, "file", 1)  # the run says what is wrong with it
    except OSError:
        return PathInfo(path, "missing")
    return PathInfo(path, "file", 1)


def problem(info: PathInfo) -> str:
    """Why nothing can be begun with what was typed, as Markdown."""
    if info.refusal is not None:
        return _ui.escaped(recorded.sentence(info.refusal))
    return t(FOUND[info.kind], path=_ui.escaped(str(info.path)))


def _count(folder: Path, class_names: Collection[str]) -> PathInfo:
    """As the run will meet the files, links and all."""
    until = time.monotonic() + _MOST_SECONDS
    root = folder.resolve()
    files, here = 0, ""
    met: set[str] = set()
    for found in FolderWalk(str(root), str(workspace.root().resolve())).files():
        files += 1
        current = os.path.dirname(found.path)
        if current != here and found.failure is None:
            here = current
            met |= _named(Path(current).relative_to(root).parts, class_names)
        if files > _MOST_FILES or time.monotonic() > until:
            return PathInfo(folder, "folder", files, True, tuple(sorted(met)))
    return PathInfo(folder, "folder", files, False, tuple(sorted(met)))


def _count_members(path: Path, class_names: Collection[str]) -> PathInfo:
    with open_archive(path) as archive:
        members = file_names(archive)
    met = _named({part for name in members for part in plain_parts(name)[:-1]}, class_names)
    return PathInfo(path, "zip", len(members), False, tuple(sorted(met)))


def _named(parts: Iterable[str], class_names: Collection[str]) -> set[str]:
    """The classes that folders of these names propose."""
    return {name for part in parts if (name := find_name(part, class_names))}


def waiting_batches(root: Path) -> list[Batch]:
    """Uploads that arrived whole and whose work never started or did not end, oldest first."""
    return sorted(_batches(root / ".incoming" / "uploads"), key=lambda batch: batch.folder.name)


def _batches(folder: Path) -> Iterator[Batch]:
    try:
        entries = [entry for entry in folder.iterdir() if os.path.isdir(entry)]
    except OSError:
        return
    for entry in entries:
        files = sum(len(names) for _, _, names in os.walk(entry))
        if files:
            yield Batch(entry, files)
