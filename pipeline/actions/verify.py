"""The whole workspace checked: the database, the decision chain, and every file against its hash."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain

from db.decisions.verify import verify
from db.reads import lookup
from db.store.store import Store
from pipeline.files.audit import check_image_files
from pipeline.files.blobs import BlobStore
from pipeline.files.remote import original_location


@dataclass(frozen=True, slots=True)
class Verification:
    """How many images were checked, and one sentence a finding; none where all is well."""

    images: int
    findings: tuple[str, ...]


def verify_workspace(store: Store) -> Verification:
    """Read every row and every file again and compare them with what was recorded. Nothing is changed."""
    blobs = BlobStore(store.root)
    of_rows = store.read(verify)
    stored = store.read(lambda db: list(lookup.stored_files(db)))
    of_files = chain.from_iterable(
        check_image_files(blobs, f.sha256, original_location(store.root, f.original), f.unified, f.faces)
        for f in stored
    )
    return Verification(len(stored), (*of_rows, *of_files))
