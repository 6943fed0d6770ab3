from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.geometry import BoundingBox

number = st.floats(-500, 5000, allow_nan=False)


@pytest.mark.parametrize(("other", "expected"), [
    (BoundingBox(0, 0, 10, 10), 1.0),
    (BoundingBox(5, 0, 15, 10), 50 / 150),
    (BoundingBox(10, 0, 20, 10), 0.0),  # half-open boxes that touch share nothing
    (BoundingBox(2, 2, 4, 4), 4 / 100),
    (BoundingBox(5, 5, 5, 5), 0.0),
])  # fmt: skip
def test_iou_by_hand(other: BoundingBox, expected: float) -> None:
    assert BoundingBox(0, 0, 10, 10).iou(other) == pytest.approx(expected)


box = st.builds(BoundingBox, number, number, number, number)


@given(box, box)
def test_iou_is_symmetric_and_a_share(one: BoundingBox, other: BoundingBox) -> None:
    assert one.iou(other) == other.iou(one)
    assert 0 <= one.iou(other) <= 1 + 1e-9
