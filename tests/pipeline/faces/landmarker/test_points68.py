"""68 landmarks by the mesh: which points, near dlib's, in any box, and their figures."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from models import landmarker
from pipeline.core.geometry import DLIB, MESH, Bgr, BoundingBox, Points
from pipeline.core.records import Detection, ImageRef, Settings
from pipeline.faces.detect import find_faces
from pipeline.faces.landmarker.mesh import Mesh
from pipeline.faces.landmarker.points68 import CORRESPONDING, points_68
from pipeline.faces.landmarks import place_landmarks, square_from_five
from pipeline.faces.pose import MESH_LOOKS_UP, head_pose
from pipeline.faces.quality import mesh_plausibility, mouth_disagreement
from pipeline.run.process_image import make_faces, process_image
from tests.pipeline.photos import astronaut, bgr_of

needs_landmarker = pytest.mark.skipif(
    not landmarker.is_installed(),
    reason="the landmarker is not installed: no landmarks by the mesh (requirements-landmarker.txt)",
)
OUTER = {61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291, 375, 321, 405, 314, 17, 84, 181, 91, 146}
INNER = {78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308, 324, 318, 402, 317, 14, 87, 178, 88, 95}
"""The outlines of the mesh's lips, as MediaPipe lists them."""
MOST_APART = {"jaw": 0.216, "brows": 0.10, "eyes": 0.045, "mouth": 0.046}
PARTS = {"jaw": slice(0, 17), "brows": slice(17, 27), "eyes": slice(36, 48), "mouth": slice(48, 68)}


def eyes_of(points: Points) -> float:
    return float(np.linalg.norm(points[36:42].mean(0) - points[42:48].mean(0)))


@pytest.fixture(scope="module")
def face() -> tuple[Bgr, Detection]:
    bgr = bgr_of(astronaut())
    return bgr, find_faces(bgr, Settings())[0]


def test_lips_are_points_of_the_lip_outlines_and_none_stands_for_two() -> None:
    assert len(set(CORRESPONDING.tolist())) == 68
    assert set(CORRESPONDING[48:60].tolist()) <= OUTER
    assert set(CORRESPONDING[60:68].tolist()) <= INNER


@needs_landmarker
def test_they_are_near_dlibs_points(face: tuple[Bgr, Detection]) -> None:
    by_mesh, by_dlib = place_landmarks(*face, MESH), place_landmarks(*face, DLIB)
    apart = np.linalg.norm(by_mesh - by_dlib, axis=1) / eyes_of(by_dlib)
    assert {name: float(apart[part].mean()) < 2 * MOST_APART[name] for name, part in PARTS.items()} == dict.fromkeys(
        PARTS, True
    )
    assert by_mesh.dtype == np.float32
    assert float(apart.max()) > 0.01  # they are not the same points


@needs_landmarker
def test_on_real_close_ups_they_are_as_near_as_was_promised(shared_faces: Path) -> None:
    found: dict[str, list[float]] = {name: [] for name in PARTS}
    for path in sorted((shared_faces / "closeups").iterdir())[:60]:
        bgr = cv2.imread(str(path))
        for detection in find_faces(np.asarray(bgr, np.uint8), Settings())[:1]:
            by_dlib = place_landmarks(np.asarray(bgr, np.uint8), detection)
            apart = np.linalg.norm(place_landmarks(np.asarray(bgr, np.uint8), detection, MESH) - by_dlib, axis=1)
            for name, part in PARTS.items():
                found[name].append(float(apart[part].mean()) / eyes_of(by_dlib))
    assert len(found["mouth"]) > 50
    assert {
        name: round(float(np.median(each)), 3) for name, each in found.items() if np.median(each) > MOST_APART[name]
    } == {}


@needs_landmarker
def test_a_box_alone_is_enough(face: tuple[Bgr, Detection]) -> None:
    """As the other detectors give it, a third too large or too small, too."""
    bgr, detection = face
    wanted = place_landmarks(bgr, detection, MESH)
    assert detection.five is not None
    square = square_from_five(detection.five)
    for grown in (-0.15, 0.0, 0.15):
        more = grown * square.width
        box = BoundingBox(square.x1 - more, square.y1 - more, square.x2 + more, square.y2 + more)
        apart = np.linalg.norm(place_landmarks(bgr, Detection(box, None), MESH) - wanted, axis=1)
        assert float(apart[48:].mean()) / eyes_of(wanted) < 0.05, grown


@needs_landmarker
def test_points_that_span_nothing_give_points_in_the_box(face: tuple[Bgr, Detection]) -> None:
    bgr, _ = face
    nothing = Detection(BoundingBox(40, 50, 40, 50), None, np.full((5, 2), 44, np.float32))
    assert place_landmarks(bgr, nothing, MESH).tolist() == [[40.0, 50.0]] * 68


@needs_landmarker
@pytest.mark.parametrize("quarter", [1, 2, 3])
def test_a_face_that_lies_on_its_side_has_the_same_points(face: tuple[Bgr, Detection], quarter: int) -> None:
    bgr, detection = face
    turned = np.ascontiguousarray(np.rot90(bgr, quarter))
    wanted, five, height, width = place_landmarks(bgr, detection, MESH), detection.five, *bgr.shape[:2]
    assert five is not None
    for _ in range(quarter):
        wanted, five = (np.stack([p[:, 1], width - 1 - p[:, 0]], axis=1) for p in (wanted, five))
        height, width = width, height
    found = place_landmarks(turned, Detection(detection.box, None, five.astype(np.float32)), MESH)
    assert float(np.linalg.norm(found - wanted, axis=1).max()) < 1.0


def a_mesh(points: Points, presence: float = 0.99) -> Mesh:
    """A mesh whose corresponding points are these."""
    every = np.zeros((478, 2), np.float32)
    every[CORRESPONDING] = points
    return Mesh(every, every, presence)


def spread() -> Points:
    points = np.random.default_rng(3).uniform(0, 100, (68, 2)).astype(np.float32)
    points[36:42], points[42:48] = (20, 30), (80, 30)  # 60 pixels between the eyes
    return points


def test_the_disagreement_is_told_in_distances_of_the_eyes() -> None:
    points = spread()
    assert points_68(a_mesh(points)).tolist() == points.tolist()
    moved = points.copy()
    moved[48:] += (9, 12)  # 15 pixels
    assert mouth_disagreement(points, a_mesh(moved)) == pytest.approx(15 / 60)
    moved[:48] += 500  # only the mouth counts
    assert mouth_disagreement(points, a_mesh(moved)) == pytest.approx(15 / 60)


def test_points_that_drift_or_show_no_face_are_implausible() -> None:
    points = spread()
    moved = points.copy()
    moved[48:] += (0, 0.045 * 60)
    still, drifted, doubted = a_mesh(points), a_mesh(moved), a_mesh(moved, 0.5)
    assert mesh_plausibility(points, still) == 1.0
    assert mesh_plausibility(points, drifted) == pytest.approx(0.5)
    assert mesh_plausibility(points, drifted, 0.9) == pytest.approx(0.5)
    assert mesh_plausibility(points, drifted, 0.6) < 0.5
    assert mesh_plausibility(points, doubted) == pytest.approx(1 / (1 + 99**0.5))
    assert mesh_plausibility(points, None) == 0.0


def test_the_mesh_looks_up_and_that_is_taken_off() -> None:
    points = spread()
    by_dlib, by_mesh = head_pose(points), head_pose(points, MESH)
    assert replace(by_mesh, pitch=by_dlib.pitch) == by_dlib
    assert by_dlib.pitch - by_mesh.pitch == pytest.approx(MESH_LOOKS_UP)


@needs_landmarker
def test_faces_say_which_model_placed_them_and_only_dlibs_disagree_with_the_mesh(face: tuple[Bgr, Detection]) -> None:
    path = str(astronaut())
    for model in (DLIB, MESH):
        (found,) = process_image(ImageRef(path, path, 1), Settings(landmarks=model)).faces
        (made,) = make_faces(face[0], "0" * 64, [face[1]], Settings(landmarks=model))
        assert found.landmark_model == made.landmark_model == model
        assert found.landmarks.tolist() == made.landmarks.tolist()
        assert found.quality is not None
        assert found.mesh is not None
        assert found.quality.plausibility > 0.9
        assert (found.quality.mouth_disagreement is None) is (model == MESH)
        assert abs(found.quality.yaw) < 25
    assert Settings.of_processing(Settings(landmarks=MESH).processing) == Settings(landmarks=MESH)
    assert "landmarks" not in Settings().processing
