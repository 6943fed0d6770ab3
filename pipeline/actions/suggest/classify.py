"""Classifies the faces of photos, of frames of a video or of a webcam, without storing anything."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from models import landmarker
from pipeline.core.durable import make_folder
from pipeline.core.errors import DecodeError, MoueError, StorageError, UsageError
from pipeline.core.geometry import Bgr, BoundingBox
from pipeline.core.messages import Message, message, os_message
from pipeline.core.outcome import Outcome
from pipeline.core.records import Face, ImageRef, Settings
from pipeline.faces.detect import find_faces, no_face_found
from pipeline.faces.landmarker.values import COLUMNS, mesh_values
from pipeline.files.exchange import rename_new
from pipeline.frames.options import VideoOptions
from pipeline.pixels.decode import load_upright
from pipeline.pixels.encode import encode_jpeg
from pipeline.run.process_image import make_faces
from pipeline.sources.plan import plan_source
from pipeline.sources.walk import iter_source
from pipeline.suggest.classifier import Classifier
from pipeline.suggest.drawing import draw_classes

CLASSIFIED: Final = "classified"
"""The outcome of a photo with faces; the others are called as in an ingest."""
_QUALITY: Final = 92


@dataclass(frozen=True, slots=True)
class ClassifiedFace:
    """box: pixels of the upright photo. score: of the detector. probabilities: of each class, by name; {} where the
    classifier suggests nothing."""

    box: BoundingBox
    score: float | None
    probabilities: dict[str, float]

    @property
    def suggested(self) -> str | None:
        """The most probable class."""
        return max(self.probabilities, key=self.probabilities.__getitem__, default=None)


@dataclass(frozen=True, slots=True)
class Classified:
    """What became of one photo or frame. location: its path, of a frame `<path>@<seconds>s`. outcome: CLASSIFIED, or as
    of an ingest; reason: why, in words. width, height: of the upright photo, 0 where it could not be decoded."""

    location: str
    outcome: str
    reason: Message
    width: int = 0
    height: int = 0
    faces: tuple[ClassifiedFace, ...] = ()
    drawn: Path | None = None


def photos(paths: list[Path | str], videos: list[Path], options: VideoOptions, spool: Path) -> Iterator[ImageRef]:
    """The photos of files, folders and zips, then the chosen frames of videos; `spool` takes what is unpacked.

    Raises UsageError where a path is missing, before anything is given.
    """
    for path in (*paths, *videos):
        if isinstance(path, Path) and not os.path.exists(path):
            raise UsageError(message("classify_path_missing", path=path))
    most = Settings().max_bytes
    plans = [plan_source(path, spool, most) for path in paths]
    plans += [replace(plan_source(path, spool, most), video=options) for path in videos]
    return (ref for plan in plans for ref in iter_source(plan))


def classify(ref: ImageRef, classifier: Classifier, settings: Settings, draw: Path | None = None) -> Classified:
    """One photo. draw: a folder into which a copy is drawn where faces are found; nothing in it is replaced.

    Never raises for a bad file. Raises StorageError where a copy cannot be written, ModelError for missing weights.
    """
    try:
        if ref.failure is not None:
            return Classified(ref.location, str(ref.failure[0]), ref.failure[1])
        decoded, sha256 = load_upright(ref.path, settings)
        return classify_pixels(decoded.bgr, ref.location, sha256, classifier, settings, draw)
    except DecodeError as e:
        return Classified(ref.location, str(e.outcome), e.message)
    finally:
        if ref.spooled:
            Path(ref.path).unlink(missing_ok=True)


def classify_pixels(
    bgr: Bgr, location: str, sha256: str, classifier: Classifier, settings: Settings, draw: Path | None = None
) -> Classified:
    """`classify` of an upright photo that is decoded already, uint8 (height, width, 3)."""
    height, width = bgr.shape[:2]
    try:
        found = make_faces(bgr, sha256, find_faces(bgr, settings), settings)
        faces = _faces(bgr, found, classifier)
    except MoueError:
        raise
    except Exception as e:  # noqa: BLE001 - OpenCV and dlib raise anything; one photo must not end the run of all
        reason = message("processing_failed", why=e)
        return Classified(location, str(Outcome.QUARANTINED), reason, width, height)
    if not faces:
        return Classified(location, str(Outcome.NO_FACE), no_face_found(settings, width, height), width, height)
    reason = message("face_found") if len(faces) == 1 else message("faces_found", n=len(faces))
    drawn = None if draw is None else _draw(bgr, location, faces, classifier, draw)
    return Classified(location, CLASSIFIED, reason, width, height, faces, drawn)


def _faces(bgr: Bgr, found: tuple[Face, ...], classifier: Classifier) -> tuple[ClassifiedFace, ...]:
    if not found:
        return ()
    told = classifier.probabilities(np.stack([face.landmarks for face in found]), _meshes(bgr, found, classifier))
    return tuple(
        ClassifiedFace(
            face.box,
            face.score,
            dict(zip(classifier.classes, map(float, row), strict=True)) if np.isfinite(row).all() and row.any() else {},
        )
        for face, row in zip(found, told, strict=True)
    )


def _meshes(bgr: Bgr, found: tuple[Face, ...], classifier: Classifier) -> npt.NDArray[np.float32] | None:
    """(n, 58), a row of NaN where there is no mesh; None where nobody looks at them or the landmarker is missing."""
    if not classifier.looks_at_meshes or not landmarker.is_installed():
        return None
    values = [mesh_values(bgr, face.landmarks) for face in found]
    nothing = np.full(len(COLUMNS), np.nan, np.float32)
    return np.stack([nothing if one is None else one for one in values])


def _draw(bgr: Bgr, location: str, faces: tuple[ClassifiedFace, ...], classifier: Classifier, folder: Path) -> Path:
    labels = []
    for face in faces:
        name = face.suggested
        told = "–" if name is None else f"{name} {100 * face.probabilities[name]:.0f}%"
        labels.append((told, 0 if name is None else classifier.classes.index(name) + 1))
    data = encode_jpeg(draw_classes(bgr, [face.box for face in faces], labels), _QUALITY)
    return write_free(folder, Path(location.rpartition("!")[2]).name, data)


def write_free(folder: Path, name: str, data: bytes) -> Path:
    """Write a JPEG as `name`, or as `name-2`, `name-3` … where that is taken: nothing is ever replaced.

    Raises StorageError.
    """
    stem = name.rpartition(".")[0] if name.lower().endswith((".jpg", ".jpeg", ".png", ".webp")) else name
    beside = folder / f".{os.getpid()}.drawing"
    try:
        make_folder(folder, inside=None)
        beside.write_bytes(data)
        try:
            number = 1
            while True:
                target = folder / (f"{stem}.jpg" if number == 1 else f"{stem}-{number}.jpg")
                try:
                    rename_new(beside, target)
                except FileExistsError:
                    number += 1
                else:
                    return target
        finally:
            beside.unlink(missing_ok=True)
    except OSError as e:
        raise StorageError(os_message(e, "place_unwritable", place=folder)) from e
