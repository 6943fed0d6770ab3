from __future__ import annotations

import numpy as np
import pytest

from pipeline.core.geometry import BoundingBox
from pipeline.core.records import Detection
from pipeline.faces.landmarks import place_landmarks, square_from_five
from pipeline.faces.yunet import find_yunet
from tests.pipeline.photos import astronaut, bgr_of


def test_square_from_five_by_hand() -> None:
    # eyes 40 apart around u = (100, 100), mouth corners around v = (100, 130): |v - u| = 30, hypot(40, 30) = 50
    five = np.array([[80, 100], [120, 100], [100, 115], [85, 130], [115, 130]], np.float32)
    half = 1.583 * 50 / 2
    box = square_from_five(five)
    assert (box.x1, box.x2) == pytest.approx((100 - half, 100 + half))
    assert (box.y1, box.y2) == pytest.approx((114.13 - half, 114.13 + half))  # 100 + 0.471 * 30


def test_square_turns_with_the_head() -> None:
    """A quarter turn of the points turns the centre's shift, and keeps the side."""
    five = np.array([[80, 100], [120, 100], [100, 115], [85, 130], [115, 130]], np.float32)
    turned = np.stack([-five[:, 1], five[:, 0]], axis=1)
    one, other = square_from_five(five), square_from_five(turned)
    assert other.width == pytest.approx(one.width)
    centre = ((one.x1 + one.x2) / 2, (one.y1 + one.y2) / 2)
    assert ((other.x1 + other.x2) / 2, (other.y1 + other.y2) / 2) == pytest.approx((-centre[1], centre[0]))


def test_the_astronauts_face() -> None:
    bgr = bgr_of(astronaut())
    (detection,) = find_yunet(bgr)
    points = place_landmarks(bgr, detection)
    assert points.dtype == np.float32
    assert points.shape == (68, 2)
    mouth, eyes, chin = points[48:68], points[36:48], points[8]
    assert detection.five is not None
    corners = detection.five[3:5]
    # Two networks trained apart agree on the mouth corners within a tenth of the face.
    for found, expected in ((mouth[:, 0].min(), corners[:, 0].min()), (mouth[:, 0].max(), corners[:, 0].max())):
        assert abs(found - expected) < detection.box.width / 10
    assert eyes[:, 1].max() < mouth[:, 1].min() < mouth[:, 1].max() < chin[1]


def test_a_box_beside_the_image_still_gives_points() -> None:
    bgr = np.zeros((20, 20, 3), np.uint8)
    points = place_landmarks(bgr, Detection(BoundingBox(-300, -300, -200, -200), 0.9))
    assert points.shape == (68, 2)
    assert np.isfinite(points).all()
