"""Describes faces by the recognition net, where the owner switched that on, and tells people apart by it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from db.people import embeddings, switch
from db.store.locks import people_lock
from db.store.store import Db, Store
from db.tables import audit
from models.loaded import recognition_net
from pipeline.actions.stored_pixels.each_image import each_image
from pipeline.core.geometry import Bgr
from pipeline.core.records import Face
from pipeline.faces.recognition.complete_link import groups
from pipeline.faces.recognition.embedding import embedding

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
    done = 0
    for image, bgr in each_image(store, embeddings.images_without):
        if not store.read(switch.is_on):  # switched off meanwhile
            break
        done += _describe(store, image.faces, bgr)
        show("people", done, 0)
    return done


def _describe(store: Store, faces: Sequence[Face], bgr: Bgr | None) -> int:
    made = [(face, embeddings.NOTHING if bgr is None else _description(bgr, face)) for face in faces]
    return store.write(lambda db: sum(_put(db, face, data) for face, data in made))


def _description(bgr: Bgr, face: Face) -> bytes:
    return embedding(bgr, face.landmarks, face.box).astype("<f4").tobytes()


def _put(db: Db, face: Face, data: bytes) -> bool:
    return embeddings.put(db, face.face_id, face.landmarks.astype("<f4").tobytes(), data)
