"""`export`: the accepted crops, frozen and named."""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from db.reads import counts as queries
from db.store.store import Store
from db.tables import classes, releases
from pipeline.core.records import ExportItem
from pipeline.export.attribution import licence_of
from pipeline.export.export import ExportPlan, Shape, plan, write
from pipeline.files.blobs import BlobStore


def cmd_export(args: argparse.Namespace, store: Store) -> int:
    items = store.read(queries.accepted_items)
    names = [spec.name for spec in store.read(classes.list_classes)]
    blobs = BlobStore(store.root)
    shape = Shape(args.size, args.min_side, frozenset(args.licences))
    _say_which_are_none(shape, items)
    chosen = plan(items, names, args.val, args.seed, shape)
    done = write(chosen, lambda face: blobs.path("crops", face, "png"), args.out, overwrite=args.overwrite)
    counts: dict[str, Any] = {split: dict(by_class) for split, by_class in done.counts.items()}
    params = {"val": args.val, "seed": args.seed, "format": args.format} | shape.params
    name = args.name or done.out.name
    store.write(lambda db: releases.add_release(db, name, str(done.out), params, counts, done.digest, args.annotator))
    figures = {
        "out": str(done.out),
        "files": done.files,
        "counts": counts,
        "digest": done.digest,
        "left_out": chosen.left_out,
        "under_other_licences": dict(chosen.under_others),
    }
    print(json.dumps(figures) if args.json else f"{done.files:,} crops in {done.out}{_left(chosen)}")
    return 0


def _say_which_are_none(shape: Shape, items: Sequence[ExportItem]) -> None:
    """A licence that no accepted face has may be a slip of the pen; a list for many workspaces is none."""
    there = Counter(map(licence_of, items))
    for name in sorted(shape.licences - set(there)):
        print(f"no accepted face is under the licence {name!r}; there are: {_numbers(there)}", file=sys.stderr)


def _left(chosen: ExportPlan) -> str:
    return f"; left out under other licences: {_numbers(chosen.under_others)}" if chosen.under_others else ""


def _numbers(by_licence: Mapping[str, int]) -> str:
    return ", ".join(f"{name} ({number:,})" for name, number in sorted(by_licence.items())) or "none"
