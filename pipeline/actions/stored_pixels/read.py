"""The pixels of a photo that is in the workspace: from the original; where that is gone or has changed, from the
unified JPEG made of it. Nothing is written here."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from pipeline.actions.stored_pixels.requests import StoredImage
from pipeline.core.errors import DecodeError, IntegrityError
from pipeline.core.geometry import Bgr
from pipeline.core.messages import message
from pipeline.core.records import Settings
from pipeline.files.blobs import BlobStore
from pipeline.files.hashing import hash_file
from pipeline.files.remote import original_location
from pipeline.pixels.decode import load_checked, load_upright


@dataclass(frozen=True, slots=True)
class StoredPixels:
    """bgr: upright, full resolution. unnoted: the SHA-256 of the unified JPEG that they are from, where an older Moue
    wrote it and noted no hash: whoever writes about the photo next notes it (`db.images.images.note_unified`)."""

    bgr: Bgr
    unnoted: str | None = None


def upright_pixels(root: Path, image: StoredImage) -> StoredPixels:
    """Those of an image of the workspace `root`. Raises IntegrityError where no file with them is left."""
    original = original_location(root, image.original)
    with suppress(DecodeError):
        return StoredPixels(load_checked(original, image.sha256, Settings()).bgr)
    pixels = unified_pixels(root, image)
    if pixels is None:
        raise IntegrityError(message("original_gone", file=original))
    return pixels


def unified_pixels(root: Path, image: StoredImage) -> StoredPixels | None:
    """Those of an image's unified JPEG; None where there is none, or not the bytes that Moue wrote.

    One that an older Moue wrote, which noted no hash, is taken as it is.
    """
    if not image.unified:
        return None
    file = _unified_file(root, image)
    with suppress(DecodeError):
        if image.unified_sha256 is not None:
            return StoredPixels(load_checked(file, image.unified_sha256, Settings()).bgr)
        decoded, found = load_upright(file, Settings())
        return StoredPixels(decoded.bgr, found)
    return None


def intact_unified(root: Path, image: StoredImage) -> Path | None:
    """Where the unified JPEG of an image lies, None where there is none that may be read."""
    file = _unified_file(root, image)
    found = hash_file(file) if image.unified else None
    return file if found is not None and image.unified_sha256 in (None, found) else None


def _unified_file(root: Path, image: StoredImage) -> Path:
    return BlobStore(root).path("images", image.sha256, "jpg")
