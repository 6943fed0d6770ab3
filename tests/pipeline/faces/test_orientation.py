"""Quarter turns, pixel by pixel."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pipeline.core.border import Border
from pipeline.core.geometry import BoundingBox, CropBox
from pipeline.faces.crop import cut, mouth_crop, quarter_angle
from pipeline.faces.orientation import box_back, turn_back, turn_of, turn_upright

IMAGE = np.random.default_rng(5).integers(1, 256, (9, 13, 3), np.uint8)
TURNS = st.integers(0, 3)


@given(TURNS, st.integers(0, 12), st.integers(0, 12))
def test_a_pixel_is_where_it_is_turned_back_to(turn: int, column: int, row: int) -> None:
    upright = turn_upright(IMAGE, turn)
    row, column = row % upright.shape[0], column % upright.shape[1]
    ((x, y),) = turn_back(np.array([(column + 0.5, row + 0.5)]), turn, IMAGE.shape[1], IMAGE.shape[0]).tolist()
    assert (IMAGE[int(y), int(x)] == upright[row, column]).all()


@given(TURNS, st.integers(0, 4), st.integers(0, 4), st.integers(1, 4), st.integers(1, 4))
def test_a_box_holds_the_same_pixels(turn: int, x: int, y: int, width: int, height: int) -> None:
    inside = turn_upright(IMAGE, turn)[y : y + height, x : x + width]
    box = box_back(BoundingBox(x, y, x + width, y + height), turn, IMAGE.shape[1], IMAGE.shape[0])
    x1, y1, x2, y2 = box.rounded()
    assert sorted(map(tuple, IMAGE[y1:y2, x1:x2].reshape(-1, 3))) == sorted(map(tuple, inside.reshape(-1, 3)))


@given(TURNS, st.floats(-44, 44))
def test_a_face_turned_and_on_one_side(turn: int, tilt: float) -> None:
    angle = math.radians(90 * turn + tilt)
    eyes = np.array([(0, 0), (math.cos(angle), math.sin(angle))])
    # What a head on one side can be, up to 60 degrees, is upright; a turned one is never tilted so far.
    over = abs((90 * turn + tilt + 180) % 360 - 180)
    assume(abs(over - 60) > 0.1)
    lies = over > 60
    assert turn_of(eyes[0], eyes[1]) == (turn if lies else 0)


@pytest.mark.parametrize(("turn", "angle"), [(0, 0.0), (1, 90.0), (2, 180.0), (3, -90.0)])
def test_the_crop_of_a_turned_face_shows_it_upright(turn: int, angle: float) -> None:
    face = np.zeros((68, 2), np.float32)
    face[36:42], face[42:48] = (40, 40), (60, 40)
    face[48:68] = [(42 + 16 * (n % 2), 60 + n // 10) for n in range(20)]
    photo = np.random.default_rng(1).integers(0, 256, (100, 120, 3), np.uint8)
    turned = np.ascontiguousarray(np.rot90(photo, -turn))  # the photo of it, `turn` quarters clockwise
    points = turn_back(face + 0.5, turn, turned.shape[1], turned.shape[0]).astype(np.float32) - np.float32(0.5)
    crop = mouth_crop(points, 1.5)
    assert (quarter_angle(points), crop.angle) == (angle, angle)
    upright = mouth_crop(face, 1.5)
    near = [replace(upright, x=upright.x + dx, y=upright.y + dy) for dx in (-1, 0, 1) for dy in (-1, 0, 1)]
    assert any(np.array_equal(cut(turned, crop, "push"), cut(photo, one, "push")) for one in near)  # but for rounding


@pytest.mark.parametrize("border", ["push", "reflect", "black"])
def test_a_turned_crop_that_sticks_out_is_filled_like_an_upright_one(border: Border) -> None:
    for turn, angle in enumerate((0.0, 90.0, 180.0, -90.0)):
        found = cut(IMAGE, CropBox(-3, 4, 8, 8, angle), border)
        assert np.array_equal(found, np.rot90(cut(IMAGE, CropBox(-3, 4, 8, 8), border), turn))
