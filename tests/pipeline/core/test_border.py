"""Where a square is pushed, and how much of it is no photo: against every place of small pictures, pixel by pixel."""

from __future__ import annotations

import math
from itertools import product

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pipeline.core.border import corners, filled_share, push_inside, squared_share
from pipeline.core.geometry import CropBox

SIDES = st.integers(1, 12)
STARTS = st.integers(-18, 18)
ANGLES = st.floats(-180, 180).map(lambda v: round(v, 2))


def photo_pixels(x: int, y: int, w: int, h: int, width: int, height: int) -> int:
    """How many of the box's pixels lie in the photo, counted."""
    return sum(0 <= x + i < width and 0 <= y + j < height for i in range(w) for j in range(h))


@given(STARTS, STARTS, st.integers(1, 16), SIDES, SIDES)
def test_a_square_is_pushed_to_the_nearest_place_that_shows_most(
    x: int, y: int, s: int, width: int, height: int
) -> None:
    """Of all places the one with the most photo in it, and of those the nearest one: there is exactly one."""
    places = [*product(range(-s, width + 1), range(-s, height + 1)), (x, y)]
    shown = {place: photo_pixels(*place, s, s, width, height) for place in places}
    top = max(shown.values())
    most = [place for place in shown if shown[place] == top]
    nearest = min(most, key=lambda place: (place[0] - x) ** 2 + (place[1] - y) ** 2)
    pushed = push_inside(CropBox(x, y, s, s), width, height)
    assert (pushed.x, pushed.y, pushed.width, pushed.height) == (*nearest, s, s)
    if s <= min(width, height):
        assert shown[nearest] == s * s


@given(
    st.integers(-3000, 6000), st.integers(-3000, 6000), st.integers(1, 3000), st.integers(1, 4000), st.integers(1, 4000)
)
def test_a_square_that_fits_lies_inside_and_one_that_lies_inside_stays(
    x: int, y: int, s: int, width: int, height: int
) -> None:
    crop = CropBox(x, y, s, s)
    pushed = push_inside(crop, width, height)
    assert push_inside(pushed, width, height) == pushed
    if s <= min(width, height):
        assert 0 <= pushed.x <= pushed.x + s <= width
        assert 0 <= pushed.y <= pushed.y + s <= height
        assert filled_share(pushed, width, height) == 0
    if filled_share(crop, width, height) == 0:
        assert pushed == crop
    assert filled_share(pushed, width, height) <= filled_share(crop, width, height)


@given(STARTS, STARTS, st.integers(1, 14), SIDES, SIDES)
def test_what_the_square_held_of_the_photo_it_still_holds(x: int, y: int, s: int, width: int, height: int) -> None:
    """So the mouth's points that lie in the photo are in the crop after it was pushed, as they were before."""
    held = [(px, py) for px, py in product(range(width), range(height)) if x <= px < x + s and y <= py < y + s]
    pushed = push_inside(CropBox(x, y, s, s), width, height)
    assert all(pushed.x <= px < pushed.x + s and pushed.y <= py < pushed.y + s for px, py in held)


@given(STARTS, STARTS, st.integers(1, 9), st.integers(1, 9), SIDES, SIDES)
def test_the_filled_share_is_that_of_the_pixels(x: int, y: int, w: int, h: int, width: int, height: int) -> None:
    counted = 1 - photo_pixels(x, y, w, h, width, height) / (w * h)
    assert filled_share(CropBox(x, y, w, h), width, height) == pytest.approx(counted, abs=1e-9)


@given(STARTS, STARTS, st.integers(2, 12), ANGLES, SIDES, SIDES)
@settings(deadline=None)
def test_the_filled_share_of_a_turned_square_is_that_of_many_samples(
    x: int, y: int, s: int, angle: float, width: int, height: int
) -> None:
    n = 300
    u = (np.arange(n) + 0.5) / n * s - s / 2
    gx, gy = np.meshgrid(u, u)
    turned = (gx + 1j * gy) * np.exp(1j * math.radians(angle)) + complex(x + s / 2, y + s / 2)
    inside = (turned.real >= 0) & (turned.real <= width) & (turned.imag >= 0) & (turned.imag <= height)
    assert filled_share(CropBox(x, y, s, s, angle), width, height) == pytest.approx(1 - inside.mean(), abs=0.02)


@given(STARTS, STARTS, st.integers(1, 12), ANGLES, st.integers(4, 20), st.integers(4, 20))
def test_a_turned_square_is_pushed_inside_wherever_some_move_does_it(
    x: int, y: int, s: int, angle: float, width: int, height: int
) -> None:
    crop = CropBox(x, y, s, s, angle)
    spin = np.exp(1j * math.radians(angle))
    shape = [complex(a, b) * s / 2 * spin for a, b in ((-1, -1), (1, -1), (1, 1), (-1, 1))]

    def inside(px: int, py: int) -> bool:
        at = [complex(px + s / 2, py + s / 2) + corner for corner in shape]
        return all(-1e-7 <= c.real <= width + 1e-7 and -1e-7 <= c.imag <= height + 1e-7 for c in at)

    places = [place for place in product(range(-12, 24), range(-12, 24)) if inside(*place)]
    assume(places)
    pushed = push_inside(crop, width, height)
    assert (pushed.x, pushed.y) == min(places, key=lambda place: (place[0] - x) ** 2 + (place[1] - y) ** 2)
    assert (pushed.width, pushed.angle) == (s, angle)
    assert filled_share(pushed, width, height) == 0


def test_a_turned_square_that_does_not_fit_is_put_over_the_photo() -> None:
    """Side 30 turned by 45 degrees reaches 21.2 to each side; the photo of 40 is narrower, that of 60 high is not."""
    pushed = push_inside(CropBox(-100, -100, 30, 30, 45.0), 40, 60)
    assert (pushed.x + 15, pushed.y + 15) == (19, 22)
    assert 0 < filled_share(pushed, 40, 60) < 0.01


def test_corners_go_clockwise_from_the_crops_own_upper_left() -> None:
    assert corners(CropBox(10, 20, 4, 6)) == [(10, 20), (14, 20), (14, 26), (10, 26)]
    quarter = [tuple(round(v, 9) for v in corner) for corner in corners(CropBox(0, 0, 4, 4, 90.0))]
    assert quarter == [(4, 0), (4, 4), (0, 4), (0, 0)]


def test_the_share_once_a_crop_is_made_square() -> None:
    # 20 x 40 in a square of 40: half of it is no photo; a quarter of the crop filled: three eighths are photo
    assert squared_share(0.0, CropBox(0, 0, 20, 40)) == 0.5
    assert squared_share(0.25, CropBox(0, 0, 20, 40)) == 0.625
    assert squared_share(0.25, CropBox(0, 0, 40, 40)) == 0.25
