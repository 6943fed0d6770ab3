"""Finds near copies: compares each new image with all earlier ones, and groups those that are alike."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np

from db.duplicates import near_pairs, relations
from db.duplicates.grouping import NearPair
from db.duplicates.regroup import apply, plan, regroup
from db.duplicates.relations import FacesOfImage
from db.store.locks import job_lock
from db.store.store import Db, Store
from pipeline.copies.same_faces import FaceView, faces_agree
from pipeline.core.errors import DecodeError
from pipeline.core.geometry import Bgr
from pipeline.core.records import Settings
from pipeline.files.blobs import BlobStore
from pipeline.pixels.decode import decode, read_capped
from pipeline.pixels.near_duplicates import (
    FAISS_HINT,
    Engine,
    Search,
    check_views,
    choose_engine,
    has_faiss,
    is_large,
)
from pipeline.pixels.near_matches import Matches, Relations
from pipeline.pixels.phash import VIEWS, image_hashes

DEFAULT_VIEWS: Final = ("plain", "centre")
"""Mirrored copies are only searched on request: some count a smile and its mirror image as two samples."""
_BATCH: Final = 1000
"""Images compared and written at a time: what a kill can cost."""
_PIECE: Final = 1000
"""Rows of one write: some 100 ms."""
_TRIES: Final = 3
_VIEWS_KEPT: Final = 1000
"""So many thumbnails in grey are in memory at a time, up to 900 KB each."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """The result of an update: images compared, near pairs found, and the engine and views that were used."""

    images: int
    pairs: int
    engine: str
    views: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Hashed:
    """Images that had no hashes: how many were hashed now, and how many cannot be, as they have no thumbnail."""

    images: int
    without_thumbnail: int


def update_near_duplicates(
    store: Store, report: Callable[[int, int], object] = lambda done, total: None, engine: Engine = "auto"
) -> Comparison:
    """Compare the images that were not compared yet with all others, and update the groups of near copies.

    report: called with (images compared, images to compare) before each batch; what it raises stops here, with all
    batches before it kept; the next call continues there. Raises UsageError for an engine that is not installed.
    """
    views = store.read(near_pairs.views)
    if views is None or store.read(near_pairs.is_outdated):
        views = views or DEFAULT_VIEWS
        store.write(partial(near_pairs.restart, chosen=views))
    store.write(near_pairs.prepare)
    waiting = store.read(lambda db: near_pairs.load_hashes(db, compared=False))
    new = len(waiting.shas)
    if new == 0:
        return Comparison(0, 0, "numpy", views)
    before = store.read(lambda db: near_pairs.load_hashes(db, compared=True))
    chosen = choose_engine(new, new + len(before.shas), engine)
    if is_large(new, new + len(before.shas)) and not has_faiss():
        logging.info("comparing %d images with numpy: %s", new, FAISS_HINT)
    shas, pairs = [*before.shas, *waiting.shas], 0
    search = Search(views, chosen, _Relations(store, shas))
    search.extend(before.hashes, search=False, same=before.same)
    for start in range(0, new, _BATCH):
        report(start, new)
        found = search.extend(waiting.hashes[start : start + _BATCH])
        pairs += _store_in_pieces(store, found, shas, waiting.shas[start : start + _BATCH])
    return Comparison(new, pairs, chosen, views)


def _store_in_pieces(store: Store, found: Matches, shas: Sequence[str], compared: Sequence[str]) -> int:
    """Store what a batch found, in writes that others need not wait for long. Returns how many pairs were stored.

    That the batch was compared is noted last: what was killed before is compared once more.
    """
    pairs, stored, torn = _named(found, shas), 0, set[str]()
    for start in range(0, len(pairs), _PIECE):
        done, lost = store.write(partial(near_pairs.put_pairs, pairs=pairs[start : start + _PIECE]))
        stored, torn = stored + done, torn | lost
    same = {shas[new]: shas[old] for new, old in zip(found.new[found.equal], found.old[found.equal], strict=True)}
    for some in _pieces(same.items()):
        store.write(partial(near_pairs.put_same, same=dict(some)))
    _group_anew(store, {sha for pair in pairs for sha in (pair.a, pair.b)})
    left_off = {shas[n] for n in found.left_off}
    store.write(partial(near_pairs.mark_compared, shas=[sha for sha in compared if sha not in torn], left_off=left_off))
    return stored


def _group_anew(store: Store, touched: Collection[str]) -> None:
    """Work the groups out beside the writer; where others keep changing them meanwhile, with it."""
    for _ in range(_TRIES):
        made = store.read(partial(plan, shas=touched))
        if made is None or store.write(partial(apply, made=made)):
            return
    store.write(partial(regroup, shas=touched))


def _pieces(every: Iterable[tuple[str, str]]) -> Iterator[list[tuple[str, str]]]:
    left = list(every)
    for start in range(0, len(left), _PIECE):
        yield left[start : start + _PIECE]


def compare_all(
    store: Store,
    views: Sequence[str] | None = None,
    engine: Engine = "auto",
    report: Callable[[int, int], object] = lambda done, total: None,
) -> tuple[Comparison, Hashed]:
    """Hash and compare all images that were not; with `views`, compare all again and keep these views from then on.

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
    """Compute the hashes of images that have none (stored by an older Moue) from their thumbnails."""
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
    bgr = _thumbnail(blobs, sha)
    return None if bgr is None else image_hashes(bgr)


def _named(found: Matches, shas: Sequence[str]) -> list[NearPair]:
    pairs = []
    for new, old, phash, dhash, view in zip(
        *(column.tolist() for column in (found.new, found.old, found.phash, found.dhash, found.view)), strict=True
    ):
        a, b = sorted((shas[new], shas[old]))
        pairs.append(NearPair(a, b, phash, dhash, VIEWS[view]))
    return pairs


class _Relations(Relations):
    """Images by their number in `shas`, as `Search` names them. Reads the thumbnails of those that are asked about."""

    def __init__(self, store: Store, shas: Sequence[str]) -> None:
        self._store, self._blobs, self._shas = store, BlobStore(store.root), shas
        self._faces: dict[str, FacesOfImage] = {}
        self._views: OrderedDict[str, FaceView | None] = OrderedDict()
        numbers = {sha: n for n, sha in enumerate(shas)}
        standing = store.read(relations.standing)
        self._apart: set[tuple[int, int]] = set()
        self._split: set[int] = set()  # equal images of which two are not the same: through these nothing is joined
        for a, b in store.read(relations.all_distinct):
            one, two = (numbers.get(standing.get(sha, sha)) for sha in (a, b))
            if one is not None and two is not None:
                self._apart |= {(one, two), (two, one)}
            if one is not None and one == two:
                self._split.add(one)

    def expect(self, near: Matches) -> None:
        """Read the faces of what is near, all at once."""
        shas = {self._shas[n] for n in np.union1d(near.new, near.old).tolist()} - self._faces.keys()
        if shas:
            self._faces |= self._store.read(partial(relations.faces_of, shas=sorted(shas)))

    def agree(self, new: int, old: int, view: int) -> bool:
        """Whether the faces agree; True where neither image has one, or a thumbnail is missing."""
        one, other = self._shas[new], self._shas[old]
        for sha in (one, other):
            if sha not in self._faces:
                self._faces |= self._store.read(partial(relations.faces_of, shas=[sha]))
        if not self._faces[one].landmarks and not self._faces[other].landmarks:
            return True
        a, b = self._view(one), self._view(other)
        return a is None or b is None or faces_agree(a, b, mirrored=VIEWS[view] == "mirror")

    def is_apart(self, new: int, old: int) -> bool:
        """Whether somebody said that these, or images that they stand for, are not the same."""
        return (new, old) in self._apart or new in self._split or old in self._split

    def _view(self, sha: str) -> FaceView | None:
        if sha not in self._views:
            bgr, faces = _thumbnail(self._blobs, sha), self._faces[sha]
            self._views[sha] = None if bgr is None else FaceView.of(bgr, faces.landmarks, faces.width)
            if len(self._views) > _VIEWS_KEPT:
                self._views.popitem(last=False)
        self._views.move_to_end(sha)
        return self._views[sha]


def _thumbnail(blobs: BlobStore, sha: str) -> Bgr | None:
    """The thumbnail of an image; None where it is missing or cannot be read."""
    settings = Settings()
    path = blobs.path("thumbs", sha, "jpg")
    try:
        return decode(read_capped(str(path), settings.max_bytes), str(path), settings).bgr
    except DecodeError as e:
        logging.info("no thumbnail of %s to compare: %s", sha, e)
        return None
