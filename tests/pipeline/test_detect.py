from __future__ import annotations

import cv2
import numpy as np
import pytest

from pipeline.detect import DETECTORS, detector, find_yunet, largest_first, shrink
from pipeline.errors import UsageError
from pipeline.records import Bgr, BoundingBox, Detection
from tests.pipeline.photos import astronaut, bgr_of, coffee, hopper

# Read off the picture by eye: (x1, y1, x2, y2) from hair line to chin, ear to ear.
ASTRONAUT_FACE = BoundingBox(172, 72, 275, 200)


@pytest.mark.parametrize("name", DETECTORS)
def test_each_finds_the_astronaut_where_she_is(name: str) -> None:
    first = detector(name).find(bgr_of(astronaut()))[0]
    assert first.box.iou(ASTRONAUT_FACE) > 0.45
    assert (first.score is None) == (name in ("haar", "course"))
    assert (first.five is not None) == (name == "yunet")


@pytest.mark.parametrize("name", ["yunet", "hog"])
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
    """cv2 4.14 reuses buffers: a face of the image before must not be reported on a blank one."""
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


def test_largest_first_is_one_order() -> None:
    boxes = [BoundingBox(5, 0, 7, 2), BoundingBox(0, 0, 2, 2), BoundingBox(0, 0, 9, 9), BoundingBox(0, 3, 2, 5)]
    found = [Detection(b, None) for b in boxes]
    expected = [boxes[2], boxes[1], boxes[3], boxes[0]]
    assert [d.box for d in largest_first(found)] == expected
    assert [d.box for d in largest_first(found[::-1])] == expected


@pytest.mark.parametrize(("shape", "expected"), [((640, 100), (640, 100)), ((1280, 640), (640, 320)),
                                                 ((100, 6400), (10, 640)), ((1, 6400), (1, 640)),
                                                 ((999, 3001), (213, 640))])  # fmt: skip
def test_shrink(shape: tuple[int, int], expected: tuple[int, int]) -> None:
    grey = np.full((*shape, 3), 77, np.uint8)
    small, factor = shrink(grey)
    assert small.shape == (*expected, 3)
    assert (small == 77).all()
    assert factor == pytest.approx(max(shape) / max(expected))


def test_shrink_halves_to_the_mean() -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (64, 64, 3), np.uint8)
    mean = pixels.reshape(32, 2, 32, 2, 3).astype(float).mean(axis=(1, 3))
    assert np.abs(shrink(pixels, 32)[0] - mean).max() <= 1


def test_an_unknown_name_lists_the_names() -> None:
    with pytest.raises(UsageError, match="yunet, hog, haar, course"):
        detector("mtcnn")
