"""The cut against a per-pixel reference; the square against its definition."""

from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from PIL import Image

from pipeline.crop import cut, encode_jpeg, encode_png, mouth_crop
from pipeline.records import Bgr, CropBox, Points

SMALL = np.random.default_rng(7).integers(1, 256, (9, 13, 3), np.uint8)  # no zeros: padding can be told apart


def naive_cut(bgr: Bgr, crop: CropBox) -> Bgr:
    out = np.zeros((crop.height, crop.width, 3), np.uint8)
    for row in range(crop.height):
        for column in range(crop.width):
            y, x = crop.y + row, crop.x + column
            if 0 <= y < bgr.shape[0] and 0 <= x < bgr.shape[1]:
                out[row, column] = bgr[y, x]
    return out


@given(st.integers(-20, 30), st.integers(-20, 30), st.integers(1, 25), st.integers(1, 25))
def test_cut_equals_the_naive_cut(x: int, y: int, width: int, height: int) -> None:
    crop = CropBox(x, y, width, height)
    found = cut(SMALL, crop)
    assert found.dtype == np.uint8
    assert np.array_equal(found, naive_cut(SMALL, crop))


def test_cut_copies() -> None:
    found = cut(SMALL, CropBox(0, 0, 13, 9))
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


def test_png_keeps_each_pixel_and_its_channel_order() -> None:
    with Image.open(io.BytesIO(encode_png(SMALL))) as image:
        assert image.format == "PNG"
        assert np.array_equal(np.asarray(image), SMALL[:, :, ::-1])


def test_jpeg_by_quality() -> None:
    red = np.full((32, 32, 3), (0, 0, 255), np.uint8)
    for quality, sampling in ((95, (1, 1)), (82, (2, 2))):
        with Image.open(io.BytesIO(encode_jpeg(red, quality))) as image:
            assert image.format == "JPEG"
            assert image.getpixel((5, 5)) == pytest.approx((255, 0, 0), abs=4)
            first = image.layer[0]
            assert tuple(first[1:3]) == sampling
