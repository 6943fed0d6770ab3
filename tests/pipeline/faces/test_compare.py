"""Two detectors on the same photos: boxes matched by hand, and real detectors on real photos."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.errors import UsageError
from pipeline.core.geometry import Bgr, BoundingBox
from pipeline.core.records import Detection, ImageRef, Settings
from pipeline.faces import compare as module
from pipeline.faces.compare import Difference, compare, same_faces
from tests.pipeline.photos import astronaut, coffee

A, B = Settings("yunet"), Settings("hog")


def square(x: float, y: float = 0, side: float = 10) -> BoundingBox:
    return BoundingBox(x, y, x + side, y + side)


def test_boxes_are_the_same_from_half_of_their_union() -> None:
    # 10 x 10 moved by 3: 70 / 130 = .54; by 4: 60 / 140 = .43
    assert same_faces([square(0)], [square(3)]) == [(0, 0)]
    assert same_faces([square(0)], [square(4)]) == []
    assert same_faces([], [square(4)]) == []


def test_the_best_pair_goes_first_and_no_box_twice() -> None:
    assert same_faces([square(2), square(0)], [square(0)]) == [(1, 0)]
    assert sorted(same_faces([square(0), square(30)], [square(31), square(1), square(2)])) == [(0, 1), (1, 0)]


boxes = st.lists(st.builds(square, st.floats(0, 40), st.floats(0, 40), st.floats(5, 20)), max_size=6)


@given(one=boxes, other=boxes)
def test_matching_is_one_to_one_and_the_same_from_either_side(one: list[BoundingBox], other: list[BoundingBox]) -> None:
    pairs = same_faces(one, other)
    assert len({i for i, _ in pairs}) == len(pairs) == len({j for _, j in pairs})
    back = same_faces(other, one)
    assert sorted(one[i].iou(other[j]) for i, j in pairs) == pytest.approx(
        sorted(one[i].iou(other[j]) for j, i in back)
    )


def ref(path: Path) -> ImageRef:
    return ImageRef(str(path), path.name, path.stat().st_size)


def test_every_box_is_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    given_boxes = {"yunet": [square(0), square(50)], "hog": [square(1), square(90), square(120)]}

    def find(_bgr: Bgr, settings: Settings) -> list[Detection]:
        return [Detection(box, 1.0) for box in given_boxes[settings.detector]]

    monkeypatch.setattr(module, "find_faces", find)
    seen: list[Difference] = []
    (found,) = compare([ref(astronaut())], A, B, seen.append)
    assert seen == [found]
    assert found.both == ((square(0), square(1)),)
    assert found.only_a == (square(50),)
    assert found.only_b == (square(90), square(120))
    assert (found.width, found.height, found.differs, found.failure) == (512, 512, True, "")


def test_real_detectors_agree_on_a_face_and_on_a_cup() -> None:
    face, cup = compare([ref(astronaut()), ref(coffee())], A, B)
    assert (len(face.both), face.only_a, face.only_b) == (1, (), ())
    assert (cup.both, cup.differs) == ((), False)
    assert face.seconds_a > 0
    assert face.seconds_b > 0


def test_a_photo_that_cannot_be_read_is_told_and_the_next_one_follows(tmp_path: Path) -> None:
    (tmp_path / "half.png").write_bytes(astronaut().read_bytes()[:20_000])
    gone = ImageRef(str(tmp_path / "gone.png"), "gone.png", 1)
    half, none, whole = compare([ref(tmp_path / "half.png"), gone, ref(astronaut())], A, B)
    assert "damaged" in half.failure
    assert none.failure
    assert not none.differs
    assert len(whole.both) == 1


def test_an_unknown_detector_is_refused_before_any_photo() -> None:
    with pytest.raises(UsageError, match="nobody"):
        list(compare([], A, Settings("nobody")))
