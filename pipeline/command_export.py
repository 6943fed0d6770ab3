"""`export`: the accepted crops, frozen and named."""

from __future__ import annotations

import argparse
import json
from typing import Any

from db import classes, queries, releases
from db.connect import Store
from pipeline.blobs import BlobStore
from pipeline.export import Shape, plan, write


def cmd_export(args: argparse.Namespace, store: Store) -> int:
    items = store.read(queries.accepted_items)
    names = [spec.name for spec in store.read(classes.list_classes)]
    blobs = BlobStore(store.root)
    chosen = plan(items, names, args.val, args.seed, Shape(args.size, args.min_side))
    done = write(chosen, lambda face: blobs.path("crops", face, "png"), args.out, overwrite=args.overwrite)
    counts: dict[str, Any] = {split: dict(by_class) for split, by_class in done.counts.items()}
    params = {"val": args.val, "seed": args.seed, "format": args.format, "size": args.size, "min_side": args.min_side}
    name = args.name or done.out.name
    store.write(lambda db: releases.add_release(db, name, str(done.out), params, counts, done.digest, args.annotator))
    figures = {
        "out": str(done.out),
        "files": done.files,
        "counts": counts,
        "digest": done.digest,
        "left_out": chosen.left_out,
    }
    print(json.dumps(figures) if args.json else f"{done.files:,} crops in {done.out}")
    return 0
