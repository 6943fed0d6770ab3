"""A path as people type it, on the command line and on the pages alike."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from pipeline.core.errors import UsageError
from pipeline.core.file_urls import local_path
from pipeline.core.messages import message
from pipeline.files.remote import is_url

_HOME: Final = "~"


def typed_path(text: str) -> Path:
    """A path of this machine: as typed, or below a home (`~/…`), or out of a `file://` URL.

    Raises UsageError for nothing but blanks (a variable that was not set), for any other URL, for a NUL.
    """
    path = typed_path_or_url(text)
    if isinstance(path, str):
        raise UsageError(message("path_is_url", place=text))
    return path


def typed_path_or_url(text: str) -> Path | str:
    """The same, but other URLs as they are: a `Path` would take a slash out of them."""
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
    # a shell's `*` gives names like `~$a.jpg`, which are nobody's home
    return Path(os.path.expanduser(text)) if text.startswith(_HOME) and not os.path.lexists(path) else path


def shown_path(typed: str) -> Path:
    """The same of a page's field: without blanks and quotation marks around it, and absolute. Raises UsageError."""
    return typed_path(typed.strip().strip("\"'").strip()).absolute()
