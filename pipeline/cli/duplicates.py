"""`duplicates`: near copies among all images; and the same for what an ingest brought, called at its end."""

from __future__ import annotations

import argparse
import json
import logging
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from tqdm import tqdm

from db.duplicates import groups, near_pairs
from db.duplicates.grouping import NearPair
from db.store.locks import job_lock
from db.store.store import Db, Store
from pipeline.core.errors import DecodeError
from pipeline.core.records import Settings
from pipeline.files.blobs import BlobStore
from pipeline.pixels.decode import decode, read_capped
from pipeline.pixels.near_duplicates import (
    FAISS_HINT,
    Engine,
    Matches,
    Search,
    check_views,
    choose_engine,
    has_faiss,
    is_large,
)
from pipeline.pixels.phash import VIEWS, image_hashes

DEFAULT_VIEWS: Final = ("plain", "centre")
"""Mirrored copies are searched when asked for: a smile and its mirror image are two samples to some."""
_BATCH: Final = 1000
"""Images compared and written at a time: what a kill can cost."""


@dataclass(frozen=True, slots=True)
class Compared:
    """What an update did: images compared with all before them, near pairs found, by which engine and views."""

    images: int
    pairs: int
    engine: str
    views: tuple[str, ...]


def update_duplicates(
    store: Store, report: Callable[[], object] | None = None, engine: Engine = "auto", bar: tqdm[Any] | None = None
) -> Compared:
    """Compare the images that were not with all others, and group what is near.

    report: called before each batch; what it raises stops here, with all batches before it kept. A rerun goes on.
    Raises UsageError for an engine that is not installed.
    """
    views = store.read(near_pairs.views)
    if views is None:
        views = DEFAULT_VIEWS
        store.write(lambda db: near_pairs.restart(db, DEFAULT_VIEWS))
    waiting = store.read(lambda db: near_pairs.load_hashes(db, compared=False))
    new = len(waiting.shas)
    if new == 0:
        return Compared(0, 0, "numpy", views)
    before = store.read(lambda db: near_pairs.load_hashes(db, compared=True))
    chosen = choose_engine(new, new + len(before.shas), engine)
    if is_large(new, new + len(before.shas)) and not has_faiss():
        logging.info("comparing %d images with numpy: %s", new, FAISS_HINT)
    search = Search(views, chosen)
    search.extend(before.hashes, search=False)
    shas, pairs = [*before.shas, *waiting.shas], 0
    for start in range(0, new, _BATCH):
        if report:
            report()
        found = _named(search.extend(waiting.hashes[start : start + _BATCH]), shas)
        done = waiting.shas[start : start + _BATCH]
        pairs += store.write(partial(_record, found, done))
        if bar is not None:
            bar.total = new
            bar.update(len(done))
    return Compared(new, pairs, chosen, views)


def cmd_duplicates(args: argparse.Namespace, store: Store) -> int:
    """Hash what has no hashes, compare what was not compared (all again with --views), print what there is."""
    started = time.perf_counter()
    with job_lock(store.root):
        hashed, without = hash_missing(store)
        if args.views is not None:
            views = check_views([name.strip() for name in args.views.split(",")])
            store.write(lambda db: near_pairs.restart(db, views))
        with tqdm(unit="photo", disable=not sys.stderr.isatty(), file=sys.stderr) as bar:
            done = update_duplicates(store, engine=args.engine, bar=bar)
    seconds = round(time.perf_counter() - started, 3)
    totals = store.read(groups.totals)
    figures = totals | {
        "compared": done.images, "hashed": hashed, "without_pixels": without, "views": list(done.views),
        "engine": done.engine, "seconds": seconds,
    }  # fmt: skip
    if args.json:
        print(json.dumps(figures))
        return 0
    how = f"{', '.join(done.views)}; {done.engine}"
    print(
        f"{done.images:,} images compared with all before them ({how}) in {seconds} s\n"
        f"{totals['near_pairs']:,} near pairs make {totals['groups']:,} groups, {totals['open']:,} of them open;"
        f" {totals['conflicts']:,} label conflicts; {totals['exact']:,} files are exact copies"
    )
    if without:
        print(f"{without:,} images could not be compared: their thumbnails are missing", file=sys.stderr)
    if done.engine == "numpy" and is_large(done.images, totals["images"]):
        print(f"moue: {FAISS_HINT}", file=sys.stderr)
    return 0


def hash_missing(store: Store) -> tuple[int, int]:
    """Hash the images that an older Moue stored, by their thumbnails; returns how many, and how many had none."""
    blobs, made, missing = BlobStore(store.root), 0, 0
    shas = store.read(near_pairs.unhashed)
    while shas:
        found = {sha: hashes for sha in shas if (hashes := _of_thumbnail(blobs, sha)) is not None}
        store.write(partial(_put, found))
        made, missing = made + len(found), missing + len(shas) - len(found)
        shas = store.read(partial(near_pairs.unhashed, after=shas[-1]))
    return made, missing


def _put(found: dict[str, bytes], db: Db) -> None:
    near_pairs.put_hashes(db, found.items())


def _of_thumbnail(blobs: BlobStore, sha: str) -> bytes | None:
    settings = Settings()
    path = blobs.path("thumbs", sha, "jpg")
    try:
        return image_hashes(decode(read_capped(str(path), settings.max_bytes), str(path), settings).bgr)
    except DecodeError as e:
        logging.warning("no hashes for %s: %s", sha, e)
        return None


def _record(found: Sequence[NearPair], done: Sequence[str], db: Db) -> int:
    return near_pairs.record_pairs(db, found, done)


def _named(found: Matches, shas: Sequence[str]) -> list[NearPair]:
    pairs = []
    for new, old, phash, dhash, view in zip(
        *(column.tolist() for column in (found.new, found.old, found.phash, found.dhash, found.view)), strict=True
    ):
        a, b = sorted((shas[new], shas[old]))
        pairs.append(NearPair(a, b, phash, dhash, VIEWS[view]))
    return pairs
