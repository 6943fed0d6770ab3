"""Describes faces by the recognition net, where the owner switched that on, and tells people apart by it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

from db.people import embeddings, switch
from db.reads.details import image_info
from db.store.locks import people_lock
from db.store.store import Db, Store
from db.tables import audit
from models.loaded import recognition_net
from pipeline.actions.manual_faces import upright_pixels
from pipeline.core.errors import IntegrityError
from pipeline.core.records import Face
from pipeline.faces.recognition.complete_link import groups
from pipeline.faces.recognition.embedding import embedding

AT_ONCE: Final = 50

Show = Callable[[str, int, int], object]


@dataclass(frozen=True, slots=True)
class Told:
    """faces: that were described by this run. persons: that looks tell of."""

    faces: int
    persons: int


@dataclass(frozen=True, slots=True)
class Switched:
    """forgotten: descriptions that went. log_emptied: see `Erased`."""

    forgotten: int
    log_emptied: bool


def switch_looks(store: Store, on: bool, *, by: str = audit.COMMAND_LINE) -> Switched:
    """Have faces described from now on, or forget all descriptions. Raises ModelError where the net's file is missing
    or another one."""
    if on:
        recognition_net()
    gone = store.write(lambda db: switch.switch(db, on, by=by))
    return Switched(gone, on or store.empty_log())


def tell_apart(store: Store, show: Show = lambda phase, done, total: None) -> Told:
    """Describe the listed faces that are not yet, then group all. Nothing where this is switched off.

    Raises BusyError while another process does it, ModelError, StorageError.
    """
    with people_lock(store.root):
        if not store.read(switch.is_on):
            return Told(0, 0)
        recognition_net()
        done = _describe_all(store, show)
        described = store.read(embeddings.load)
        found = embeddings.persons_of(described, groups(described.vectors, described.known))
        return Told(done, store.write(partial(embeddings.keep_groups, found=found)))


def _describe_all(store: Store, show: Show) -> int:
    done, after = 0, ""
    while images := store.read(partial(embeddings.images_without, after=after, most=AT_ONCE)):
        for sha256 in images:
            done += _describe(store, sha256)
            show("people", done, 0)
        after = images[-1]
        if not store.read(switch.is_on):
            break
    return done


def _describe(store: Store, sha256: str) -> int:
    image = store.read(lambda db: image_info(db, sha256))
    if image is None:  # erased meanwhile
        return 0
    try:
        bgr = upright_pixels(store, image)
    except IntegrityError as e:
        logging.info("faces of %s are not described: %s", sha256, e)
        made = [(face, embeddings.NOTHING) for face in image.faces]
    else:
        made = [(face, embedding(bgr, face.landmarks, face.box).astype("<f4").tobytes()) for face in image.faces]

    def work(db: Db) -> int:
        return sum(_put(db, face, data) for face, data in made)

    return store.write(work)


def _put(db: Db, face: Face, data: bytes) -> bool:
    return embeddings.put(db, face.face_id, face.landmarks.astype("<f4").tobytes(), data)
