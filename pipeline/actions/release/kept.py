"""Releases by name or place: what each holds, and how two differ."""

from __future__ import annotations

import os
from pathlib import Path

from db.store.store import Store
from db.tables import releases
from db.tables.releases import KeptManifest, ReleaseRow
from pipeline.core.errors import ExportError
from pipeline.core.messages import message
from pipeline.export.release.by_lines import ReleaseText, compared, read_text
from pipeline.export.release.compare import Differences
from pipeline.export.release.release_file import from_bytes


def find(store: Store, name: str) -> ReleaseRow:
    """A release of the workspace by `name#number`, or the newest of that name. Raises ExportError."""
    row = store.read(lambda db: releases.find_release(db, name))
    if row is None:
        raise ExportError(message("release_unknown", name=name))
    return row


def kept(store: Store, row: ReleaseRow) -> KeptManifest:
    """What it holds. Raises ExportError where that was not kept."""
    found = store.read(lambda db: releases.kept_manifest(db, row))
    if found is None:
        raise ExportError(message("release_not_kept", name=row.title))
    return found


def text(store: Store | None, name: str) -> ReleaseText:
    """Of a folder or zip of that name, else of a release of the workspace; store: None where there is none.

    Raises ExportError.
    """
    if store is None or os.path.exists(name):
        return read_text(Path(name))
    return _kept_text(store, find(store, name))


def kept_differences(store: Store, before: ReleaseRow, after: ReleaseRow) -> Differences:
    """What changed from one release of the workspace to another. Raises ExportError."""
    return compared(_kept_text(store, before), _kept_text(store, after))


def _kept_text(store: Store, row: ReleaseRow) -> ReleaseText:
    held = kept(store, row)
    return ReleaseText(row.title, held.manifest, from_bytes(held.release, row.title))
