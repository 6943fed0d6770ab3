"""Makes the pictures of the image route: chooses the file, scales and encodes it."""

from __future__ import annotations

from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import Final

from PIL import Image

from db.base.paths import to_path
from db.images.images import has_image
from db.reads.details import ImageInfo, image_info
from db.store.locks import files_lock
from pages._server import workspace
from pipeline.actions.stored_pixels.read import unified_pixels
from pipeline.core.errors import BusyError, MoueError, StorageError, UnavailableError
from pipeline.core.geometry import Bgr
from pipeline.core.messages import message
from pipeline.core.records import Settings
from pipeline.faces.overlay import draw_overlay
from pipeline.files.blobs import Blob
from pipeline.files.remote import original_location
from pipeline.pixels.decode import load_checked
from pipeline.pixels.encode import encode_jpeg
from pipeline.pixels.shrink import shrink

WHOLE: Final = ("thumb", "original", "unified", "overlay")
LONGEST: Final = 1600
_JPEG: Final = "image/jpeg"
_QUALITY: Final = 90
_CROP_QUALITY: Final = 92


class UnknownPictureError(MoueError):
    """No such image or face in this workspace, or its file is gone."""


def render(kind: str, blob_id: str, option: str) -> tuple[bytes, str]:
    """The encoded picture and its media type. option: a crop's side in pixels, or the face that an overlay emphasises.

    Raises UnknownPictureError, DecodeError (an original that changed into something else) and StorageError.
    """
    if kind == "crop":
        return _crop(blob_id, int(option) if option else None)
    info = workspace.get_store().read(lambda db: image_info(db, blob_id))
    if info is None:
        raise UnknownPictureError(message("image_not_here"))
    store = workspace.blobs()
    if kind == "thumb":
        return store.thumb(blob_id) or _rebuild_thumb(info), _JPEG
    bgr = _pixels(info, original=kind == "original")
    if kind == "overlay":
        bgr = draw_overlay(bgr, info.faces, option or None, LONGEST)
    return encode_jpeg(shrink(bgr, LONGEST)[0], _QUALITY), _JPEG


def original_path(info: ImageInfo) -> Path | str:
    """The original's path or URL as it was given, or its path in the workspace if it is stored there."""
    return original_location(workspace.root(), to_path(info.original))


def _pixels(info: ImageInfo, *, original: bool) -> Bgr:
    """Upright pixels; the unified JPEG is the quicker one where there is one, and stands in for a lost original."""
    if not original and (pixels := unified_pixels(workspace.root(), info)) is not None:
        return pixels.bgr
    with suppress(UnavailableError):  # gone, or another photo lies at its place: its pixels are none of this image's
        return load_checked(original_path(info), info.sha256, Settings()).bgr
    if original and (pixels := unified_pixels(workspace.root(), info)) is not None:
        return pixels.bgr
    raise UnknownPictureError(message("original_gone", file=original_path(info)))


def _rebuild_thumb(info: ImageInfo) -> bytes:
    data = encode_jpeg(shrink(_pixels(info, original=False), Settings().thumb_side)[0], 82)
    store = workspace.get_store()
    with suppress(BusyError), files_lock(store.root):
        if store.read(lambda db: has_image(db, info.sha256)):  # not erased while it was made
            workspace.blobs().put_many([Blob("thumbs", info.sha256, "jpg", data, durable=False)])
    return data


def _crop(face_id: str, side: int | None) -> tuple[bytes, str]:
    """A crop card: shrunk or enlarged to `side` (its longer edge), or as it is."""
    try:
        data = workspace.blobs().read("crops", face_id, "png")
    except StorageError as e:
        raise UnknownPictureError(message("crop_not_here")) from e
    with Image.open(BytesIO(data), formats=("PNG",)) as opened:
        crop = opened.convert("RGB")
    if side is None:
        out = BytesIO()
        crop.save(out, "PNG", compress_level=1)
        return out.getvalue(), "image/png"
    factor = side / max(crop.size)
    size = (max(1, round(crop.width * factor)), max(1, round(crop.height * factor)))
    method = Image.Resampling.LANCZOS if factor < 1 else Image.Resampling.BICUBIC
    out = BytesIO()
    crop.resize(size, method).save(out, "JPEG", quality=_CROP_QUALITY)
    return out.getvalue(), _JPEG
