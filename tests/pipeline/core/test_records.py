from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.records import BoundingBox, face_id

number = st.floats(-500, 5000, allow_nan=False)
SHA = "ab" * 32


def test_face_id_is_the_hash_that_the_design_names() -> None:
    box = BoundingBox(10.4, 20.6, 99.9, 120.2)
    expected = hashlib.sha256(f"{SHA}:10,21,100,120:yunet".encode()).hexdigest()[:32]
    assert face_id(SHA, box, "yunet") == expected
    assert len(expected) == 32


def test_face_id_keeps_to_rounded_pixels() -> None:
    one = face_id(SHA, BoundingBox(10.1, 20.1, 99.9, 120.2), "yunet")
    assert face_id(SHA, BoundingBox(9.9, 20.4, 100.3, 119.8), "yunet") == one
    others = [
        face_id("cd" * 32, BoundingBox(10, 20, 100, 120), "yunet"),
        face_id(SHA, BoundingBox(11, 20, 100, 120), "yunet"),
        face_id(SHA, BoundingBox(10, 20, 100, 120), "hog"),
    ]
    assert len({one, *others}) == 4


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
