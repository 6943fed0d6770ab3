"""Finds what the image route is asked for; programs beside this process decode, scale and encode it."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import Final

from db.images.images import has_image
from db.reads.details import ImageInfo, image_info
from db.store.locks import files_lock
from pages._server import workspace
from pipeline.actions.stored_pixels import processes
from pipeline.actions.stored_pixels.processes import PHOTO_QUALITY, THUMB_QUALITY
from pipeline.core.errors import MoueError, StorageError, refused_place
from pipeline.core.messages import message
from pipeline.core.records import Settings
from pipeline.files.blobs import Blob

WHOLE: Final = ("thumb", "original", "unified", "overlay")
LONGEST: Final = 1600
_JPEG: Final = "image/jpeg"


class UnknownPictureError(MoueError):
    """No such image or face in this workspace, or its file is gone."""


def render(kind: str, blob_id: str, option: str) -> tuple[bytes, str]:
    """The encoded picture and its media type. option: a crop's side in pixels, or the face that an overlay emphasises.

    Raises UnknownPictureError, DecodeError (an original that is gone or changed into something else, or whose decoding
    ended its process), StorageError and WorkerError.
    """
    if kind == "crop":
        return _crop(blob_id, int(option) if option else None)
    info = workspace.get_store().read(lambda db: image_info(db, blob_id))
    if info is None:
        raise UnknownPictureError(message("image_not_here"))
    store = workspace.blobs()
    if kind == "thumb":
        return store.thumb(blob_id) or _rebuild_thumb(info), _JPEG
    if kind == "overlay":
        return processes.overlay(workspace.root(), info, LONGEST, info.faces, option or None), _JPEG
    return processes.photo(workspace.root(), info, LONGEST, original=kind == "original", quality=PHOTO_QUALITY), _JPEG


def _rebuild_thumb(info: ImageInfo) -> bytes:
    data = processes.photo(workspace.root(), info, Settings().thumb_side, original=False, quality=THUMB_QUALITY)
    store = workspace.get_store()
    with suppress(StorageError), files_lock(store.root):  # shown also where it cannot be kept: busy, a full disk
        if store.read(lambda db: has_image(db, info.sha256)):  # not erased while it was made
            workspace.blobs().put_many([Blob("thumbs", info.sha256, "jpg", data, durable=False)])
    return data


def _closed(file: Path) -> StorageError | None:
    """Why nothing can be told of a file; None where it is simply not there."""
    try:
        os.stat(file)
    except OSError as e:
        return refused_place(e)
    return None


def _crop(face_id: str, side: int | None) -> tuple[bytes, str]:
    """A crop card: shrunk or enlarged to `side` (its longer edge), or as it is."""
    file = workspace.blobs().path("crops", face_id, "png")
    if not os.path.isfile(file):
        raise _closed(file) or UnknownPictureError(message("crop_not_here"))
    return processes.crop_picture(file, side), "image/png" if side is None else _JPEG
