"""The labelled faces of a folder: features of both kinds, without a database."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from pipeline.core.records import ImageRef, Settings
from pipeline.faces.landmarker.values import COLUMNS
from pipeline.run.process_image import process_image


@dataclass(frozen=True)
class Labelled:
    """n faces. classes: the label's names. labels: (n,) places among them. landmarks (n, 68, 2), meshes (n, 58) with
    rows of NaN. groups: (n,), equal bytes are one. mesh_ms: of the landmarker, a face. missed: files without a face."""

    classes: tuple[str, ...]
    labels: npt.NDArray[np.int64]
    landmarks: npt.NDArray[np.float32]
    meshes: npt.NDArray[np.float32]
    groups: npt.NDArray[np.int64]
    mesh_ms: float
    missed: int


def load(folder: Path, table: Path) -> Labelled:
    """table: a CSV with the columns file (below the folder, or beside no folder at all) and label."""
    with table.open(encoding="utf-8-sig", newline="") as stream:
        rows = [(row["file"], row["label"]) for row in csv.DictReader(stream)]
    names = tuple(sorted({label for _, label in rows}))
    places: dict[str, int] = {}
    labels, points, meshes, groups, spent, missed = [], [], [], [], 0.0, 0
    for file, label in rows:
        path = folder / file
        outcome = process_image(ImageRef(str(path), file, path.stat().st_size), Settings())
        if not outcome.faces or outcome.sha256 is None:
            missed += 1
            continue
        face = outcome.faces[0]
        labels.append(names.index(label))
        points.append(face.landmarks)
        meshes.append(np.full(len(COLUMNS), np.nan, np.float32) if face.mesh is None else face.mesh)
        groups.append(places.setdefault(outcome.sha256, len(places)))
        spent += outcome.timings.get("mesh", 0.0) / len(outcome.faces)
    return Labelled(
        names,
        np.array(labels),
        np.stack(points),
        np.stack(meshes),
        np.array(groups),
        1000 * spent / len(labels),
        missed,
    )
