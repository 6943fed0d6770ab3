"""The geometry of a drawn face, worked out by hand; size, place and roll do not change it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.suggest.features import GEOMETRY, geometry


def face() -> np.ndarray:
    """Eyes 100 apart at y 0, the nose at (0, 50), a mouth 90 wide: its corners at y 76, outer lips from 70 to 92,
    inner ones from 78 to 84; a jaw 150 wide."""
    p = np.zeros((68, 2), np.float32)
    p[36:42], p[42:48] = (-50, 0), (50, 0)
    p[33] = (0, 50)
    p[48], p[54] = (-45, 76), (45, 76)
    p[51], p[57] = (0, 70), (0, 92)
    p[61], p[62], p[63] = (-10, 78), (0, 78), (10, 78)
    p[67], p[66], p[65] = (-10, 84), (0, 84), (10, 84)
    p[4], p[12] = (-75, 80), (75, 80)
    return p


BY_HAND = {
    "width": 0.9, "opening": 6 / 90, "outer height": 22 / 90, "lift": (81 - 76) / 90, "nose distance": 0.2,
    "upper lip": 0.08, "width over jaw": 0.6,
}  # fmt: skip


def test_the_figures_of_a_drawn_face() -> None:
    (row,) = geometry(face()[None])
    assert dict(zip(GEOMETRY, row, strict=True)) == pytest.approx(BY_HAND, abs=1e-6)


@given(st.floats(0.1, 20), st.floats(-3.1, 3.1), st.floats(-500, 500), st.floats(-500, 500))
def test_size_place_and_roll_do_not_count(scale: float, turn: float, x: float, y: float) -> None:
    turned = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    moved = (face() @ turned * scale + (x, y)).astype(np.float32)
    assert geometry(moved[None])[0] == pytest.approx(geometry(face()[None])[0], abs=1e-3)


def test_a_mouth_whose_lips_cross_is_shut() -> None:
    p = face()
    p[[65, 66, 67], 1] = 70
    assert geometry(p[None])[0, GEOMETRY.index("opening")] == 0


def test_points_that_fall_together_are_no_error() -> None:
    assert np.isfinite(geometry(np.zeros((2, 68, 2), np.float32))).all()
    assert geometry(np.zeros((0, 68, 2), np.float32)).shape == (0, len(GEOMETRY))
