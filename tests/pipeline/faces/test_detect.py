from __future__ import annotations

import cv2
import numpy as np
import pytest

from pipeline.core.errors import UsageError
from pipeline.core.geometry import Bgr, BoundingBox
from pipeline.core.records import Detection, FacesThatCount, Settings
from pipeline.faces.detect import DETECTORS, DetectorInfo, Option, check_options, detector, find_faces, select_faces
from pipeline.faces.detectors.classic import largest_first
from pipeline.faces.detectors.defaults import LONGEST_SIDE
from pipeline.faces.yunet import find_yunet, yunet_side
from pipeline.pixels.shrink import halved, shrink
from tests.pipeline.photos import astronaut, bgr_of, coffee, hopper

# Read off the picture by eye: (x1, y1, x2, y2) from hair line to chin, ear to ear.
ASTRONAUT_FACE = BoundingBox(172, 72, 275, 200)


@pytest.mark.parametrize("name", [pytest.param(n, marks=pytest.mark.long) if n == "mmod" else n for n in DETECTORS])
def test_each_finds_the_astronaut_where_she_is(name: str) -> None:
    first = detector(name).find(bgr_of(astronaut()))[0]
    assert first.box.iou(ASTRONAUT_FACE) > 0.45
    assert (first.score is None) == (name in ("haar", "course"))
    assert (first.five is not None) == (name == "yunet")


@pytest.mark.parametrize("name", ["yunet", "hog", pytest.param("mmod", marks=pytest.mark.long)])
def test_one_face_each_and_none_in_a_cup(name: str) -> None:
    find = detector(name).find
    assert [len(find(bgr_of(path))) for path in (astronaut(), hopper(), coffee())] == [1, 1, 0]


@pytest.mark.parametrize("factor", [0.4, 2.0, 3.5])
def test_boxes_are_in_pixels_of_the_original(factor: float) -> None:
    small = bgr_of(astronaut())
    big = np.asarray(cv2.resize(small, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA), np.uint8)
    (one,), (other,) = find_yunet(small), find_yunet(big)
    scaled = BoundingBox(*(v * factor for v in (one.box.x1, one.box.y1, one.box.x2, one.box.y2)))
    assert other.box.iou(scaled) > 0.85
    assert one.five is not None
    assert other.five is not None
    assert np.abs(other.five - one.five * factor).max() < 0.1 * scaled.width


@pytest.mark.parametrize("name", DETECTORS)
@pytest.mark.parametrize("shape", [(1, 1), (1, 3000), (3000, 1), (2, 2), (31, 33)])
def test_tiny_and_thin_images_have_no_face_and_do_no_harm(name: str, shape: tuple[int, int]) -> None:
    assert detector(name).find(np.zeros((*shape, 3), np.uint8)) == []


def test_small_images_leave_no_trace_in_the_network() -> None:
    """OpenCV's own runner reuses buffers: a face of the image before was reported on a blank one."""
    face = bgr_of(astronaut())
    expected = find_yunet(face)[0].box
    for size in (8, 32, 33, 64, 200):
        assert find_yunet(np.zeros((size, size, 3), np.uint8)) == []
        assert find_yunet(face)[0].box == expected


def test_two_faces_the_larger_first() -> None:
    face: Bgr = bgr_of(astronaut())[:256, 96:352]
    small = np.asarray(cv2.resize(face, (140, 140), interpolation=cv2.INTER_AREA), np.uint8)
    both = np.full((256, 420, 3), 128, np.uint8)
    both[60:200, :140] = small
    both[:, 160:416] = face
    found = find_yunet(both)
    assert len(found) == 2
    assert found[0].box.area > found[1].box.area
    assert found[0].box.x1 > 160 > found[1].box.x2


@pytest.mark.parametrize(
    ("longest", "side", "expected"),
    [(2000, 640, 640), (640, 640, 640), (639, 640, 608), (350, 640, 320), (319, 640, 319), (2000, 960, 960)],
)
def test_the_side_that_the_net_sees(longest: int, side: int, expected: int) -> None:
    assert yunet_side(longest, side) == expected


def test_a_small_face_beside_a_large_one_is_found() -> None:
    face = bgr_of(astronaut())[:256, 96:352]
    photo = np.full((480, 640, 3), 128, np.uint8)
    photo[200:456, 20:276] = face
    photo[20:84, 500:564] = shrink(face, 64)[0]  # a face of some 25 pixels
    assert [d.box.x1 > 400 for d in find_yunet(photo)] == [False, True]


def test_a_level_halved_before_changes_no_box() -> None:
    bgr = bgr_of(astronaut())
    big: Bgr = np.asarray(cv2.resize(bgr, (1700, 1700), interpolation=cv2.INTER_CUBIC), np.uint8)
    level = halved(big, LONGEST_SIDE)
    assert level.shape == (850, 850, 3)
    (one,), (other,) = find_faces(big, Settings()), find_faces(big, Settings(), level)
    assert one.box == other.box
    # A level that is too small for the side asked for is not used.
    wide = Settings(options=(("side", 1600),))
    assert find_faces(big, wide)[0].box == find_faces(big, wide, level)[0].box
    for name in ("hog", "course"):
        assert find_faces(big, Settings(detector=name)) == find_faces(big, Settings(detector=name), level)


def test_largest_first_is_one_order() -> None:
    boxes = [BoundingBox(5, 0, 7, 2), BoundingBox(0, 0, 2, 2), BoundingBox(0, 0, 9, 9), BoundingBox(0, 3, 2, 5)]
    found = [Detection(b, None) for b in boxes]
    expected = [boxes[2], boxes[1], boxes[3], boxes[0]]
    assert [d.box for d in largest_first(found)] == expected
    assert [d.box for d in largest_first(found[::-1])] == expected


def test_an_unknown_name_lists_the_names() -> None:
    with pytest.raises(UsageError, match="yunet, hog, haar, course, mmod"):
        detector("mtcnn")


@pytest.mark.parametrize("info", DETECTORS.values(), ids=DETECTORS)
def test_every_option_is_taken_by_its_detector_at_its_default_and_its_ends(info: DetectorInfo) -> None:
    assert info.good_at
    assert info.licence
    blank = np.zeros((90, 90, 3), np.uint8)
    assert info.find(blank, **{option.name: option.default for option in info.options}) == []
    for option in info.options:
        assert option.low <= option.default <= option.high
        for value in (option.low, option.high):
            assert check_options(info.name, [(option.name, value)]) in ((), ((option.name, value),))
            info.find(blank, **{option.name: value})


def test_options_that_say_the_default_say_nothing() -> None:
    assert check_options("yunet", ()) == ()
    assert check_options("yunet", [("side", 640), ("score", 0.7)]) == ()
    assert check_options("yunet", [("side", 320), ("score", 0.5)]) == (("score", 0.5), ("side", 320.0))
    assert check_options("yunet", [("score", 0.5), ("side", 320)]) == (("score", 0.5), ("side", 320.0))


@pytest.mark.parametrize(
    ("name", "given", "words"),
    [
        ("yunet", [("score", 0.2)], "score of the detector yunet may be 0.3 to 0.95, not 0.2"),
        ("yunet", [("score", float("nan"))], "not nan"),
        ("yunet", [("side", 641)], "320 to 1920 in steps of 32, not 641"),
        ("hog", [("upsample", 1.5)], "0 to 2 in steps of 1, not 1.5"),
        ("hog", [("side", 640)], "hog has no option 'side'; it has upsample, threshold"),
        ("haar", [("scale", 1.2), ("scale", 1.3)], "scale of the detector haar is given twice"),
        ("course", [("scale", 1.3)], "course has no option 'scale'; it has none"),
        ("nobody", [], "no detector is called 'nobody'"),
    ],
)
def test_a_wrong_option_is_named_with_its_span(name: str, given: list[tuple[str, float]], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        check_options(name, given)
    with pytest.raises(UsageError, match=words):
        find_faces(np.zeros((90, 90, 3), np.uint8), Settings(detector=name, options=tuple(given)))


def test_an_option_of_steps_allows_only_its_multiples() -> None:
    option = Option("side", 64, 32, 128, 32, "")
    assert [v for v in (0, 32, 33, 64, 96.5, 128, 160) if option.allows(v)] == [32, 64, 128]
    assert Option("score", 0.5, 0, 1, 0.1, "").allows(0.123)


def test_options_reach_the_detector() -> None:
    bgr = bgr_of(astronaut())
    score = find_yunet(bgr)[0].score
    assert score is not None
    assert len(find_faces(bgr, Settings(options=(("score", 0.7),)))) == 1
    assert 0.9 < score < 0.95  # of this photo, by these weights
    assert find_faces(bgr, Settings(options=(("score", 0.95),))) == []
    thresholds = [len(find_faces(bgr, Settings(detector="hog", options=(("threshold", t),)))) for t in (-0.5, 1.5)]
    assert thresholds[0] >= 1
    assert len(find_faces(bgr, Settings(detector="mmod", options=(("threshold", 1.5),)))) == 0
    # 512 pixels shrunk to 96 leave a face of 20 pixels: far below the 80 that the HOG window needs.
    tiny, _ = shrink(bgr, 96)
    assert find_faces(tiny, Settings(detector="hog")) == []
    assert find_faces(tiny, Settings(detector="hog", options=(("upsample", 2),))) != []


@pytest.mark.parametrize(("faces", "expected"), [("all", [0, 1, 2]), ("largest", [0]), ("central", [1])])
def test_which_faces_count(faces: FacesThatCount, expected: list[int]) -> None:
    boxes = [BoundingBox(0, 0, 40, 40), BoundingBox(45, 50, 60, 65), BoundingBox(80, 80, 90, 90)]
    found = [Detection(box, None) for box in boxes]
    assert select_faces(found, 100, 100, faces) == [found[i] for i in expected]
    assert select_faces([], 100, 100, faces) == []
