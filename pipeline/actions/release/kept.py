"""Releases by name or place: what each holds, and how two differ."""

from __future__ import annotations

from pathlib import Path

from db.store.store import Store
from db.tables import releases
from db.tables.releases import KeptManifest, ReleaseRow
from pipeline.core.errors import ExportError
from pipeline.core.messages import message
from pipeline.export.release.compare import Differences, ReleaseContent, content_of, differences, read_content
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


def content(store: Store | None, name: str) -> ReleaseContent:
    """Of a folder or zip of that name, else of a release of the workspace; store: None where there is none.

    Raises ExportError.
    """
    if store is None or Path(name).exists():
        return read_content(Path(name))
    return kept_content(store, find(store, name))


def kept_content(store: Store, row: ReleaseRow) -> ReleaseContent:
    """Of a release of the workspace. Raises ExportError."""
    held = kept(store, row)
    return content_of(row.title, held.manifest, from_bytes(held.release, row.title))


def kept_differences(store: Store, before: ReleaseRow, after: ReleaseRow) -> Differences:
    """What changed from one release of the workspace to another. Raises ExportError."""
    return differences(kept_content(store, before), kept_content(store, after))
