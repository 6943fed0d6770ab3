"""Verifies a workspace (database, decisions, every file against its hash), and restores a backup."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Final

from db.decisions.verify import verify
from db.reads import lookup
from db.store import anchors, backup
from db.store.locks import export_lock, files_lock, job_lock, starter_is_gone, upload_lock
from db.store.store import Store
from db.tables import audit, file_deletions, jobs, releases
from pipeline.core.errors import BusyError, StorageError
from pipeline.core.messages import Finding, finding, message, os_message
from pipeline.files.audit import ImageFiles, check_image_files
from pipeline.files.blobs import BlobStore
from pipeline.files.remote import original_location
from pipeline.files.unnamed import Span, describe, describe_left, is_left, is_temporary, unnamed_files

_ON_THEIR_WAY_S: Final = 3600.0
"""A file of a job that runs has its row long before."""


@dataclass(frozen=True, slots=True)
class Verification:
    """The number of images that were checked, and what was found wrong; no findings if all is well.

    notes: one for each file that a run left whose process died, and that no row names yet: nothing is wrong with it.
    """

    images: int
    findings: tuple[Finding, ...]
    notes: tuple[Finding, ...] = ()


def verify_workspace(store: Store, against: Path | None = None) -> Verification:
    """Read every row and every file again and compare them with what was recorded.

    against: a backup; its decisions must be the first ones of this log. If there are no findings, the log's end is
    noted (see `db.store.anchors`). Raises UsageError and StorageError for a file that is no backup.
    """
    blobs = BlobStore(store.root)
    of_rows = store.read(lambda db: [*verify(db), *anchors.check(db, store.root)])
    if against is not None:
        head = backup.read_head(against)
        of_rows += store.read(
            lambda db: anchors.check_anchor(db, *head, message("found_when_backup_file", file=against)) if head else []
        )
    stored = store.read(lambda db: list(lookup.stored_files(db)))
    of_files = chain.from_iterable(check_image_files(blobs, _files_of(store.root, one)) for one in stored)
    closed: list[OSError] = []
    strange, left = _unnamed(store, closed.append)
    findings = (*of_rows, *of_files, *map(describe, strange), *map(_unlisted, closed), *_unlisted_zips(store))
    if not findings:
        store.note_head("verified")
    return Verification(len(stored), findings, tuple(map(describe_left, left)))


def _files_of(root: Path, stored: lookup.StoredFiles) -> ImageFiles:
    original = original_location(root, stored.original)
    return ImageFiles(stored.sha256, original, stored.unified, stored.unified_sha256, stored.faces)


def delete_unnamed(store: Store) -> list[str]:
    """Delete Moue's own files that no row names, as `verify_workspace` finds them; returns their names.

    Raises BusyError while a job runs, StorageError where one cannot be deleted.
    """
    with job_lock(store.root):
        deleted = []
        for name in list(_unnamed_now(store, None, _raise)):
            if is_temporary(name) or store.read(partial(file_deletions.unnamed, paths=[name])):
                try:
                    (store.root / name).unlink(missing_ok=True)
                except OSError as e:
                    raise StorageError(os_message(e, "undeletable", file=store.root / name)) from e
                deleted.append(name)
    return deleted


def _raise(error: OSError) -> None:
    raise StorageError(os_message(error, "place_refused", place=error.filename)) from error


def _unlisted(error: OSError) -> Finding:
    return finding("found_folder_closed", folder=error.filename, why=error.strerror or error)


def _unnamed(store: Store, refused: Callable[[OSError], None]) -> tuple[list[str], list[str]]:
    """Files of the workspace that no row names, and apart from them those that a job left whose process died.

    While a job runs, new ones may be its own, whose rows follow.
    """
    try:
        with job_lock(store.root):
            found, lock_free = list(_unnamed_now(store, None, refused)), True
    except BusyError:
        found, lock_free = list(_unnamed_now(store, time.time() - _ON_THEIR_WAY_S, refused)), False
    spans = [Span.of(*span) for span in store.read(partial(jobs.interrupted_spans, lock_free=lock_free))]
    # a thumbnail is not flushed: a power cut may take its name also after its job had ended well
    left = [n for n in found if is_left(store.root / n, spans) or (n.startswith("thumbs/") and is_temporary(n))]
    known = frozenset(left)
    return [name for name in found if name not in known], left


def _unnamed_now(store: Store, before: float | None, refused: Callable[[OSError], None]) -> Iterator[str]:
    def unnamed(names: Sequence[str]) -> set[str]:
        with files_lock(store.root):  # a crop that is being drawn has its row now
            there = [name for name in names if os.path.isfile(store.root / name)]
            return set(there) - store.read(partial(file_deletions.named, paths=there))

    return unnamed_files(store.root, unnamed, before, refused=refused)


def _unlisted_zips(store: Store) -> list[Finding]:
    """Zips that were written and never noted, and what a killed export left beside them; none while one is written."""
    with suppress(BusyError), export_lock(store.root, patience_s=0):
        listed = {Path(one.path).name for one in store.read(releases.list_releases)}
        try:
            found = sorted(os.listdir(store.root / "releases"))
        except FileNotFoundError:
            found = []
        except OSError as e:
            return [_unlisted(e)]
        unfinished = [name for name in found if name.startswith((".zip-", ".upload-"))]
        with suppress(BusyError), upload_lock(store.root):
            unlisted = [name for name in found if name.endswith(".zip") and name not in listed]
            return [finding("found_unlisted", name=name) for name in unlisted] + [
                finding("found_export_left", name=name) for name in unfinished
            ]
    return []


@dataclass(frozen=True, slots=True)
class Restored:
    """The result of a restore. set_aside: the folder to which an earlier database was moved, None if there was none.
    findings: of the restored database."""

    set_aside: Path | None
    findings: tuple[str, ...]


def restore_workspace(
    file: Path, root: Path, *, replace: bool, incomplete: bool = False, by: str = audit.COMMAND_LINE
) -> Restored:
    """Restore a backup (see `db.store.backup.restore`), migrate it to the present schema, and check every row.

    A backup of a database that contradicts itself is restored all the same: it may be the only one. by: who, in the
    audit.
    """
    set_aside = backup.restore(file, root, replace=replace, incomplete=incomplete)
    with Store.open(root) as store:
        with suppress(BusyError), job_lock(store.root):  # what ran when the backup was made does not run now
            store.write(partial(jobs.recover, lock_free=True, starter_gone=starter_is_gone(store.root, "job")))
        findings = tuple(store.read(verify))
        if not findings:  # a log that contradicts itself is not gone on with as if it did not
            told = {"replaced": set_aside is not None}
            store.write(lambda db: audit.append(db, by, "restore", told))
        return Restored(set_aside, findings)
