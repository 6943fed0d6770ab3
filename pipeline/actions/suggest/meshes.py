"""Places the Face Landmarker's mesh on faces that were processed before it was installed."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Final

from db.reads.details import image_info
from db.store.store import Db, Store
from db.suggest import meshes
from models import landmarker
from pipeline.actions.manual_faces import upright_pixels
from pipeline.core.errors import IntegrityError
from pipeline.core.geometry import DLIB
from pipeline.core.metrics import BY_NAME
from pipeline.core.records import Face
from pipeline.faces.landmarker.mesh import Mesh
from pipeline.faces.landmarker.values import find_mesh, values_kept
from pipeline.faces.quality import mouth_disagreement

AT_ONCE: Final = 50


def place_missing(store: Store, most: int | None, show: Callable[[str, int, int], object]) -> int:
    """For at most `most` images (None: all) with a listed face that has none; returns how many faces were looked at.

    Nothing where the landmarker is not installed. An image whose pixels are gone is passed over. Raises ModelError if
    the landmarker's file is another one, StorageError.
    """
    if not landmarker.is_installed():
        return 0
    landmarker.nets()
    looked, images, after = 0, 0, ""
    while most is None or images < most:
        step = AT_ONCE if most is None else min(AT_ONCE, most - images)
        found = _next(store, after, step)
        if not found:
            break
        for sha256 in found:
            looked += _place(store, sha256)
            images += 1
            show("meshes", images, most or 0)
        after = found[-1]
    return looked


def _next(store: Store, after: str, most: int) -> list[str]:
    return store.read(lambda db: meshes.images_without(db, after, most))


def _place(store: Store, sha256: str) -> int:
    image = store.read(lambda db: image_info(db, sha256))
    if image is None:  # erased meanwhile
        return 0
    try:
        bgr = upright_pixels(store, image)
    except IntegrityError as e:
        logging.info("no mesh of %s: %s", sha256, e)
        return 0
    placed = [(face, find_mesh(bgr, face.landmarks)) for face in image.faces]
    return store.write(lambda db: sum(_put(db, face, mesh) for face, mesh in placed))


def _put(db: Db, face: Face, mesh: Mesh | None) -> bool:
    values = values_kept(mesh)
    data = meshes.NOTHING if values is None else values.astype("<f4").tobytes()
    if not meshes.put(db, face.face_id, face.landmarks.astype("<f4").tobytes(), data):
        return False
    if mesh is not None and face.landmark_model == DLIB:
        metric = BY_NAME["mouth_disagreement"]
        meshes.put_disagreement(db, face.face_id, metric.to_stored(mouth_disagreement(face.landmarks, mesh)))
    return True
