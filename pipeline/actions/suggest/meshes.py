"""Places the Face Landmarker's mesh on faces that were processed before it was installed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from db.store.store import Db, Store
from db.suggest import meshes
from models import landmarker
from pipeline.actions.stored_pixels.each_image import each_image
from pipeline.core.geometry import DLIB, Bgr
from pipeline.core.metrics import BY_NAME
from pipeline.core.records import Face
from pipeline.faces.landmarker.mesh import Mesh
from pipeline.faces.landmarker.values import find_mesh, values_kept
from pipeline.faces.quality import mouth_disagreement


def place_missing(store: Store, most: int | None, show: Callable[[str, int, int], object]) -> int:
    """For at most `most` images (None: all) with a listed face that has none; returns how many faces were looked at.

    Nothing where the landmarker is not installed. An image whose pixels are gone is passed over. Raises ModelError if
    the landmarker's file is another one, StorageError.
    """
    if not landmarker.is_installed():
        return 0
    landmarker.nets()
    looked = 0
    for images, (image, bgr) in enumerate(each_image(store, meshes.images_without, most), 1):
        looked += 0 if bgr is None else _place(store, image.faces, bgr)
        show("meshes", images, most or 0)
    return looked


def _place(store: Store, faces: Sequence[Face], bgr: Bgr) -> int:
    placed = [(face, find_mesh(bgr, face.landmarks)) for face in faces]
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
