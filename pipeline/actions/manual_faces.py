"""Stores faces that a person draws and crops that a person moves.

Each reads the photo, makes the face and its crop from the pixels, and then writes: the crop around its row, so that
where the row cannot be written (a photo that was erased meanwhile) the crop is what it was before.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from typing import Final

from db.images import faces
from db.images.images import note_unified
from db.reads.details import face_info, image_info
from db.store.locks import files_lock
from db.store.store import Db, Store
from pipeline.actions.stored_pixels import manual
from pipeline.actions.stored_pixels.requests import FaceMaker
from pipeline.core.errors import IntegrityError, UsageError
from pipeline.core.geometry import BoundingBox, CropBox
from pipeline.core.messages import message
from pipeline.core.records import Face, Settings, crop_version
from pipeline.faces.manual import DRAWN, same_face
from pipeline.files.blobs import BlobStore

# The detector's net holds one input size at a time, and two crops of one face must not cross.
one_at_a_time: Final = threading.Lock()


@dataclass(frozen=True, slots=True)
class FaceChange:
    """The face that was added or changed, and its image. recognised: whether the detector finds a face there, too.
    pushed: whether the crop stuck out of the photo, and was pushed inside."""

    sha256: str
    face_id: str
    recognised: bool
    pushed: bool = False


def draw_face(store: Store, sha256: str, box: BoundingBox, maker: FaceMaker = manual) -> FaceChange:
    """Make and store the face in a box drawn by hand (upright original pixels); it then waits for review.

    maker: who reads the photo; a server has that done elsewhere.
    Raises UsageError (no such image, a box too small, a face that is there already), IntegrityError and StorageError.
    """
    with one_at_a_time:
        image = store.read(lambda db: image_info(db, sha256))
        if image is None:
            raise UsageError(message("photo_gone"))
        settings = Settings.of_processing(image.processing, image.margin, image.detector)
        made = maker.drawn(store.root, image, box, replace(settings, detector=DRAWN))
        face = made.face
        twin = same_face(face, image.faces)
        if twin is not None and twin.face_id == face.face_id:
            raise UsageError(message("box_drawn_already"))
        if twin is not None:
            raise UsageError(message("face_is_there"))
        add_face(store, replace(face, rank=len(image.faces)), made.png, made.unnoted)
    return FaceChange(sha256, face.face_id, face.score is not None)


def move_crop(store: Store, face_id: str, crop: CropBox, maker: FaceMaker = manual) -> FaceChange:
    """Cut a face's crop at another place; the face, its landmarks and its decisions stay. One that sticks out of the
    photo is treated as the photo's other crops are (see `border.Border`). maker: as for `draw_face`.

    Raises UsageError (no such face, a crop that shows nothing), IntegrityError and StorageError.
    """
    with one_at_a_time:
        info = store.read(lambda db: face_info(db, face_id))
        if info is None or info.removed:
            raise UsageError(message("face_gone"))
        sha256 = info.face.image_sha256
        image = store.read(lambda db: image_info(db, sha256))
        if image is None:
            raise IntegrityError(message("face_without_image", face=face_id))
        crop = replace(crop, angle=info.face.crop.angle)
        border = Settings.of_processing(image.processing, image.margin, image.detector).border
        made = maker.moved(store.root, image, info.face, crop, border)
        moved = made.face
        with files_lock(store.root), BlobStore(store.root).replaced("crops", face_id, "png", made.png):

            def work(db: Db) -> None:
                faces.replace_crop(db, face_id, moved.crop, None, crop_version(made.png), moved.quality)
                note_unified(db, sha256, made.unnoted)

            store.write(work)
    return FaceChange(sha256, face_id, moved.score is not None, (moved.crop.x, moved.crop.y) != (crop.x, crop.y))


def add_face(store: Store, face: Face, png: bytes, unnoted: str | None) -> None:
    """Write a face that no detector found and its crop. unnoted: see `StoredPixels`."""
    with files_lock(store.root), BlobStore(store.root).replaced("crops", face.face_id, "png", png):

        def work(db: Db) -> None:
            faces.add_face(db, face, crop_version(png), "drawn")
            note_unified(db, face.image_sha256, unnoted)

        store.write(work)
