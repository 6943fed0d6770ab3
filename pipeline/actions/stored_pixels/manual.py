"""The pixels' share of what `pipeline.actions.manual_faces` does: reads the photo, makes the face and its crop."""

from __future__ import annotations

from pathlib import Path

from pipeline.actions.stored_pixels.read import upright_pixels
from pipeline.actions.stored_pixels.requests import Made, StoredImage
from pipeline.core.border import Border
from pipeline.core.geometry import BoundingBox, CropBox
from pipeline.core.records import Face, Settings
from pipeline.faces.manual import face_from_box, face_of_crop, recrop


def drawn(root: Path, image: StoredImage, box: BoundingBox, settings: Settings) -> Made:
    """See `face_from_box`. settings: the detector's name is the one that the face gets."""
    pixels = upright_pixels(root, image)
    return Made(*face_from_box(pixels.bgr, image.sha256, box, settings), pixels.unnoted)


def whole(root: Path, image: StoredImage, settings: Settings, mouth: BoundingBox | None) -> Made:
    """See `face_of_crop`."""
    pixels = upright_pixels(root, image)
    return Made(*face_of_crop(pixels.bgr, image.sha256, settings, mouth), pixels.unnoted)


def moved(root: Path, image: StoredImage, face: Face, crop: CropBox, border: Border) -> Made:
    """See `recrop`."""
    pixels = upright_pixels(root, image)
    return Made(*recrop(pixels.bgr, face, crop, border), pixels.unnoted)
