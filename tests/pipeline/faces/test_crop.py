"""The cut against a per-pixel reference; the square against its definition."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from PIL import Image

from pipeline.core.border import Border
from pipeline.core.geometry import Bgr, CropBox, Points
from pipeline.faces.crop import cut, eye_angle, mouth_crop, placed, resized_png
from pipeline.pixels.encode import encode_png

SMALL = np.random.default_rng(7).integers(1, 256, (9, 13, 3), np.uint8)  # no zeros: padding can be told apart


def mirrored(at: int, size: int) -> int:
    """Walked step by step from 0, turning round at each end, where the outermost one comes twice."""
    step, place = (1, 0) if at >= 0 else (-1, 0)
    for _ in range(abs(at)):
        if not 0 <= place + step < size:
            step = -step
        else:
            place += step
    return place


def naive_cut(bgr: Bgr, crop: CropBox, border: Border) -> Bgr:
    out = np.zeros((crop.height, crop.width, 3), np.uint8)
    height, width = bgr.shape[:2]
    for row in range(crop.height):
        for column in range(crop.width):
            y, x = crop.y + row, crop.x + column
            if border == "push":
                out[row, column] = bgr[min(max(y, 0), height - 1), min(max(x, 0), width - 1)]
            elif border == "reflect":
                out[row, column] = bgr[mirrored(y, height), mirrored(x, width)]
            elif 0 <= y < height and 0 <= x < width:
                out[row, column] = bgr[y, x]
    return out


@given(
    st.integers(-40, 60),
    st.integers(-40, 60),
    st.integers(1, 25),
    st.integers(1, 25),
    st.sampled_from(get_args(Border)),
)
def test_cut_equals_the_naive_cut(x: int, y: int, width: int, height: int, border: Border) -> None:
    crop = CropBox(x, y, width, height)
    found = cut(SMALL, crop, border)
    assert found.dtype == np.uint8
    assert np.array_equal(found, naive_cut(SMALL, crop, border))


def test_cut_copies() -> None:
    found = cut(SMALL, CropBox(0, 0, 13, 9), "push")
    found[:] = 0
    assert SMALL.min() > 0


def points_with_mouth(*mouth: tuple[float, float]) -> Points:
    """68 points; the given ones in turn are the mouth (48 to 67), the rest lie far away."""
    points = np.full((68, 2), -500.0, np.float32)
    for index in range(20):
        points[48 + index] = mouth[index % len(mouth)]
    return points


@pytest.mark.parametrize(
    ("mouth", "margin", "expected"),
    [
        # longer edge 40, side 60, centre (120, 210)
        (((100, 200), (140, 220)), 1.5, CropBox(90, 180, 60, 60)),
        # a mouth that is higher than wide: edge 50, side 75, centre (110, 225): 110 - 37.5 = 72.5 -> 73
        (((100, 200), (120, 250)), 1.5, CropBox(73, 188, 75, 75)),
        # leaves the image to the left and above
        (((0, 0), (20, 10)), 2.0, CropBox(-10, -15, 40, 40)),
        # all points in one place
        (((7, 9),), 1.5, CropBox(6, 8, 2, 2)),
    ],
)
def test_mouth_crop_by_hand(mouth: tuple[tuple[float, float], ...], margin: float, expected: CropBox) -> None:
    assert mouth_crop(points_with_mouth(*mouth), margin) == expected


@given(st.lists(st.tuples(st.integers(-50, 3000), st.integers(-50, 3000)), min_size=2, max_size=20, unique=True),
       st.sampled_from([1.0, 1.5, 2.0, 3.0]))  # fmt: skip
def test_mouth_crop_is_a_centred_square_around_the_mouth(mouth: list[tuple[int, int]], margin: float) -> None:
    xs, ys = [m[0] for m in mouth], [m[1] for m in mouth]
    edge = max(max(xs) - min(xs), max(ys) - min(ys))
    assume(edge >= 4)
    crop = mouth_crop(points_with_mouth(*mouth), margin)
    assert crop.width == crop.height
    assert abs(crop.width - margin * edge) <= 0.5
    assert abs(crop.x + crop.width / 2 - (min(xs) + max(xs)) / 2) <= 0.5
    assert abs(crop.y + crop.height / 2 - (min(ys) + max(ys)) / 2) <= 0.5
    if margin > 1:
        assert crop.x <= min(xs)
        assert crop.x + crop.width >= max(xs)
        assert crop.y <= min(ys)
        assert crop.y + crop.height >= max(ys)


@given(st.integers(-200, 200), st.integers(-200, 200))
def test_mouth_crop_moves_with_the_mouth(dx: int, dy: int) -> None:
    one = mouth_crop(points_with_mouth((100, 100), (141, 117)), 1.5)
    other = mouth_crop(points_with_mouth((100 + dx, 100 + dy), (141 + dx, 117 + dy)), 1.5)
    assert (other.x - one.x, other.y - one.y, other.width) == (dx, dy, one.width)


def head_points(angle: float) -> np.ndarray:
    """A face of 68 points whose eyes lie level, turned by `angle` degrees clockwise about (200, 200)."""
    points = np.tile(np.array([[200.0, 200.0]]), (68, 1))
    points[36:42], points[42:48] = (160, 160), (240, 160)
    points[48:68, 0] = np.linspace(170, 230, 20)
    points[48:68, 1] = 240 + 10 * np.sin(np.linspace(0, 6.28, 20))
    turn = np.radians(angle)
    matrix = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    return ((points - 200) @ matrix.T + 200).astype(np.float32)


@pytest.mark.parametrize("angle", [-40.0, -3.0, 0.0, 12.5, 89.0])
def test_the_eye_line_tells_the_angle(angle: float) -> None:
    assert eye_angle(head_points(angle)) == pytest.approx(angle, abs=0.02)


def test_below_half_a_degree_nothing_is_turned() -> None:
    assert eye_angle(head_points(0.4)) == 0
    assert mouth_crop(head_points(0.4), 1.5, upright=True).angle == 0


@pytest.mark.parametrize("angle", [-30.0, 20.0, 75.0])
def test_a_turned_head_has_the_crop_of_a_level_one(angle: float) -> None:
    """The turned square has the level one's side, and its middle turned about the same point."""
    level, turned = mouth_crop(head_points(0), 1.5), mouth_crop(head_points(angle), 1.5, upright=True)
    assert turned.width == pytest.approx(level.width, abs=1)
    middle = np.array([level.x + level.width / 2 - 200, level.y + level.height / 2 - 200])
    turn = np.radians(angle)
    expected = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]) @ middle + 200
    assert (turned.x + turned.width / 2, turned.y + turned.height / 2) == pytest.approx(tuple(expected), abs=1)


def test_a_quarter_turn_moves_pixels_without_changing_them() -> None:
    """Turned by 90 degrees clockwise on the screen, what was on top of the photo's patch comes to lie at the left."""
    image = np.random.default_rng(5).integers(0, 255, (60, 60, 3), np.uint8)
    straight = cut(image, CropBox(10, 20, 21, 21), "push")
    turned = cut(image, CropBox(10, 20, 21, 21, 90.0), "push")
    assert np.array_equal(turned, np.rot90(straight, 1))


def test_a_turned_crop_is_filled_outside_the_photo_as_asked() -> None:
    image = np.full((40, 40, 3), 200, np.uint8)
    turned = cut(image, CropBox(-30, -30, 40, 40, 45.0), "black")
    assert turned.shape == (40, 40, 3)
    assert turned[0, 0].tolist() == [0, 0, 0]
    assert 0 < (turned > 0).mean() < 0.5
    assert cut(image, CropBox(-30, -30, 40, 40, 45.0), "push").min() == 200
    assert cut(image, CropBox(-30, -30, 40, 40, 45.0), "reflect").min() == 200


@given(st.integers(-60, 80), st.integers(-60, 80), st.integers(2, 40), st.floats(-180, 180))
def test_a_turned_crop_that_was_pushed_inside_shows_nothing_but_photo(x: int, y: int, side: int, angle: float) -> None:
    image = np.full((60, 70, 3), 200, np.uint8)
    crop = placed(CropBox(x, y, side, side, round(angle, 2)), 70, 60, "push")
    assert cut(image, crop, "black").min() == 200  # any pixel from outside would be darker


def test_only_push_moves_a_crop() -> None:
    crop = CropBox(-4, 50, 20, 20)
    assert placed(crop, 100, 60, "push") == CropBox(0, 40, 20, 20)
    assert placed(crop, 100, 60, "reflect") == placed(crop, 100, 60, "black") == crop


@pytest.mark.parametrize("size", [16, 33, 200])
def test_resizing_keeps_the_picture(size: int) -> None:
    ramp = np.repeat(np.linspace(0, 255, 64).astype(np.uint8)[None, :, None], 64, 0).repeat(3, 2)
    small = decoded(resized_png(encode_png(ramp), size))
    assert small.shape == (size, size, 3)
    assert int(small[size // 2, size // 2, 0]) == pytest.approx(255 * ((size // 2 + 0.5) * 64 / size - 0.5) / 63, abs=4)


def test_resizing_repeats_the_edge_of_what_is_not_square() -> None:
    image = np.full((20, 40, 3), 180, np.uint8)
    image[0], image[-1] = 90, 30
    wide = decoded(resized_png(encode_png(image), 40))
    assert wide.shape == (40, 40, 3)
    assert (wide[:11] == 90).all()
    assert (wide[11:29] == 180).all()
    assert (wide[29:] == 30).all()


def decoded(png: bytes) -> np.ndarray:
    from io import BytesIO

    return np.asarray(Image.open(BytesIO(png)))
