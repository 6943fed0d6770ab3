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
from pipeline.core.records import Face
from pipeline.faces.landmarker.values import mesh_values

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
    placed = [(face, mesh_values(bgr, face.landmarks)) for face in image.faces]

    def work(db: Db) -> int:
        return sum(
            _put(db, face, meshes.NOTHING if values is None else values.astype("<f4").tobytes())
            for face, values in placed
        )

    return store.write(work)


def _put(db: Db, face: Face, data: bytes) -> bool:
    return meshes.put(db, face.face_id, face.landmarks.astype("<f4").tobytes(), data)
