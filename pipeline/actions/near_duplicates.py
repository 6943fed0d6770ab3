"""Near copies among the images: each new one compared with all before it, and grouped with what is near."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from db.duplicates import near_pairs
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
class Comparison:
    """What an update did: images compared with all before them, near pairs found, by which engine and views."""

    images: int
    pairs: int
    engine: str
    views: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Hashed:
    """Images that had no hashes: how many have them now, and how many have no thumbnail to make them of."""

    images: int
    without_thumbnail: int


def update_near_duplicates(
    store: Store, report: Callable[[int, int], object] = lambda done, total: None, engine: Engine = "auto"
) -> Comparison:
    """Compare the images that were not with all others, and group what is near.

    report: called with (images compared, images to compare) before each batch; what it raises stops here, with all
    batches before it kept. A rerun goes on. Raises UsageError for an engine that is not installed.
    """
    views = store.read(near_pairs.views)
    if views is None:
        views = DEFAULT_VIEWS
        store.write(lambda db: near_pairs.restart(db, DEFAULT_VIEWS))
    waiting = store.read(lambda db: near_pairs.load_hashes(db, compared=False))
    new = len(waiting.shas)
    if new == 0:
        return Comparison(0, 0, "numpy", views)
    before = store.read(lambda db: near_pairs.load_hashes(db, compared=True))
    chosen = choose_engine(new, new + len(before.shas), engine)
    if is_large(new, new + len(before.shas)) and not has_faiss():
        logging.info("comparing %d images with numpy: %s", new, FAISS_HINT)
    search = Search(views, chosen)
    search.extend(before.hashes, search=False)
    shas, pairs = [*before.shas, *waiting.shas], 0
    for start in range(0, new, _BATCH):
        report(start, new)
        found = _named(search.extend(waiting.hashes[start : start + _BATCH]), shas)
        done = waiting.shas[start : start + _BATCH]
        pairs += store.write(partial(_record, found, done))
    return Comparison(new, pairs, chosen, views)


def compare_all(
    store: Store,
    views: Sequence[str] | None = None,
    engine: Engine = "auto",
    report: Callable[[int, int], object] = lambda done, total: None,
) -> tuple[Comparison, Hashed]:
    """Hash what has no hashes, and compare what was not compared; all again where `views` are given, which then stay.

    report: see `update_near_duplicates`. Raises UsageError for unknown views or an engine that is not installed,
    BusyError while a job runs.
    """
    with job_lock(store.root):
        hashed = hash_missing(store)
        if views is not None:
            checked = check_views(views)
            store.write(lambda db: near_pairs.restart(db, checked))
        return update_near_duplicates(store, report, engine), hashed


def hash_missing(store: Store) -> Hashed:
    """Hash the images that an older Moue stored, by their thumbnails."""
    blobs, made, missing = BlobStore(store.root), 0, 0
    shas = store.read(near_pairs.unhashed)
    while shas:
        found = {sha: hashes for sha in shas if (hashes := _of_thumbnail(blobs, sha)) is not None}
        store.write(partial(_put, found))
        made, missing = made + len(found), missing + len(shas) - len(found)
        shas = store.read(partial(near_pairs.unhashed, after=shas[-1]))
    return Hashed(made, missing)


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
