"""Renames that never destroy what they were not told of: two names exchanged at once, or a name given only where it is
free."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from pipeline.core.system import calls

_RENAME_NOREPLACE: Final = 1
_RENAME_EXCHANGE: Final = 2


def exchange(one: Path, other: Path) -> bool:
    """Exchange two names that are both there; False where the system or its file system cannot. Raises OSError."""
    return renameat2(one, other, _RENAME_EXCHANGE)


def rename_new(source: Path, target: Path) -> None:
    """Rename a file or folder to a name that is free. Raises FileExistsError where it is not, and OSError."""
    if renameat2(source, target, _RENAME_NOREPLACE):
        return
    if source.is_dir():
        target.mkdir()  # takes the name, or fails; a rename puts a folder over an empty one alone
        os.rename(source, target)
    else:
        os.link(source, target)
        source.unlink()


def renameat2(one: Path, other: Path, flags: int) -> bool:
    """Where all renames of this module pass. False where the system cannot. Raises OSError."""
    return calls.renameat2(one, other, flags)
