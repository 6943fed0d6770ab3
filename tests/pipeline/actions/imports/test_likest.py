"""The pairing of boxes and faces, on faces that lie in a row; expected pairs are by hand."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.actions.imports.likest import assigned, lies_under
from pipeline.core.geometry import BoundingBox, CropBox, Told
from pipeline.core.records import Face
from tests.examples import examples

Box = tuple[float, float, float, float]


def face_at(name: str, x: float) -> Face:
    """A face of 100 pixels; its crop lies in its lower half."""
    box = BoundingBox(x, 0, x + 100, 100)
    points = np.linspace((x + 10, 10), (x + 90, 90), 68, dtype=np.float32)
    return Face(name * 32, "5" * 64, 0, box, "yunet", 0.9, points, CropBox(round(x) + 30, 60, 40, 40))


def pairs(boxes: list[Box], places: dict[str, float]) -> tuple[dict[int, str], dict[int, str]]:
    told = {number: Told(face=BoundingBox(*box), either=True) for number, box in enumerate(boxes)}
    found = assigned(told, [face_at(name, x) for name, x in places.items()])
    chosen, doubtful = ({n: face.face_id[0] for n, face in one.items()} for one in (found.chosen, found.doubtful))
    return chosen, doubtful


@pytest.mark.parametrize(
    ("boxes", "places", "chosen", "doubtful"),
    [
        # Both overlap the left face: the one that lies on it gets it, and the other one the face beside.
        ([(30, 0, 130, 100), (2, 0, 102, 100)], {"a": 0, "b": 60}, {0: "b", 1: "a"}, {}),
        ([(30, 0, 130, 100), (2, 0, 102, 100)], {"a": 0}, {1: "a"}, {}),
        # The likest pair first would take `a` from the second box, which lies on no other.
        ([(22, 0, 122, 100), (-30, 0, 70, 100)], {"a": 0, "b": 46}, {0: "b", 1: "a"}, {}),
        # 2.5 times too large around `a`: its own, though it overlaps `b` as well, which is large and beside it.
        ([(-75, -75, 175, 175)], {"a": 0, "b": 110}, {0: "a"}, {}),
        ([(-75, -75, 175, 175)], {"b": 90}, {}, {}),  # IoU .12: on none
        ([(-20, -40, 140, 120)], {"b": 100}, {}, {}),
        # `a` was not found: the box overlaps `b` by .25 and .33, and its middle is where `b` is not.
        ([(-60, -60, 140, 140)], {"b": 75}, {}, {}),
        ([(0, 0, 100, 100)], {"b": 50}, {}, {0: "b"}),
        ([(0, 0, 100, 100), (48, 0, 148, 100)], {"b": 50}, {1: "b"}, {}),  # `b` is somebody's: in no doubt
        ([(0, 0, 100, 100), (110, 0, 210, 100)], {"b": 55}, {}, {0: "b"}),  # .29 and .29: the first one asks
        # Between two faces, as far from one as from the other.
        ([(25, -40, 165, 140)], {"a": 0, "b": 90}, {}, {0: "a"}),
        # One face told of twice, and once more loosely.
        ([(0, 0, 100, 100), (1, 0, 101, 100)], {"a": 0}, {0: "a", 1: "a"}, {}),
        ([(0, 0, 100, 100), (-20, -20, 120, 120)], {"a": 0}, {0: "a"}, {}),
        # Of its mouth: in the crop, and as wide as lips are.
        ([(32, 70, 68, 92)], {"a": 0, "b": 100}, {0: "a"}, {}),
    ],
)  # fmt: skip
def test_pairs_by_hand(
    boxes: list[Box], places: dict[str, float], chosen: dict[int, str], doubtful: dict[int, str]
) -> None:
    assert pairs(boxes, places) == (chosen, doubtful)


def test_no_faces_and_no_boxes() -> None:
    assert pairs([(0, 0, 9, 9)], {}) == pairs([], {"a": 0}) == ({}, {})


@settings(max_examples=examples(60))
@given(st.lists(st.integers(0, 40), min_size=1, max_size=4), st.lists(st.integers(0, 40), min_size=1, max_size=4))
def test_no_other_pairing_has_more_sure_pairs(lefts: list[int], faces: list[int]) -> None:
    """Against all pairings, one by one. Boxes and faces are of one size, so their IoU is (100 - d) / (100 + d)."""
    boxes = {left * 10 for left in lefts}
    places = {chr(97 + n): float(x * 10) for n, x in enumerate(sorted(set(faces)))}
    chosen, doubtful = pairs([(x, 0.0, x + 100.0, 100.0) for x in boxes], places)
    own = list(boxes)

    def overlap(box: int, face: str) -> float:
        d = abs(box - places[face])
        return max(0.0, (100 - d) / (100 + d))

    for number, face in chosen.items():
        assert overlap(own[number], face) >= 0.5
        assert overlap(own[number], face) >= 0.7 * max(overlap(own[number], name) for name in places)
    assert len(set(chosen.values())) == len(chosen)
    assert not set(chosen.values()) & set(doubtful.values())
    names: list[str | None] = [*places, *[None] * len(own)]
    most = max(
        sum(
            face is not None
            and overlap(box, face) >= 0.5
            and overlap(box, face) >= 0.7 * max(overlap(box, name) for name in places)
            for box, face in zip(own, order, strict=True)
        )
        for order in set(permutations(names, len(own)))
    )
    assert len(chosen) == most


@pytest.mark.parametrize(
    ("face", "expected"),
    [((80, 10, 120, 60), True), ((80, 130, 120, 180), True), ((80, 230, 120, 280), False), ((130, 10, 170, 60), False)],
)
def test_where_a_person_s_face_is(face: Box, expected: bool) -> None:
    assert lies_under(BoundingBox(*face), BoundingBox(0, 0, 200, 300)) is expected
