"""`duplicates`: near copies among all images, and what there is of them."""

from __future__ import annotations

import argparse
import json
import sys
import time

from tqdm import tqdm

from db.duplicates import groups
from db.store.store import Store
from pipeline.actions.near_duplicates import compare_all
from pipeline.pixels.near_duplicates import FAISS_HINT, is_large


def cmd_duplicates(args: argparse.Namespace, store: Store) -> int:
    """Hash what has no hashes, compare what was not compared (all again with --views), print what there is."""
    started = time.perf_counter()
    views = None if args.views is None else [name.strip() for name in args.views.split(",")]
    with tqdm(unit="photo", disable=not sys.stderr.isatty(), file=sys.stderr) as bar:

        def show(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        compared, hashed = compare_all(store, views, args.engine, show)
        show(compared.images, compared.images)
    seconds = round(time.perf_counter() - started, 3)
    totals = store.read(groups.totals)
    figures = totals | {
        "compared": compared.images, "hashed": hashed.images, "without_pixels": hashed.without_thumbnail,
        "views": list(compared.views),
        "engine": compared.engine, "seconds": seconds,
    }  # fmt: skip
    if args.json:
        print(json.dumps(figures))
        return 0
    by = f"{', '.join(compared.views)}; {compared.engine}"
    print(
        f"{compared.images:,} images compared with all before them ({by}) in {seconds} s\n"
        f"{totals['near_pairs']:,} near pairs make {totals['groups']:,} groups, {totals['open']:,} of them open;"
        f" {totals['conflicts']:,} label conflicts; {totals['exact']:,} files are exact copies"
    )
    if hashed.without_thumbnail:
        print(
            f"{hashed.without_thumbnail:,} images could not be compared: their thumbnails are missing", file=sys.stderr
        )
    if compared.engine == "numpy" and is_large(compared.images, totals["images"]):
        print(f"moue: {FAISS_HINT}", file=sys.stderr)
    return 0
