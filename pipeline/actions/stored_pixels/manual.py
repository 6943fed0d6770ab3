"""The pixels' share of what `pipeline.actions.manual_faces` does: reads the photo, makes the face and its crop."""

from __future__ import annotations

from pathlib import Path

from pipeline.actions.stored_pixels.read import upright_pixels
from pipeline.actions.stored_pixels.requests import Made, StoredImage
from pipeline.core.border import Border
from pipeline.core.geometry import BoundingBox, CropBox, Told
from pipeline.core.records import Face, Settings
from pipeline.faces.manual import face_from_box, recrop
from pipeline.faces.told import face_from_told, face_of_crop
from pipeline.faces.told import measured as with_told


def drawn(root: Path, image: StoredImage, box: BoundingBox, settings: Settings) -> Made:
    """See `face_from_box`. settings: the detector's name is the one that the face gets."""
    pixels = upright_pixels(root, image)
    return Made(*face_from_box(pixels.bgr, image.sha256, box, settings), pixels.unnoted)


def whole(root: Path, image: StoredImage, settings: Settings, told: Told) -> Made:
    """See `face_of_crop`."""
    pixels = upright_pixels(root, image)
    return Made(*face_of_crop(pixels.bgr, image.sha256, told, settings), pixels.unnoted)


def told(root: Path, image: StoredImage, settings: Settings, told: Told) -> Made:
    """See `face_from_told`."""
    pixels = upright_pixels(root, image)
    return Made(*face_from_told(pixels.bgr, image.sha256, told, settings), pixels.unnoted)


def measured(root: Path, image: StoredImage, face: Face, border: Border) -> Made:
    """See `pipeline.faces.told.measured`."""
    pixels = upright_pixels(root, image)
    return Made(*with_told(pixels.bgr, face, border), pixels.unnoted)


def moved(root: Path, image: StoredImage, face: Face, crop: CropBox, border: Border) -> Made:
    """See `recrop`."""
    pixels = upright_pixels(root, image)
    return Made(*recrop(pixels.bgr, face, crop, border), pixels.unnoted)
