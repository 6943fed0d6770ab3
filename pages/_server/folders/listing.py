"""What can be browsed: the folders within a folder, as far as pages may read them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from pages._server.folders.roots import allowed_roots, refusal

MOST: Final = 2_000
"""Entries of one folder that are looked at: a listing takes some 20 ms then."""


def folders_in(folder: Path) -> list[str]:
    """The names of its folders, sorted; hidden ones and links that lead out of what is allowed are left out.

    Empty where it may not be read.
    """
    if refusal(folder) is not None:
        return []
    found = []
    try:
        with os.scandir(folder) as entries:
            for _, entry in zip(range(MOST), entries, strict=False):
                if not entry.name.startswith(".") and os.path.isdir(entry) and not _leads_out(entry):
                    found.append(entry.name)
    except OSError:
        return []
    return sorted(found, key=lambda name: (name.casefold(), name))


def above(folder: Path) -> Path | None:
    """The folder around it, None where that is outside of what is allowed."""
    parent = folder.parent
    return None if parent == folder or refusal(parent) is not None else parent


def starts() -> list[Path]:
    """Where browsing begins."""
    return [root for root in allowed_roots() if os.path.isdir(root)]


def _leads_out(entry: os.DirEntry[str]) -> bool:
    return entry.is_symlink() and refusal(Path(entry.path)) is not None
