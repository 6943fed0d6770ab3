"""The metrics of a face, on drawn pictures and points put by hand."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.geometry import Bgr, BoundingBox, CropBox, Points
from pipeline.core.records import Detection, Settings
from pipeline.faces.crop import mouth_crop
from pipeline.faces.landmarks import place_landmarks
from pipeline.faces.quality import compute_metrics, outside, plausibility_of, with_metrics
from pipeline.faces.yunet import find_yunet
from pipeline.run.process_image import make_faces
from tests.pipeline.photos import astronaut, bgr_of, coffee


def face(gap: float = 0, lift: float = 0, width: float = 40) -> Points:
    """Eyes 60 apart at y = 100, a mouth `width` wide around (200, 160), its lips 20 high in all."""
    points = np.zeros((68, 2), np.float32)
    points[:48] = (200, 130)
    points[36:42], points[42:48] = (170, 100), (230, 100)
    points[48:68] = (200, 160)
    points[[48, 60], 0], points[[54, 64], 0] = 200 - width / 2, 200 + width / 2
    points[[48, 54, 60, 64], 1] -= lift
    points[[50, 51, 52], 1], points[[56, 57, 58], 1] = 150, 170
    points[[61, 62, 63], 1], points[[65, 66, 67], 1] = 160 - gap / 2, 160 + gap / 2
    return points


def board(side: int, squares: int = 12) -> Bgr:
    """A chequerboard of grey 64 and 192."""
    at = np.arange(side) * squares // side
    grey = np.where((at[:, None] + at) % 2, 64, 192).astype(np.uint8)
    return np.repeat(grey[:, :, None], 3, axis=2)


def whole(side: int) -> CropBox:
    return CropBox(0, 0, side, side)


FACE = face()


def test_a_mouth_by_hand() -> None:
    metrics = compute_metrics(board(400), face(gap=10, lift=8), CropBox(170, 130, 60, 50), 0.9, 1.0)
    assert (metrics.side, metrics.score, metrics.outside) == (60, 0.9, 0)
    assert metrics.opening == pytest.approx(10 / 40)
    assert metrics.width == pytest.approx(40 / 60)
    assert metrics.lift == pytest.approx(8 / 40)
    assert compute_metrics(board(400), face(), whole(60), None, 1.0).score is None


def test_hanging_corners_are_negative_and_lips_that_cross_are_closed() -> None:
    metrics = compute_metrics(board(400), face(gap=-4, lift=-6), whole(60), 0.5, 1.0)
    assert metrics.opening == 0
    assert metrics.lift == pytest.approx(-6 / 40)


@given(turn=st.floats(-80, 80), scale=st.floats(0.3, 4))
def test_turn_and_scale_leave_the_mouth_as_it_is(turn: float, scale: float) -> None:
    a = np.radians(turn)
    lean = np.array([[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]])
    points = (face(gap=6, lift=5) @ lean.T * scale + 400).astype(np.float32)
    metrics = compute_metrics(board(32), points, whole(32), 0.9, 1.0)
    assert (metrics.opening, metrics.width, metrics.lift) == pytest.approx((6 / 40, 40 / 60, 5 / 40), abs=1e-3)


def test_exposure_and_contrast_of_a_chequerboard() -> None:
    metrics = compute_metrics(board(48), FACE, whole(48), 0.9, 1.0)
    assert metrics.exposure == pytest.approx(128 / 255)  # half 64, half 192
    assert metrics.contrast == pytest.approx(64 / 255)
    flat = compute_metrics(np.full((50, 50, 3), 51, np.uint8), FACE, whole(50), 0.9, 1.0)
    assert (flat.exposure, flat.contrast, flat.sharpness) == (pytest.approx(0.2), 0, 0)


def test_blur_lowers_sharpness_every_time() -> None:
    sharp = board(240)
    found = [compute_metrics(sharp, FACE, whole(240), 0.9, 1.0).sharpness]
    for sigma in (2, 4, 8, 16):
        found.append(compute_metrics(cv2.GaussianBlur(sharp, (0, 0), sigma), FACE, whole(240), 0.9, 1.0).sharpness)
    assert found == sorted(found, reverse=True)
    assert found[-1] < found[0] / 20


@pytest.mark.parametrize("side", [96, 192, 240, 400])
def test_the_same_mouth_is_as_sharp_at_any_size(side: int) -> None:
    """Twelve soft squares, drawn at 800 pixels, photographed at `side`."""
    drawn = cv2.GaussianBlur(board(800), (0, 0), 15)
    at_48 = cv2.resize(drawn, (48, 48), interpolation=cv2.INTER_AREA)
    photo = cv2.resize(drawn, (side, side), interpolation=cv2.INTER_AREA)
    expected = compute_metrics(at_48, FACE, whole(48), 0.9, 1.0).sharpness
    assert compute_metrics(photo, FACE, whole(side), 0.9, 1.0).sharpness == pytest.approx(expected, rel=0.12)


def test_a_small_crop_is_not_enlarged() -> None:
    small = board(24)
    by_hand = cv2.Laplacian(small[:, :, 0].astype(np.float64), cv2.CV_64F)[1:-1, 1:-1].var()
    assert compute_metrics(small, FACE, whole(24), 0.9, 1.0).sharpness == pytest.approx(by_hand)


def test_padding_is_neither_dark_nor_an_edge() -> None:
    photo = np.full((60, 60, 3), 200, np.uint8)
    metrics = compute_metrics(photo, FACE, CropBox(-30, -30, 60, 60), 0.9, 1.0)
    assert (metrics.exposure, metrics.sharpness) == (pytest.approx(200 / 255), 0)
    beside = compute_metrics(photo, FACE, CropBox(500, 500, 60, 60), 0.9, 1.0)
    assert (beside.exposure, beside.contrast, beside.sharpness) == (0, 0, 0)


@pytest.mark.parametrize(
    ("width", "height", "share"), [(400, 400, 0), (200, 400, 0.5), (400, 165, 0.25), (200, 165, 0.625), (100, 100, 1)]
)
def test_the_share_of_the_mouth_outside(width: int, height: int, share: float) -> None:
    """The lips' box is (180, 150) to (220, 170)."""
    assert outside(FACE, width, height) == pytest.approx(share)


def test_a_mouth_that_is_a_point_has_figures_all_the_same() -> None:
    metrics = compute_metrics(board(64), np.full((68, 2), 20, np.float32), whole(8), None, 1.0)
    assert all(
        np.isfinite(v) for v in (metrics.width, metrics.lift, metrics.opening, metrics.plausibility, metrics.yaw)
    )


def plausible(bgr: Bgr, box: BoundingBox) -> float:
    return plausibility_of(bgr, place_landmarks(bgr, Detection(box, None)))


def test_a_surer_detector_makes_the_same_mouth_more_plausible() -> None:
    """The odds of .8, .9 and .96 are 4, 9 and 24: plausibility's own odds go by the root of their ratio to 9."""
    bgr = bgr_of(astronaut())
    points = place_landmarks(bgr, Detection(BoundingBox(150, 60, 290, 200), None))
    usual = plausibility_of(bgr, points)
    assert 0.05 < usual < 0.95
    odds = usual / (1 - usual)
    for score, ratio in ((0.8, 4 / 9), (0.9, 1), (0.96, 24 / 9)):
        by_hand = odds * ratio**0.5 / (1 + odds * ratio**0.5)
        assert plausibility_of(bgr, points, score) == pytest.approx(by_hand)


def test_wrong_mouths_come_before_the_right_one() -> None:
    bgr = bgr_of(astronaut())
    (detection,) = find_yunet(bgr)
    right = plausibility_of(bgr, place_landmarks(bgr, detection))
    assert right > 0.8
    side = detection.box.width
    for dx, dy in ((1, 0), (-1, 0), (0, 1), (0.6, 0.6)):
        box = detection.box
        moved = BoundingBox(box.x1 + dx * side, box.y1 + dy * side, box.x2 + dx * side, box.y2 + dy * side)
        assert plausible(bgr, moved) < 0.5 < right
    assert plausible(bgr_of(coffee()), BoundingBox(150, 100, 350, 300)) < 0.5


def test_a_real_face_and_its_mirror_image() -> None:
    bgr = bgr_of(astronaut())
    found = []
    for photo in (bgr, np.ascontiguousarray(bgr[:, ::-1])):
        (detection,) = find_yunet(photo)
        points = place_landmarks(photo, detection)
        found.append(compute_metrics(photo, points, mouth_crop(points, 1.5), detection.score, 1.0))
    one, other = found
    assert one.roll * other.roll < 0
    assert other.lift == pytest.approx(one.lift, abs=0.05)
    assert other.width == pytest.approx(one.width, abs=0.05)
    assert one.lift > 0.05  # she smiles
    assert other.sharpness == pytest.approx(one.sharpness, rel=0.2)


def test_what_was_judged_before_is_kept_and_what_is_new_is_judged() -> None:
    bgr = bgr_of(astronaut())
    (found,) = make_faces(bgr, "a" * 64, find_yunet(bgr), Settings())
    first = with_metrics(bgr, found)
    assert first.quality is not None
    assert first.quality.plausibility == plausibility_of(bgr, found.landmarks, found.score)
    kept = with_metrics(bgr, replace(first, five=None, quality=replace(first.quality, plausibility=0.25, likeness=0.5)))
    assert kept.quality is not None
    assert (kept.quality.plausibility, kept.quality.likeness) == (0.25, 0.5)
    drifted = with_metrics(bgr, replace(found, five=None))
    assert drifted.quality is not None
    assert drifted.quality.plausibility == plausibility_of(bgr, found.landmarks)
