"""A path as people type it, on the command line and on the pages alike."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Final

from pipeline.core.errors import UsageError
from pipeline.core.file_urls import local_path
from pipeline.core.messages import message
from pipeline.files.remote import is_url

_HOME: Final = "~"
_WINDOWS: Final = re.compile(r"([A-Za-z]):[\\/](.*)", re.DOTALL)
_AROUND: Final = (
    "\"'`“”‘’„«»<>\u00a0\u200b\u200e\u200f\ufeff" + "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)
"""Quotation marks of any keyboard, and the marks of direction that Windows' dialogs copy along."""


def typed_path(text: str) -> Path:
    """A path of this machine: as typed, or below a home (`~/…`), or out of a `file://` URL.

    Raises UsageError for nothing but blanks (a variable that was not set), for any other URL, for a NUL, and for a path
    of Windows that nothing here is called like.
    """
    path = typed_path_or_url(text)
    if isinstance(path, str):
        raise UsageError(message("path_is_url", place=text))
    return path


def typed_path_or_url(text: str) -> Path | str:
    """The same, but other URLs as they are: a `Path` would take a slash out of them. Raises UsageError."""
    if not text.strip():
        raise UsageError(message("path_empty"))
    if "\0" in text:
        raise UsageError(message("path_nul"))
    local = local_path(text)
    if local is not None:
        return local
    if is_url(text):
        return text
    path = Path(text)
    windows = _WINDOWS.fullmatch(text)
    if windows is not None and not path.drive and not os.path.lexists(path):  # Windows itself knows a drive
        wsl = f"/mnt/{windows[1].lower()}/{windows[2]}".replace("\\", "/")
        raise UsageError(message("path_of_windows", place=text, wsl=wsl))
    # a shell's `*` gives names like `~$a.jpg`, which are nobody's home
    return Path(os.path.expanduser(text)) if text.startswith(_HOME) and not os.path.lexists(path) else path


def shown_path(typed: str) -> Path:
    """The same of a page's field: without what stands around a path that was copied, and absolute. Raises UsageError.

    What is there under the very name that was typed is meant.
    """
    plain = typed.strip()
    if not (plain.startswith("/") and "\0" not in plain and os.path.lexists(plain)):
        plain = plain.strip(_AROUND).strip()
    return typed_path(plain).absolute()
