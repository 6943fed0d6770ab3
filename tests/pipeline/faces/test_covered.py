"""Covered mouths: painted over a public-domain photo that comes with scikit-image, and over none at all."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest
from skimage.data import astronaut

from pipeline.core.geometry import Bgr, Points
from pipeline.faces.covered import covered
from pipeline.faces.landmarks import place_landmarks
from pipeline.faces.yunet import find_yunet

Paint = Callable[[Bgr, Points], None]


@pytest.fixture(scope="module")
def person() -> tuple[Bgr, Points]:
    bgr = np.ascontiguousarray(astronaut()[:, :, ::-1])
    (found,) = find_yunet(bgr)
    return bgr, place_landmarks(bgr, found)


def mask(colour: tuple[int, int, int]) -> Paint:
    def paint(bgr: Bgr, points: Points) -> None:
        outline = np.vstack([points[1:16], points[29:30]]).astype(np.int32)
        cv2.fillPoly(bgr, [outline], colour)

    return paint


def bar(bgr: Bgr, points: Points) -> None:
    (x, y), half = points[48:68].mean(axis=0).astype(int), 30
    cv2.rectangle(bgr, (int(x) - half, int(y) - half), (int(x) + half, int(y) + half), (90, 140, 190), cv2.FILLED)


def test_an_open_mouth_is_not_covered(person: tuple[Bgr, Points]) -> None:
    assert covered(*person) < 0.2


@pytest.mark.parametrize("paint", [mask((200, 170, 110)), mask((30, 30, 30)), mask((240, 240, 240)), bar])
def test_what_is_painted_over_it_covers_it(person: tuple[Bgr, Points], paint: Paint) -> None:
    bgr, points = person[0].copy(), person[1]
    paint(bgr, points)
    assert covered(bgr, points) > 0.7


def test_a_grey_photo_is_told_by_its_light_alone(person: tuple[Bgr, Points]) -> None:
    grey = np.repeat(cv2.cvtColor(person[0], cv2.COLOR_BGR2GRAY)[:, :, None], 3, axis=2)
    masked = grey.copy()
    mask((150, 150, 150))(masked, person[1])
    assert covered(grey, person[1]) < 0.5 < covered(masked, person[1])


@pytest.mark.parametrize(("scale", "angle"), [(0.4, 0), (3, 0), (1, 25), (1, -40)])
def test_size_and_roll_change_little(person: tuple[Bgr, Points], scale: float, angle: float) -> None:
    bgr, points = person
    turn = cv2.getRotationMatrix2D((256, 130), angle, scale)
    turn[:, 2] += np.array([256, 256]) * scale - (256, 130) if scale != 1 else 0
    size = int(512 * max(scale, 1)), int(512 * max(scale, 1))
    moved = np.asarray(cv2.warpAffine(bgr, turn, size, flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REPLICATE), np.uint8)
    assert covered(moved, (points @ turn[:, :2].T + turn[:, 2]).astype(np.float32)) < 0.5


@pytest.mark.parametrize("points", [np.zeros((68, 2)), np.full((68, 2), 9000.0), np.arange(136).reshape(68, 2) * 1.0])
def test_any_points_have_a_figure(points: np.ndarray) -> None:
    assert 0 <= covered(np.zeros((60, 60, 3), np.uint8), points.astype(np.float32)) <= 1
