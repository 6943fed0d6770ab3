"""Faces of what annotations tell are made by a program as they are here, and nothing is lost on the way there."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from db.reads.details import ImageInfo, image_info
from db.store.store import Store
from pipeline.__main__ import main
from pipeline.actions.stored_pixels import manual
from pipeline.actions.stored_pixels.processes import Elsewhere
from pipeline.actions.stored_pixels.requests import Made, face_to_json, told_of, told_to_json
from pipeline.core.errors import UsageError
from pipeline.core.geometry import BoundingBox, CropBox, Told
from pipeline.core.records import Settings
from pipeline.faces.told import IMPORTED
from tests.pipeline.photos import numbered_head

SETTINGS = Settings(detector=IMPORTED)


def points_of(first: float) -> np.ndarray:
    points = np.linspace((40, 60), (110, 120), 68, dtype=np.float32)
    points[0] = first
    return points


@pytest.mark.parametrize(
    "told",
    [
        Told(mouth=BoundingBox(1.25, 2, 30.1, 40)),
        Told(face=BoundingBox(1, 2, 30, 40), points=points_of(1 / 3), crop=CropBox(1, 2, 30, 30, 7.5)),
        Told(mouth=BoundingBox(1, 2, 30, 40), points=points_of(float("nan")), outside=True, either=True),
    ],
)
def test_what_is_asked_is_what_was_told(told: Told) -> None:
    again = told_of(told_to_json(told))
    assert replace(again, points=None).__repr__() == replace(told, points=None).__repr__()
    assert (again.points is None) == (told.points is None)
    if told.points is not None:
        np.testing.assert_array_equal(again.points, told.points)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("told")
    (root / "given").mkdir()
    (root / "given" / "a.jpg").write_bytes(numbered_head(0))
    assert main(["ingest", str(root / "given"), "--workspace", str(root / "w"), "--executor", "serial"]) == 0
    return root / "w"


def the_image(workspace: Path) -> ImageInfo:
    with Store.open(workspace) as store:
        ((sha256,),) = store.read(lambda db: db.execute("SELECT sha256 FROM images").fetchall())
        image = store.read(lambda db: image_info(db, sha256))
    assert image is not None
    return image


def said(made: Made) -> tuple[object, bytes, str | None]:
    return face_to_json(made.face), made.png, made.unnoted


def test_a_program_makes_the_same_faces(workspace: Path) -> None:
    image, elsewhere = the_image(workspace), Elsewhere()
    (face,) = image.faces
    box = Told(face=face.box, points=face.landmarks + np.float32(2.5))
    for told in (box, Told(mouth=BoundingBox(60, 120, 110, 140))):
        for make in ("told", "whole"):
            here, there = (getattr(one, make)(workspace, image, SETTINGS, told) for one in (manual, elsewhere))
            assert said(here) == said(there)
    moved = replace(face, landmarks=face.landmarks + np.float32(2.5), quality=None)
    here, there = (one.measured(workspace, image, moved, SETTINGS.border) for one in (manual, elsewhere))
    assert said(here) == said(there)
    assert (here.face.landmarks == moved.landmarks).all()
    with pytest.raises(UsageError):
        elsewhere.told(workspace, image, SETTINGS, Told(face=BoundingBox(5, 5, 9, 9)))
