"""Whether an export may be put at a place: what is not Moue's, or could not be taken away whole, is not replaced."""

from __future__ import annotations

import csv
from io import StringIO
from pathlib import Path
from typing import Final

from pipeline.core.errors import ExportError
from pipeline.core.messages import message
from pipeline.core.system.listed import files_below, require_writable, walk
from pipeline.core.system.regular import open_regular, read_regular
from pipeline.export.attribution import NAME as ATTRIBUTION
from pipeline.export.card.readme import MARK
from pipeline.export.manifest import FIRST_LINES, MANIFEST
from pipeline.export.release.release_file import NAME as RELEASE
from pipeline.export.release.release_file import from_bytes

_BESIDE: Final = frozenset({MANIFEST, "classes.txt", "README.md", ATTRIBUTION})


def check_target(out: Path, *, overwrite: bool, lies_at: Path | None = None) -> None:
    """Refuse what is not free, an empty folder, or (with overwrite) an untouched Moue export that can be taken away.

    lies_at: where what was at `out` lies now. Raises ExportError, OSError.
    """
    if not holds_export(out, lies_at=lies_at):
        return
    name, out = out, lies_at or out
    if not overwrite:
        raise ExportError(message("export_is_there", out=name))
    present = {path.relative_to(out).as_posix() for path in files_below(out)}
    if unexpected := sorted(present - _files_of(out)):
        raise ExportError(message("export_holds_unexpected", out=name, file=unexpected[0]))
    for folder, _, _ in walk(out):  # what could not be deleted would lie about beside the new one
        require_writable(folder)


def holds_export(out: Path, *, lies_at: Path | None = None) -> bool:
    """Whether an earlier export is at `out`, which says that it is one; False where the place is free.

    lies_at: as for `check_target`. Raises ExportError for what is no folder and for one with other files, OSError.
    """
    name, out = out, lies_at or out
    if not out.exists() and not out.is_symlink():
        return False
    if not out.is_dir() or out.is_symlink():
        raise ExportError(message("export_not_a_folder", out=name))
    if not any(out.iterdir()):
        return False
    if not is_export(out):
        raise ExportError(message("export_folder_taken", out=name))
    return True


def _files_of(out: Path) -> set[str]:
    """What an export says that it holds; earlier ones have no release.json. Raises ExportError, OSError."""
    if (out / RELEASE).is_file():
        return {RELEASE, *from_bytes(read_regular(out / RELEASE), out / RELEASE).files}
    try:
        return {row["file"] for row in csv.DictReader(StringIO(read_regular(out / MANIFEST).decode(), ""))} | _BESIDE
    except (UnicodeDecodeError, csv.Error) as e:
        raise ExportError(message("release_unreadable", place=out / MANIFEST)) from e


def is_export(folder: Path) -> bool:
    """True where `folder` is a release that Moue wrote."""
    try:
        with open_regular(folder / "README.md") as card, open_regular(folder / MANIFEST) as manifest:
            return card.readline().strip() == MARK.encode() and manifest.readline().strip() in FIRST_LINES
    except OSError:
        return False
