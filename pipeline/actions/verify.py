"""The whole workspace checked: its database, its decisions, every file against its hash. And a backup put in place."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from db.decisions.verify import verify
from db.reads import lookup
from db.store import anchors, backup
from db.store.store import Store
from pipeline.files.audit import check_image_files
from pipeline.files.blobs import BlobStore
from pipeline.files.remote import original_location


@dataclass(frozen=True, slots=True)
class Verification:
    """How many images were checked, and one sentence a finding; none where all is well."""

    images: int
    findings: tuple[str, ...]


def verify_workspace(store: Store, against: Path | None = None) -> Verification:
    """Read every row and every file again and compare them with what was recorded.

    against: a backup whose decisions must be the beginning of these. Where all is well, where the log ends is noted.
    Raises UsageError and StorageError for a backup that is none.
    """
    blobs = BlobStore(store.root)
    of_rows = store.read(lambda db: [*verify(db), *anchors.check(db, store.root)])
    if against is not None:
        head = backup.read_head(against)
        of_rows += store.read(lambda db: anchors.check_anchor(db, *head, f"in {against}") if head else [])
    stored = store.read(lambda db: list(lookup.stored_files(db)))
    of_files = chain.from_iterable(
        check_image_files(blobs, f.sha256, original_location(store.root, f.original), f.unified, f.faces)
        for f in stored
    )
    findings = (*of_rows, *of_files)
    if not findings:
        store.note_head("verified")
    return Verification(len(stored), findings)


@dataclass(frozen=True, slots=True)
class Restored:
    """set_aside: the folder with what was there before, None where nothing was. findings: of the restored database."""

    set_aside: Path | None
    findings: tuple[str, ...]


def restore_workspace(file: Path, root: Path, *, replace: bool) -> Restored:
    """See `db.store.backup.restore`; the database is then opened, brought to this schema, and every row of it checked.

    A backup of a database that contradicts itself is restored all the same: it may be the only one.
    """
    set_aside = backup.restore(file, root, replace=replace)
    with Store.open(root) as store:
        return Restored(set_aside, tuple(store.read(verify)))
