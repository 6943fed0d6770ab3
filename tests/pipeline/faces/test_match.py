"""What is the same face keeps its identity, by boxes written down by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.geometry import BoundingBox, CropBox
from pipeline.core.records import Face, KnownFace
from pipeline.faces.match import is_moved, merge, scaled

SHA = "a" * 64


def face(name: str, x: float, y: float, side: float, crop: int = 0) -> Face:
    box = BoundingBox(x, y, x + side, y + side)
    points = np.full((68, 2), (x, y), np.float32)  # all in one place: no extent, so the boxes decide
    return Face(name, SHA, 0, box, "yunet", 0.9, points, CropBox(crop, 0, 40, 40))


def known(one: Face, *, keep: bool = False, crop_fixed: bool = False) -> KnownFace:
    return KnownFace(one, keep, crop_fixed)


def test_a_face_found_again_keeps_its_id_and_takes_the_new_box() -> None:
    # 100 wide, moved by 20: 80 of 120 columns are shared, an IoU of 2/3
    merged = merge([face("new", 20, 0, 100, crop=7)], [known(face("old", 0, 0, 100))])
    assert [(f.face_id, f.box.x1, f.crop.x) for f in merged] == [("old", 20, 7)]


def test_too_little_overlap_is_another_face() -> None:
    # moved by 40: 60 of 140 columns, an IoU of .43
    merged = merge([face("new", 40, 0, 100)], [known(face("old", 0, 0, 100), keep=True)])
    assert {f.face_id for f in merged} == {"old", "new"}


def test_a_face_that_nothing_matches_goes_unless_it_is_to_be_kept() -> None:
    drawn, loose = face("drawn", 0, 0, 50), face("loose", 500, 500, 60)
    assert [f.face_id for f in merge([], [known(drawn, keep=True), known(loose)])] == ["drawn"]


def test_a_crop_that_a_person_placed_stays() -> None:
    merged = merge([face("new", 0, 0, 100, crop=7)], [known(face("old", 0, 0, 100, crop=3), crop_fixed=True)])
    assert merged[0].crop.x == 3


def test_the_better_overlap_wins_and_each_face_is_taken_once() -> None:
    # both new boxes overlap the old one by more than half; the nearer one is it
    near, far = face("near", 5, 0, 100), face("far", 25, 0, 100)
    merged = {f.face_id: f.box.x1 for f in merge([far, near], [known(face("old", 0, 0, 100))])}
    assert merged == {"old": 5, "far": 25}


def test_ranks_follow_the_size() -> None:
    merged = merge([face("small", 0, 0, 20), face("large", 200, 0, 90)], [known(face("mid", 500, 0, 50), keep=True)])
    assert [(f.face_id, f.rank) for f in merged] == [("large", 0), ("mid", 1), ("small", 2)]


def test_a_new_face_with_the_id_of_a_kept_one_is_that_one() -> None:
    kept = face("same", 0, 0, 100)
    merged = merge([face("same", 300, 300, 100)], [known(kept, keep=True)])
    assert [(f.face_id, f.box.x1) for f in merged] == [("same", 0)]


@given(st.lists(st.tuples(st.integers(0, 300), st.integers(0, 300), st.integers(10, 120)), max_size=6), st.data())
def test_nothing_that_is_to_be_kept_is_lost(places: list[tuple[int, int, int]], data: st.DataObject) -> None:
    faces = [face(f"k{n}", *place) for n, place in enumerate(places)]
    keep = data.draw(st.lists(st.booleans(), min_size=len(faces), max_size=len(faces)))
    found = [face(f"n{n}", x + 3, y, side) for n, (x, y, side) in enumerate(places[::2])]
    merged = merge(found, [known(f, keep=k) for f, k in zip(faces, keep, strict=True)])
    ids = [f.face_id for f in merged]
    assert len(ids) == len(set(ids))
    assert {f.face_id for f, k in zip(faces, keep, strict=True) if k} <= set(ids)
    assert len(merged) >= len(found)
    areas = [f.box.area for f in merged]
    assert areas == sorted(areas, reverse=True)


@pytest.mark.parametrize(
    ("factor", "expected"), [(1.0, (10, 20, 40, 40)), (2.0, (-10, 0, 80, 80)), (0.5, (20, 30, 20, 20))]
)
def test_a_placed_crop_grows_about_its_middle(factor: float, expected: tuple[int, ...]) -> None:
    crop = scaled(CropBox(10, 20, 40, 40, 3.5), factor)
    assert (crop.x, crop.y, crop.width, crop.height) == expected
    assert crop.angle == 3.5


def test_a_crop_is_moved_where_it_lies_elsewhere() -> None:
    assert is_moved(CropBox(1, 2, 3, 3), CropBox(2, 2, 3, 3))
    assert is_moved(CropBox(1, 2, 3, 3), None)
    assert not is_moved(CropBox(1, 2, 3, 3), CropBox(1, 2, 3, 3))


def test_a_loosely_drawn_box_is_the_face_whose_landmarks_it_has() -> None:
    """The drawn box is three times as large, an IoU of 1/9; the landmarks fill the same half of the detector's box."""
    points = np.zeros((68, 2), np.float32)
    points[:, 0], points[:, 1] = np.linspace(110, 190, 68), np.linspace(110, 190, 68)
    drawn = replace(face("drawn", 0, 0, 300), landmarks=points)
    found = replace(face("found", 100, 100, 100), landmarks=points + 4)
    assert [f.face_id for f in merge([found], [known(drawn, keep=True)])] == ["drawn"]
    elsewhere = replace(found, landmarks=points + 60)
    assert {f.face_id for f in merge([elsewhere], [known(drawn, keep=True)])} == {"drawn", "found"}
