"""Stores faces that a person draws and crops that a person moves.

Pixels come from the original; where that is gone or has changed, from the unified JPEG made of it.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Final

from db.images import faces
from db.images.images import note_unified
from db.reads.details import ImageInfo, face_info, image_info
from db.store.locks import files_lock
from db.store.store import Store
from db.tables import file_deletions
from pipeline.core.errors import DecodeError, IntegrityError, StorageError, UsageError
from pipeline.core.geometry import Bgr, BoundingBox, CropBox
from pipeline.core.messages import message
from pipeline.core.records import Settings, crop_version, face_id
from pipeline.faces.manual import DRAWN, face_from_box, face_of_crop, recrop, same_face
from pipeline.files.blobs import BlobStore
from pipeline.files.hashing import hash_file
from pipeline.files.remote import original_location
from pipeline.pixels.decode import load_checked, load_upright

# The detector's net holds one input size at a time, and two crops of one face must not cross.
_one_at_a_time: Final = threading.Lock()


@dataclass(frozen=True, slots=True)
class FaceChange:
    """The face that was added or changed, and its image. recognised: whether the detector finds a face there, too.
    pushed: whether the crop stuck out of the photo, and was pushed inside."""

    sha256: str
    face_id: str
    recognised: bool
    pushed: bool = False


def draw_face(store: Store, sha256: str, box: BoundingBox) -> FaceChange:
    """Make and store the face in a box drawn by hand (upright original pixels); it then waits for review.

    Raises UsageError (no such image, a box too small, a face that is there already), IntegrityError and StorageError.
    """
    with _one_at_a_time:
        image = store.read(lambda db: image_info(db, sha256))
        if image is None:
            raise UsageError(message("photo_gone"))
        settings = Settings.of_processing(image.processing, image.margin, image.detector)
        pixels = upright_pixels(store, image)
        face, png = face_from_box(pixels, sha256, box, replace(settings, detector=DRAWN))
        twin = same_face(face, image.faces)
        if twin is not None and twin.face_id == face.face_id:
            raise UsageError(message("box_drawn_already"))
        if twin is not None:
            raise UsageError(message("face_is_there"))
        face = replace(face, rank=len(image.faces))
        with _crop_written(store, face.face_id, png):
            store.write(lambda db: faces.add_face(db, face, crop_version(png), "drawn"))
    return FaceChange(sha256, face.face_id, face.score is not None)


def take_as_crop(store: Store, sha256: str) -> str:
    """Make and store the face of a picture that is a mouth crop itself, and return its id; the one that is there stays
    as it is. Raises as `draw_face`."""
    with _one_at_a_time:
        image = store.read(lambda db: image_info(db, sha256))
        if image is None:
            raise UsageError(message("photo_gone"))
        whole = BoundingBox(0.0, 0.0, float(image.width), float(image.height))
        identity = face_id(sha256, whole, DRAWN)
        if any(one.face_id == identity for one in image.faces):
            return identity
        settings = Settings.of_processing(image.processing, image.margin, image.detector)
        face, png = face_of_crop(upright_pixels(store, image), sha256, replace(settings, detector=DRAWN))
        face = replace(face, rank=len(image.faces))
        with _crop_written(store, face.face_id, png):
            store.write(lambda db: faces.add_face(db, face, crop_version(png), "drawn"))
    return face.face_id


def move_crop(store: Store, face_id: str, crop: CropBox) -> FaceChange:
    """Cut a face's crop at another place; the face, its landmarks and its decisions stay. One that sticks out of the
    photo is treated as the photo's other crops are (see `border.Border`).

    Raises UsageError (no such face, a crop that shows nothing), IntegrityError and StorageError.
    """
    with _one_at_a_time:
        info = store.read(lambda db: face_info(db, face_id))
        if info is None or info.removed:
            raise UsageError(message("face_gone"))
        sha256 = info.face.image_sha256
        image = store.read(lambda db: image_info(db, sha256))
        if image is None:
            raise IntegrityError(message("face_without_image", face=face_id))
        crop = replace(crop, angle=info.face.crop.angle)
        border = Settings.of_processing(image.processing, image.margin, image.detector).border
        moved, png = recrop(upright_pixels(store, image), info.face, crop, border)
        with _crop_written(store, face_id, png):
            store.write(lambda db: faces.replace_crop(db, face_id, moved.crop, None, crop_version(png), moved.quality))
    return FaceChange(sha256, face_id, moved.score is not None, (moved.crop.x, moved.crop.y) != (crop.x, crop.y))


@contextmanager
def _crop_written(store: Store, face_id: str, png: bytes) -> Iterator[None]:
    """Write a crop around the write of its row. Where that fails, as for a photo that was erased meanwhile, the crop is
    what it was before; where no row names the face, it goes."""
    blobs = BlobStore(store.root)
    with files_lock(store.root):
        before = _stored_crop(blobs, face_id)
        blobs.put("crops", face_id, "png", png)
        try:
            yield
        except BaseException:
            if store.read(partial(file_deletions.unnamed, paths=[file_deletions.crop_file(face_id)])):
                blobs.remove("crops", face_id, "png")
            elif before is not None:
                blobs.put("crops", face_id, "png", before)
            raise


def _stored_crop(blobs: BlobStore, face_id: str) -> bytes | None:
    with suppress(StorageError):
        return blobs.read("crops", face_id, "png")
    return None


def upright_pixels(store: Store, image: ImageInfo) -> Bgr:
    """The full-resolution upright pixels of an image.

    Raises IntegrityError where no file with these pixels is left.
    """
    original = original_location(store.root, image.original)
    with suppress(DecodeError):
        return load_checked(original, image.sha256, Settings()).bgr
    pixels = unified_pixels(store, image)
    if pixels is None:
        raise IntegrityError(message("original_gone", file=original))
    return pixels


def unified_pixels(store: Store, image: ImageInfo) -> Bgr | None:
    """The pixels of an image's unified JPEG; None where there is none, or not the bytes that Moue wrote.

    One that an older Moue wrote, which noted no hash, is taken as it is, and noted.
    """
    if not image.unified:
        return None
    file = _unified_file(store.root, image)
    with suppress(DecodeError):
        if image.unified_sha256 is not None:
            return load_checked(file, image.unified_sha256, Settings()).bgr
        decoded, found = load_upright(file, Settings())
        store.write(lambda db: note_unified(db, image.sha256, found))
        return decoded.bgr
    return None


def intact_unified(root: Path, image: ImageInfo) -> Path | None:
    """Where the unified JPEG of an image lies, None where there is none that may be read."""
    file = _unified_file(root, image)
    found = hash_file(file) if image.unified else None
    return file if found is not None and image.unified_sha256 in (None, found) else None


def _unified_file(root: Path, image: ImageInfo) -> Path:
    return BlobStore(root).path("images", image.sha256, "jpg")
