from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.pixels.shrink import halved, shrink


@given(st.integers(1, 40), st.integers(1, 40), st.integers(40, 200), st.integers(4, 200))
def test_shrinking_a_level_is_shrinking_the_image(rows: int, columns: int, longest: int, less: int) -> None:
    """Exactly where the halves are whole: at most three halvings of multiples of 8."""
    pixels = np.random.default_rng(rows * 41 + columns).integers(0, 256, (8 * rows, 8 * columns, 3), np.uint8)
    level = halved(pixels, longest)
    assert np.array_equal(shrink(level, longest)[0], shrink(pixels, longest)[0])
    assert (level is pixels) == (max(pixels.shape) < 2 * longest)
    assert max(shrink(level, less)[0].shape[:2]) <= max(less, 3)


@given(st.integers(1, 300), st.integers(1, 300), st.integers(8, 200))
def test_a_level_is_never_smaller_than_what_it_is_for(height: int, width: int, longest: int) -> None:
    pixels = np.zeros((height, width, 3), np.uint8)
    level, wanted = halved(pixels, longest), shrink(pixels, longest)[0]
    assert all(a >= b for a, b in zip(level.shape, wanted.shape, strict=True))
    assert max(abs(a - b) for a, b in zip(shrink(level, longest)[0].shape, wanted.shape, strict=True)) <= 1


@pytest.mark.parametrize(("shape", "expected"), [((640, 100), (640, 100)), ((1280, 640), (640, 320)),
                                                 ((100, 6400), (10, 640)), ((1, 6400), (1, 640)),
                                                 ((999, 3001), (213, 640))])  # fmt: skip
def test_shrink(shape: tuple[int, int], expected: tuple[int, int]) -> None:
    grey = np.full((*shape, 3), 77, np.uint8)
    small, factor = shrink(grey, 640)
    assert small.shape == (*expected, 3)
    assert (small == 77).all()
    assert factor == pytest.approx(max(shape) / max(expected))


def test_shrink_halves_to_the_mean() -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (64, 64, 3), np.uint8)
    mean = pixels.reshape(32, 2, 32, 2, 3).astype(float).mean(axis=(1, 3))
    assert np.abs(shrink(pixels, 32)[0] - mean).max() <= 1
