"""Small pictures of faces as a release has them: from its folder or zip, where that is still there."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path
from zipfile import BadZipFile, ZipFile

import cv2
import numpy as np

from pipeline.core.system.regular import open_regular, read_regular
from pipeline.export.release.compare import ReleasedFace
from pipeline.files.archives.damaged import DAMAGED
from pipeline.pixels.encode import encode_jpeg
from pipeline.pixels.shrink import shrink

_QUALITY = 85


def small_pictures(place: Path, faces: Iterable[ReleasedFace], side: int) -> dict[str, bytes]:
    """JPEG bytes by face id, with a longer side of at most `side` pixels.

    Left out is what is not there any more, and what is not the very file that was released: no other bytes are decoded.
    """
    wanted = [face for face in faces if face.digest]
    if place.is_dir():
        return _shrunk(((face, _read(place / face.file)) for face in wanted), side)
    try:
        with open_regular(place) as file, ZipFile(file) as archive:
            # The folder within has the line's name, whatever the zip was renamed to.
            root = archive.namelist()[0].partition("/")[0] if archive.namelist() else ""
            return _shrunk(((face, _read_zipped(archive, f"{root}/{face.file}")) for face in wanted), side)
    except (OSError, BadZipFile):
        return {}


def _read(file: Path) -> bytes:
    try:
        return read_regular(file)
    except OSError:
        return b""


def _read_zipped(archive: ZipFile, name: str) -> bytes:
    try:
        return archive.read(name)
    except (KeyError, OSError, *DAMAGED):
        return b""


def _shrunk(read: Iterable[tuple[ReleasedFace, bytes]], side: int) -> dict[str, bytes]:
    found = {}
    for face, data in read:
        if hashlib.sha256(data).hexdigest() != face.digest:
            continue
        image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
        if image is not None:
            found[face.face_id] = encode_jpeg(shrink(np.asarray(image, np.uint8), side)[0], _QUALITY)
    return found
