"""The stored mouths that look most like the one on a photo that is not, and does not become, part of the workspace."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace

import numpy as np

from db.projection import looks
from db.reads.details import image_info
from db.reads.lookup import faces_of_seqs, image_ids
from db.store.store import Db, Store
from db.suggest import descriptors
from pipeline.core.errors import UsageError
from pipeline.core.geometry import Bgr
from pipeline.core.messages import message
from pipeline.core.records import Face, Settings
from pipeline.faces.crop import cut
from pipeline.faces.detect import find_faces, no_face_found
from pipeline.pixels.decode import decode
from pipeline.run.process_image import make_faces
from pipeline.suggest import descriptor
from pipeline.suggest.descriptor import Basis, Vectors


@dataclass(frozen=True, slots=True)
class Near:
    """distance: between the two descriptions; 0 is the same mouth."""

    seq: int
    face_id: str
    distance: float


@dataclass(frozen=True, slots=True)
class Similar:
    """near: the nearest first. on_photo: faces of the photo; the largest one was looked at."""

    near: tuple[Near, ...]
    on_photo: int


def find_similar(store: Store, data: bytes, name: str, most: int) -> Similar:
    """The at most `most` listed faces that look most like the largest one on a photo, given as the bytes of its file.

    Nothing is written. name: of the file, for messages. Raises DecodeError where it is no photo, UsageError where no
    face is found on it or none of the workspace is described yet, ModelError for missing weights.
    """
    stored = store.read(descriptors.basis)
    if stored is None or stored.version != descriptor.VERSION:
        raise UsageError(message("similar_nothing_described"))
    settings = store.read(_settings)
    bgr = decode(data, name, settings).bgr
    found = make_faces(bgr, hashlib.sha256(data).hexdigest(), find_faces(bgr, settings), settings)
    if not found:
        raise UsageError(no_face_found(settings, bgr.shape[1], bgr.shape[0]))
    vector = _described(bgr, found[0], settings, Basis.from_bytes(stored.data, stored.faces))
    return Similar(store.read(lambda db: _nearest(db, vector, most)), len(found))


def _settings(db: Db) -> Settings:
    """As photos of the workspace were cut and their landmarks placed; the detector is the usual one."""
    image = next((info for sha in image_ids(db, size=1) if (info := image_info(db, sha)) is not None), None)
    if image is None:
        return Settings()
    noted = Settings.of_processing(image.processing, image.margin, image.detector)
    return replace(noted, detector=Settings().detector, options=(), looks=Settings().looks, faces=Settings().faces)


def _described(bgr: Bgr, face: Face, settings: Settings, basis: Basis) -> Vectors:
    crop = cut(bgr, face.crop, settings.border)
    return descriptor.describe(crop, face.landmarks, face.crop, basis)


def _nearest(db: Db, vector: Vectors, most: int) -> tuple[Near, ...]:
    seqs, rows = looks.vectors(db)
    apart = looks.distances(rows, vector)
    order = np.argsort(apart, kind="stable")
    found: list[Near] = []
    for start in range(0, len(order), most):  # faces that are listed no more take no place
        some = order[start : start + most]
        ids = {seq: face_id for seq, face_id, _ in faces_of_seqs(db, seqs[some].tolist())}
        told = zip(seqs[some].tolist(), apart[some].tolist(), strict=True)
        found += [Near(seq, ids[seq], distance) for seq, distance in told if seq in ids]
        if len(found) >= most:
            break
    return tuple(found[:most])
