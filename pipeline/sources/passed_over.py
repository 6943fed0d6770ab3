"""Which files of a folder or a zip are not looked at, and why: by name (`files.passing`), and by what a folder is.

What somebody names as PATH is taken, whatever it is called: the rules about names are for what lies below it. An export
is none of anybody's photos, wherever it is.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Final

from pipeline.core.messages import Message, message
from pipeline.core.system.regular import open_regular
from pipeline.files.passing.names import passed_by_name, shown

MANIFEST: Final = "manifest.csv"
DATABASE: Final = "moue.db"
MARKS: Final = frozenset({MANIFEST, DATABASE})
"""The names of files by which a folder of Moue's own is recognised."""
MARK_BYTES: Final = 512
"""So many bytes of such a file tell it."""
_WORKSPACE_PARTS: Final = frozenset(
    {"originals", "images", "crops", "thumbs", "releases", "backups", "lists", ".incoming", ".locks"}
)
_SQLITE: Final = b"SQLite format 3\x00"


def is_own(name: str, head: bytes) -> str:
    """The code of what a folder is in which a file of `MARKS` begins so; "" where it is nothing of Moue's."""
    if name == DATABASE:
        return "in_own_workspace" if head.startswith(_SQLITE) else ""
    if name != MANIFEST:
        return ""
    from pipeline.export.manifest import is_manifest  # has the libraries of pictures: few folders hold such a file

    return "in_own_export" if is_manifest(head) else ""


def own_folder(folder: str, names: Collection[str]) -> Message | None:
    """Why a folder with files of these names is Moue's: it is an export or a workspace. See `covers`."""
    for name in (mark for mark in MARKS if mark in names):
        try:
            with open_regular(os.path.join(folder, name)) as stream:
                code = is_own(name, stream.read(MARK_BYTES))
        except OSError:
            continue
        if code:
            return message(code, folder=shown(os.path.basename(folder) or folder))
    return None


def covers(code: str, name: str) -> bool:
    """Whether what is called `name` in such a folder is Moue's: all of an export, of a workspace its own parts."""
    return code == "in_own_export" or name in _WORKSPACE_PARTS or name.startswith(("moue.db", "moue.log"))


def own_members(names: Sequence[str], head_of: Callable[[int], bytes]) -> dict[str, str]:
    """Of an archive: code by the folder (`a/b/`, "" is the top) that is an export or a workspace.

    names: of the members. head_of: the first bytes of one of them, by its number.
    """
    found: dict[str, str] = {}
    for number, name in enumerate(names):
        folder, slash, last = name.rpartition("/")
        if last in MARKS and (code := is_own(last, head_of(number))):
            found[folder + slash] = code
    return found


def passed_member(name: str, own: dict[str, str]) -> Message | None:
    """Why a member of an archive is not looked at. own: see `own_members`."""
    parts = name.split("/")
    if reason := passed_by_name(parts):
        return reason
    for depth in range(len(parts)):
        folder = "".join(f"{part}/" for part in parts[:depth])
        if folder in own and covers(own[folder], parts[depth]):
            return message(own[folder], folder=parts[depth - 1] if depth else "zip")
    return None


def leads_into_own(path: Path, known: dict[Path, Message | None]) -> Message | None:
    """Why a path belongs to an export or a workspace that it lies in. known: what was found of folders so far."""
    for child, parent in zip((path, *path.parents), path.parents, strict=False):
        if parent not in known:
            known[parent] = own_folder(str(parent), [name for name in MARKS if (parent / name).is_file()])
        if (own := known[parent]) is not None and covers(own.code, child.name):
            return own
    return None
