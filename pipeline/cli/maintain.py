"""The commands that tell of a workspace and keep it whole: status, verify, backup, restore, erase."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from itertools import chain
from pathlib import Path
from typing import Any

from db.decisions.verify import verify as verify_database
from db.images import erase
from db.reads import counts as queries
from db.reads import lookup
from db.store import backup
from db.store.locks import job_lock
from db.store.store import Store
from pipeline.core.records import Outcome
from pipeline.files.audit import check_image_files
from pipeline.files.blobs import BlobStore
from pipeline.files.remote import original_place


def cmd_status(args: argparse.Namespace, store: Store) -> int:
    counts = store.read(queries.counts)
    figures: dict[str, Any] = {
        "images": counts.images,
        "faces": counts.faces,
        "outcomes": {str(o): counts.by_outcome.get(o, 0) for o in Outcome},
        "decisions": counts.decisions,
        "labels": dict(counts.by_class),
        "accepted": counts.accepted,
        "rejected": counts.rejected,
        "unsure": counts.unsure,
        "undecided": counts.undecided,
    }
    if args.json:
        print(json.dumps(figures))
        return 0
    for name, value in figures.items():
        rows = value.items() if isinstance(value, dict) else ()
        print(name if rows else f"{name:<12}{value:>12,}")
        for inner, number in rows:
            print(f"  {inner:<16}{number:>6,}")
    return 0


def cmd_verify(args: argparse.Namespace, store: Store) -> int:
    blobs = BlobStore(store.root)
    findings = store.read(verify_database)
    stored = store.read(lambda db: list(lookup.stored_files(db)))
    findings += chain.from_iterable(
        check_image_files(blobs, f.sha256, original_place(store.root, f.original), f.unified, f.faces) for f in stored
    )
    if args.json:
        print(json.dumps({"images": len(stored), "findings": findings}))
    else:
        print("\n".join(findings) if findings else f"{len(stored):,} images, nothing is wrong")
    return 1 if findings else 0


def cmd_backup(args: argparse.Namespace, store: Store) -> int:
    backup.backup(store, args.file)
    print(json.dumps({"file": str(args.file)}) if args.json else f"saved to {args.file}")
    return 0


def cmd_restore(args: argparse.Namespace, root: Path) -> int:
    backup.restore(args.file, root)
    print(json.dumps({"workspace": str(root)}) if args.json else f"restored into {root}")
    return 0


def cmd_erase(args: argparse.Namespace, store: Store) -> int:
    with job_lock(store.root):
        doomed = store.read(lambda db: erase.plan_erase(db, args.sha256))
        # Files first: while the rows are there, an interrupted erase can be done again.
        for name in doomed.files:
            (store.root / name).unlink(missing_ok=True)
        store.write(lambda db: erase.erase(db, args.sha256))
    if args.json:
        print(json.dumps(asdict(doomed)))
        return 0
    print(f"erased: {doomed.faces} faces, {len(doomed.files)} files; {doomed.decisions} decisions stay, as hashes")
    for outside in doomed.outside:
        print(f"the original stays where it is: {outside}")
    return 0
