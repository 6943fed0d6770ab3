"""The labelled faces that the bench is told of: read, found and described as an ingest would."""

from __future__ import annotations

import csv
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt
from skimage.feature import hog

from models import landmarker
from pipeline.core.geometry import Bgr
from pipeline.core.records import Face, ImageRef, Settings
from pipeline.faces.landmarker.values import COLUMNS, mesh_values
from pipeline.pixels.decode import decode, read_capped
from pipeline.run.process_image import process_image
from pipeline.suggest import descriptor
from pipeline.suggest.features import Floats
from pipeline.suggest.learner import Numbers

HOG_SIDE: Final = 64


@dataclass(frozen=True, eq=False)
class Faces:
    """n labelled faces.

    names: of the k classes. labels: (n,) places among them. groups: (n,), one number for each photo's content, or for
    what the table says that photos share. landmarks: (n, 68, 2) float32. meshes: (n, 58) float32, NaN without. hogs:
    (n, 324) float64 of the grey crop. mesh_ms: CPU of the landmarker a face. missed: photos in which no face was found.
    files: as the table names them. looks: (n, 48) float32, as a workspace describes crops, by a basis of these.
    """

    names: tuple[str, ...]
    labels: Numbers
    groups: Numbers
    landmarks: npt.NDArray[np.float32]
    meshes: npt.NDArray[np.float32]
    hogs: Floats
    mesh_ms: float
    missed: int
    files: tuple[str, ...]
    looks: npt.NDArray[np.float32]


def read_labels(file: Path) -> list[tuple[str, str, str]]:
    """(file, label, group) of each row, group "" where it has none; ValueError where the columns are not there."""
    with file.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    if not rows or not {"file", "label"} <= set(rows[0]):
        raise ValueError(f"{file} wants the columns file and label, and at least one row")
    return [(row["file"], row["label"].strip(), (row.get("group") or "").strip()) for row in rows]


def read_faces(folder: Path, labelled: Sequence[tuple[str, str, str]]) -> Faces:
    """The largest face of each photo; a photo without a face is only counted."""
    cv2.setNumThreads(1)  # as a worker: two threads wait for each other, and that counts as time
    settings = Settings()
    names = tuple(sorted({label for _, label, _ in labelled}))
    labels, hashes, points, meshes, hogs, files, looks = [], [], [], [], [], [], []
    seconds, missed = 0.0, 0
    for name, label, group in labelled:
        path = folder / name
        outcome = process_image(ImageRef(str(path), name, path.stat().st_size), settings)
        if not outcome.faces:
            missed += 1
            continue
        at = max(range(len(outcome.faces)), key=lambda one: outcome.faces[one].box.area)
        face = outcome.faces[at]
        bgr = decode(read_capped(path, settings.max_bytes), path.name, settings).bgr
        started = time.process_time()
        meshes.append(_mesh(bgr, face))
        seconds += time.process_time() - started
        labels.append(names.index(label))
        files.append(name)
        hashes.append(group or outcome.sha256)
        points.append(face.landmarks)
        hogs.append(_hog(outcome.crops[at]))
        looks.append(_raw(outcome.crops[at], face))
    return Faces(
        names,
        np.array(labels, np.int64),
        np.unique(hashes, return_inverse=True)[1].astype(np.int64),
        np.array(points, np.float32),
        np.array(meshes, np.float32),
        np.array(hogs, np.float64),
        1000 * seconds / max(1, len(labels)),
        missed,
        tuple(files),
        _described(looks),
    )


def _mesh(bgr: Bgr, face: Face) -> npt.NDArray[np.float32]:
    nothing = np.full(len(COLUMNS), np.nan, np.float32)
    if not landmarker.is_installed():
        return nothing
    found = mesh_values(bgr, face.landmarks)
    return nothing if found is None else found


def _raw(png: bytes, face: Face) -> npt.NDArray[np.float32]:
    bgr = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_COLOR)
    return descriptor.raw(np.asarray(bgr, np.uint8), face.landmarks, face.crop)


def _described(rows: list[npt.NDArray[np.float32]]) -> npt.NDArray[np.float32]:
    if not rows:
        return np.zeros((0, descriptor.DIMENSIONS), np.float32)
    return descriptor.project(np.stack(rows), descriptor.fit(np.stack(rows[: descriptor.FIT_ON])))


def _hog(png: bytes) -> Floats:
    grey = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_GRAYSCALE)
    small = cv2.resize(grey, (HOG_SIDE, HOG_SIDE), interpolation=cv2.INTER_AREA)
    found: Floats = hog(small, orientations=9, pixels_per_cell=(16, 16), cells_per_block=(2, 2)).astype(np.float64)
    return found
