"""Which files and folders are nobody's photos by their names alone: bins, thumbnails, checkpoints and other hidden
folders, what systems and programs put beside a file, half downloads."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from typing import Final

from pipeline.core.messages import Message, message

HALF_DOWNLOADS: Final = (
    ".part", ".partial", ".crdownload", ".download", ".opdownload", ".tmp", ".filepart", ".aria2", ".downloading",
    ".!ut", ".!qb", ".!sync", ".bc!", ".xltd", ".td", ".td.cfg", ".fdmdownload", ".dtapart", ".ezdownload",
    ".qkdownloading", ".getright", ".drivedownload", ".icloud",
)  # fmt: skip
"""What downloaders call a file that they are still writing, or keep beside it; what iCloud leaves of one that it has
taken away."""
_SYSTEM_FILES: Final = frozenset({
    ".ds_store", ".localized", ".apdisk", ".volumeicon.icns", "icon\r",
    "thumbs.db", "ehthumbs.db", "ehthumbs_vista.db", "desktop.ini", "folder.htt", "autorun.inf",
    ".directory", ".hidden", ".nomedia", ".database_uuid",
    ".picasa.ini", "picasa.ini", ".bridgesort", ".bridgelabelsandratings", ".bridgecache", ".bridgecachet",
    "zbthumbnail.info", "pspbrwse.jbf", "albumart.pamp", "digikam4.db", "thumbnails-digikam.db", "recognition.db",
    ".dropbox", ".dropbox.attr", ".stignore", ".owncloudsync.log", "sync.ffs_db", ".sync.ffs_db", "sync.ffs_lock",
    ".gitignore", ".gitattributes", ".gitkeep", ".keep",
})  # fmt: skip
"""Of systems, of programs that show photos, and of programs that copy folders."""
_SIDECARS: Final = (".xmp", ".aae", ".pp3", ".dop", ".vrd", ".cos", ".on1")
"""What editors keep beside a photo: Adobe, Apple, RawTherapee, DxO, Canon, Capture One, ON1."""
_BIN: Final = re.compile(
    r"\.trash.*|\$recycle\.bin|recycler|recycled|@recycle|@recently-snapshot|#recycle|\.recycle|lost\+found"
    r"|network trash folder"
)
_THUMBNAILS: Final = frozenset(
    {"@eadir", ".thumbnails", ".thumbs", ".thumb", ".xvpics", ".picasaoriginals", ".@__thumb"}
)
_HALF: Final = re.compile(
    r"\.goutputstream-\w+|\.com\.google\.chrome\.\w+|\.org\.chromium\.chromium\.\w+"
    r"|.+\.sb-[0-9a-f]{8}-[a-z0-9]{6}"
)
"""Of GNOME, Chromium and macOS (`a.jpg.sb-1f2e3d4c-Ab12Cd`)."""
_OF_RSYNC: Final = re.compile(r"\..+\.\w{2,4}\.(?=[A-Za-z0-9][a-z]*[A-Z0-9])[A-Za-z0-9]{6}")
"""`.a.jpg.Ab12Cd`: six letters and digits by chance, which are no word."""
_LIBRARIES: Final = (".photoslibrary", ".photolibrary", ".aplibrary", ".migratedphotolibrary", ".migratedaplibrary")
"""What Photos, iPhoto and Aperture keep as one folder: photos in `originals` or `Masters`, smaller copies beside."""
_PHOTOS_IN_LIBRARY: Final = frozenset({"originals", "masters"})
_CHECKPOINTS: Final = frozenset({".ipynb_checkpoints", "#snapshot", ".snapshot", ".snapshots", ".stversions"})
_MACOS: Final = "__macosx"


def passed_file(name: str) -> Message | None:
    """Why a file of this name is not looked at; None where it is."""
    small = name.lower()
    if small.startswith("._"):
        return message("companion_file")
    if small in _SYSTEM_FILES:
        return message("system_file", name=shown(name))
    if small.endswith(_SIDECARS):
        return message("sidecar_file", suffix=name[name.rindex(".") :])
    if small.startswith((".fuse_hidden", ".nfs")):  # deleted, and open somewhere
        return message("in_bin", folder=shown(name))
    if small.startswith(".trashed-"):  # as Android keeps what was deleted
        return message("in_bin", folder=shown(name))
    if small.startswith(".pending-"):  # as Android keeps what is still being written
        return message("half_download", suffix=".pending")
    if small.endswith(HALF_DOWNLOADS) or _HALF.fullmatch(small) or _OF_RSYNC.fullmatch(name):
        return message("half_download", suffix=name[name.rindex(".") :])
    return None


def passed_folder(name: str, inside: str = "") -> Message | None:
    """Why nothing in a folder of this name is looked at; None where its files are. inside: the folder that it is in."""
    small = name.lower()
    if inside.lower().endswith(_LIBRARIES) and small not in _PHOTOS_IN_LIBRARY:
        return message("in_thumbnails", folder=shown(f"{inside}/{name}"))
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
    folders = (passed_folder(part, inside) for part, inside in zip(parts[:-1], ("", *parts), strict=False))
    return next(filter(None, folders), None) or (passed_file(parts[-1]) if parts else None)


def shown(name: str) -> str:
    """A name that is not UTF-8 must still reach the database and the screen."""
    return name if name.isascii() else os.fsencode(name).decode("utf-8", "backslashreplace")
