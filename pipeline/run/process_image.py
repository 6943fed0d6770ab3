"""process_image: one file to one outcome. Pure: no database, no workspace; exactly what a worker runs."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Final

from pipeline.core.errors import (
    DecodeError,
    MoueError,
)
from pipeline.core.geometry import Bgr, CropBox, Points
from pipeline.core.messages import Message, message
from pipeline.core.outcome import Outcome
from pipeline.core.records import COURSE, Detection, Face, ImageOutcome, ImageRef, Settings, face_id
from pipeline.faces.crop import course_crop, cut, mouth_crop, placed
from pipeline.faces.detect import find_faces, no_face_found
from pipeline.faces.detectors.defaults import LONGEST_SIDE
from pipeline.faces.landmarker.values import find_mesh, values_kept
from pipeline.faces.landmarks import place_landmarks
from pipeline.faces.manual import place_anew
from pipeline.faces.match import merge
from pipeline.faces.quality import with_metrics
from pipeline.pixels.decode import Decoded, decode, read_capped
from pipeline.pixels.encode import encode_jpeg, encode_png
from pipeline.pixels.phash import image_hashes
from pipeline.pixels.shrink import halved, shrink

UNIFIED_QUALITY: Final = 95
THUMB_QUALITY: Final = 82


class StageClock:
    """Seconds by stage of one image."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        start = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - start


def process_image(ref: ImageRef, settings: Settings) -> ImageOutcome:
    """Read, decode, detect, place landmarks, crop and encode one image.

    Never raises for a bad file: its outcome and reason say what is wrong. Raises UsageError for an unknown detector
    and ModelError for missing weights, which no other photo would survive either.
    """
    if ref.failure is not None:
        return ImageOutcome(ref, *ref.failure)
    clock = StageClock()
    sha256: str | None = None
    try:
        with clock.stage("read"):
            data = read_capped(ref.path, settings.max_bytes)
            sha256 = hashlib.sha256(data).hexdigest()
            if not ref.spooled and ref.size != len(data):  # replaced since it was listed; the next run looks again
                ref = replace(ref, size=len(data))
        with clock.stage("decode"):
            decoded = decode(data, ref.location, settings)
            del data  # a quarter of a gigabyte beside the pixels, while faces are looked for
    except DecodeError as e:
        return ImageOutcome(ref, e.outcome, e.message, sha256, timings=clock.seconds)
    try:
        return _process_pixels(ref, settings, sha256, decoded, clock)
    except MoueError:
        raise
    except Exception as e:  # noqa: BLE001 - OpenCV and dlib raise anything; one photo must not end the run of all
        reason = message("processing_failed", why=e)
        return ImageOutcome(ref, Outcome.QUARANTINED, reason, sha256, timings=clock.seconds)


def _process_pixels(
    ref: ImageRef, settings: Settings, sha256: str, decoded: Decoded, clock: StageClock
) -> ImageOutcome:
    bgr = decoded.bgr
    detections: list[Detection] = []
    found: tuple[Face, ...] = ()
    with clock.stage("shrink"):
        level = halved(bgr, LONGEST_SIDE)
    if ref.detect:
        with clock.stage("detect"):
            detections = find_faces(bgr, settings, level)
        with clock.stage("landmarks"):
            found = make_faces(bgr, sha256, detections, settings)
    faces = merge(found, ref.known if ref.detect else [replace(k, keep=True) for k in ref.known])
    with clock.stage("landmarks"):
        faces = _by_one_model(bgr, faces, ref, settings)
    with clock.stage("mesh"):
        meshes = [find_mesh(bgr, face.landmarks) for face in faces]
        faces = tuple(replace(face, mesh=values_kept(mesh)) for face, mesh in zip(faces, meshes, strict=True))
    with clock.stage("quality"):
        faces = tuple(with_metrics(bgr, face, mesh) for face, mesh in zip(faces, meshes, strict=True))
    with clock.stage("crop"):
        crops = tuple(encode_png(cut(bgr, face.crop, settings.border)) for face in faces)
    with clock.stage("thumb"):
        small = shrink(level, settings.thumb_side)[0]
        thumb = encode_jpeg(small, THUMB_QUALITY)
    with clock.stage("hash"):
        hashes = image_hashes(small)
    with clock.stage("unify"):
        unified = None if decoded.intact_jpeg else encode_jpeg(bgr, UNIFIED_QUALITY)
    outcome, reason = _outcome_of(settings, detections, faces, decoded)
    height, width = bgr.shape[:2]
    return ImageOutcome(
        ref, outcome, reason, sha256, width, height, decoded.format, faces, crops, unified, thumb, hashes, clock.seconds
    )


def _by_one_model(bgr: Bgr, faces: tuple[Face, ...], ref: ImageRef, settings: Settings) -> tuple[Face, ...]:
    """A known face that was not found again would keep landmarks of the model before: they are placed anew."""
    fixed = {known.face.face_id for known in ref.known if known.crop_fixed}
    height, width = bgr.shape[:2]
    placed_anew = []
    for face in faces:
        if face.landmark_model != settings.landmarks:
            face = place_anew(bgr, face, settings)
            crop = None if face.face_id in fixed else crop_for(face.landmarks, width, height, settings)
            face = face if crop is None else replace(face, crop=crop)
        placed_anew.append(face)
    return tuple(placed_anew)


def _outcome_of(
    settings: Settings, detections: list[Detection], faces: tuple[Face, ...], decoded: Decoded
) -> tuple[Outcome, Message]:
    if faces:
        return Outcome.ADDED, _found(len(faces), decoded)
    if detections:
        return Outcome.NO_FACE, message("crop_empty")
    height, width = decoded.bgr.shape[:2]
    reason = no_face_found(settings, width, height)
    if decoded.has_more:
        reason = message("no_face_in_one_picture", why=reason, frame=decoded.frame)
    return Outcome.NO_FACE, reason


def _found(faces: int, decoded: Decoded) -> Message:
    """How many, and what is odd about the file."""
    if decoded.end_cut_off:
        return message("faces_end_cut_off", n=faces)
    if decoded.frame > 1:
        if decoded.format == "TIFF":
            return message("faces_in_page", n=faces, page=decoded.frame)
        return message("faces_in_frame", n=faces, frame=decoded.frame)
    return message("face_found") if faces == 1 else message("faces_found", n=faces)


def make_faces(bgr: Bgr, sha256: str, detections: list[Detection], settings: Settings) -> tuple[Face, ...]:
    """Landmarks and crop for each detection, in its order; a detection whose crop would be empty is left out."""
    faces: dict[str, Face] = {}
    for detection in detections:
        points = place_landmarks(bgr, detection, settings.landmarks)
        crop = crop_for(points, bgr.shape[1], bgr.shape[0], settings)
        identity = face_id(sha256, detection.box, settings.detector)
        if crop is None or identity in faces:
            continue
        faces[identity] = Face(
            identity,
            sha256,
            len(faces),
            detection.box,
            settings.detector,
            detection.score,
            points,
            crop,
            five=detection.five,
            look=detection.look,
            landmark_model=settings.landmarks,
        )
    return tuple(faces.values())


def crop_for(points: Points, width: int, height: int, settings: Settings) -> CropBox | None:
    """The crop that the settings ask for in an image of this size; only the `course` preset can have none."""
    if settings.detector == COURSE:
        return course_crop(points, width, height)
    crop = mouth_crop(points, settings.margin, upright=settings.upright)
    return placed(crop, width, height, settings.border)
