"""Which files of a folder or a zip are not looked at, and why: by their names, and by what a folder is.

What somebody names as PATH is taken, whatever it is called: the rules about names are for what lies below it. An export
is none of anybody's photos, wherever it is.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Final

from pipeline.core.messages import Message, message

HALF_DOWNLOADS: Final = (
    ".part", ".partial", ".crdownload", ".download", ".opdownload", ".tmp", ".filepart", ".aria2", ".downloading",
    ".!ut", ".!qb", ".icloud",
)  # fmt: skip
"""What downloaders call a file that they are still writing, or keep beside it; what iCloud leaves of one that it has
taken away."""
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
_SYSTEM_FILES: Final = frozenset(
    {".ds_store", "thumbs.db", "ehthumbs.db", "ehthumbs_vista.db", "desktop.ini", ".localized", ".directory"}
)
_BIN: Final = re.compile(
    r"\.trash.*|\$recycle\.bin|recycler|recycled|@recycle|@recently-snapshot|#recycle|\.recycle|lost\+found"
)
_THUMBNAILS: Final = frozenset(
    {"@eadir", ".thumbnails", ".thumbs", ".thumb", ".xvpics", ".picasaoriginals", ".@__thumb"}
)
_CHECKPOINTS: Final = frozenset({".ipynb_checkpoints", "#snapshot", ".snapshot", ".snapshots", ".stversions"})
_MACOS: Final = "__macosx"


def passed_file(name: str) -> Message | None:
    """Why a file of this name is not looked at; None where it is."""
    small = name.lower()
    if small.startswith("._"):
        return message("companion_file")
    if small in _SYSTEM_FILES:
        return message("system_file", name=shown(name))
    if small.startswith(".trashed-"):  # as Android keeps what was deleted
        return message("in_bin", folder=shown(name))
    if small.startswith(".pending-"):  # as Android keeps what is still being written
        return message("half_download", suffix=".pending")
    if small.endswith(HALF_DOWNLOADS):
        return message("half_download", suffix=name[name.rindex(".") :])
    return None


def passed_folder(name: str) -> Message | None:
    """Why nothing in a folder of this name is looked at; None where its files are."""
    small = name.lower()
    if small == _MACOS:
        return message("companion_file")
    if _BIN.fullmatch(small):
        return message("in_bin", folder=shown(name))
    if small in _THUMBNAILS or small.endswith(".lrdata"):  # Lightroom's previews
        return message("in_thumbnails", folder=shown(name))
    if small in _CHECKPOINTS:
        return message("in_checkpoints", folder=shown(name))
    if (small.startswith(".") and small.strip(".")) or small == "system volume information":
        return message("in_hidden_folder", folder=shown(name))
    return message("half_download", suffix=".download") if small.endswith(".download") else None


def passed_by_name(parts: Sequence[str]) -> Message | None:
    """Why a file is not looked at, by its folders below the source and its name; the outermost reason counts."""
    folders = (passed_folder(part) for part in parts[:-1])
    return next(filter(None, folders), None) or (passed_file(parts[-1]) if parts else None)


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
            with open(os.path.join(folder, name), "rb") as stream:
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


def shown(name: str) -> str:
    """A name that is not UTF-8 must still reach the database and the screen."""
    return name if name.isascii() else os.fsencode(name).decode("utf-8", "backslashreplace")


def leads_into_own(path: Path, known: dict[Path, Message | None]) -> Message | None:
    """Why a path belongs to an export or a workspace that it lies in. known: what was found of folders so far."""
    for child, parent in zip((path, *path.parents), path.parents, strict=False):
        if parent not in known:
            known[parent] = own_folder(str(parent), [name for name in MARKS if (parent / name).is_file()])
        if (own := known[parent]) is not None and covers(own.code, child.name):
            return own
    return None
