"""Faces drawn by hand and crops moved by hand, on a photo whose mouth was measured by eye."""

from __future__ import annotations

import hashlib
import io

import cv2
import numpy as np
import pytest
from PIL import Image
from skimage import data

from pipeline.core.errors import UsageError
from pipeline.core.geometry import Bgr, BoundingBox, CropBox
from pipeline.core.records import Face, Settings
from pipeline.faces.manual import DRAWN, clip_box, face_from_box, find_overlapping, recrop, same_face, square_from_drawn
from pipeline.faces.yunet import find_yunet
from pipeline.run.process_image import make_faces

SHA = "5" * 64
HEAD = BoundingBox(150, 20, 305, 205)
"""The astronaut's head, hair and chin, drawn loosely."""
LIPS = BoundingBox(197, 134, 250, 162)
"""Where her lips are, read off the photo with a ruler, a few pixels of room."""


@pytest.fixture(scope="module")
def astronaut() -> Bgr:
    return np.asarray(cv2.cvtColor(data.astronaut(), cv2.COLOR_RGB2BGR), np.uint8)


def assert_mouth(face: Face, lips: BoundingBox) -> None:
    low, high = face.landmarks[48:68].min(axis=0), face.landmarks[48:68].max(axis=0)
    assert lips.x1 <= low[0] < high[0] <= lips.x2
    assert lips.y1 <= low[1] < high[1] <= lips.y2


def test_a_drawn_box_gets_landmarks_and_a_crop_of_the_mouth(astronaut: Bgr) -> None:
    face, png = face_from_box(astronaut, SHA, HEAD, Settings())
    assert_mouth(face, LIPS)
    assert (face.image_sha256, face.rank, face.detector, face.box) == (SHA, 0, DRAWN, HEAD)
    assert face.landmarks.shape == (68, 2)
    assert face.landmarks.dtype == np.float32
    assert face.crop.width == face.crop.height
    assert face.crop.x <= 200
    assert face.crop.x + face.crop.width >= 246
    crop = face.crop
    pixels = astronaut[crop.y : crop.y + crop.height, crop.x : crop.x + crop.width, ::-1]
    assert (np.asarray(Image.open(io.BytesIO(png))) == pixels).all()


def test_the_face_id_comes_from_the_drawn_box(astronaut: Bgr) -> None:
    first, _ = face_from_box(astronaut, SHA, HEAD, Settings())
    again, _ = face_from_box(astronaut, SHA, BoundingBox(150.2, 19.9, 305.4, 204.6), Settings())
    assert first.face_id == hashlib.sha256(f"{SHA}:150,20,305,205:drawn".encode()).hexdigest()[:32]
    assert again.face_id == first.face_id
    other, _ = face_from_box(astronaut, SHA, BoundingBox(140, 20, 305, 205), Settings())
    assert other.face_id != first.face_id


def test_the_margin_is_the_workspaces_own(astronaut: Bgr) -> None:
    narrow, _ = face_from_box(astronaut, SHA, HEAD, Settings(margin=1.0))
    wide, _ = face_from_box(astronaut, SHA, HEAD, Settings(margin=2.0))
    assert wide.crop.width == pytest.approx(2 * narrow.crop.width, abs=1)


@pytest.mark.parametrize("times", [0.5, 3.0])
def test_small_and_large_faces_are_found_alike(astronaut: Bgr, times: float) -> None:
    photo = np.asarray(cv2.resize(astronaut, None, fx=times, fy=times, interpolation=cv2.INTER_AREA), np.uint8)
    box = BoundingBox(*(times * v for v in (150, 20, 305, 205)))
    face, _ = face_from_box(photo, SHA, box, Settings())
    assert_mouth(face, BoundingBox(*(times * v for v in (LIPS.x1, LIPS.y1, LIPS.x2, LIPS.y2))))


def test_of_two_faces_the_one_in_the_box_is_taken(astronaut: Bgr) -> None:
    pair = np.concatenate([astronaut[:256, 100:356], astronaut[:256, 100:356]], axis=1)
    left = find_overlapping(pair, BoundingBox(50, 20, 205, 205))
    right = find_overlapping(pair, BoundingBox(306, 20, 461, 205))
    assert left is not None
    assert right is not None
    assert right.box.x1 - left.box.x1 == pytest.approx(256, abs=4)
    assert left.five is not None
    assert right.five is not None
    assert (right.five - left.five).mean(axis=0) == pytest.approx([256, 0], abs=4)


def test_where_no_face_is_found_the_landmarks_come_from_the_box_itself(astronaut: Bgr) -> None:
    rocket = BoundingBox(360, 60, 480, 220)
    assert find_overlapping(astronaut, rocket) is None
    face, _ = face_from_box(astronaut, SHA, rocket, Settings())
    assert face.score is None
    centre = face.landmarks.mean(axis=0)
    assert rocket.x1 < centre[0] < rocket.x2
    assert rocket.y1 < centre[1] < rocket.y2


def test_the_square_inside_a_drawn_head() -> None:
    # .9 of the narrower side, its centre at .58 of the height
    assert square_from_drawn(BoundingBox(100, 200, 200, 400)) == BoundingBox(105, 271, 195, 361)
    assert square_from_drawn(BoundingBox(0, 0, 200, 100)).rounded() == (55, 13, 145, 103)


def test_a_box_is_clipped_to_the_photo_and_its_corners_put_in_order() -> None:
    assert clip_box(BoundingBox(-20, -5.5, 90, 40), 100, 50) == BoundingBox(0, 0, 90, 40)
    assert clip_box(BoundingBox(90, 60, 30, 10), 100, 50) == BoundingBox(30, 10, 90, 50)


@pytest.mark.parametrize(
    ("box", "words"),
    [
        ((10, 10, 10, 40), "empty"),
        ((120, 10, 180, 40), "outside"),
        ((10, 10, 25.9, 40), "15 x 30 pixels is too small"),
        ((-100, 10, 12, 40), "12 x 30 pixels is too small"),
        ((float("nan"), 10, 60, 40), "no numbers"),
    ],
)
def test_a_box_with_too_little_in_it_is_refused(box: tuple[float, ...], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        clip_box(BoundingBox(*box), 100, 50)
    with pytest.raises(UsageError, match=words):
        face_from_box(np.zeros((50, 100, 3), np.uint8), SHA, BoundingBox(*box), Settings())


def test_sixteen_pixels_are_enough() -> None:
    face, png = face_from_box(np.full((50, 100, 3), 120, np.uint8), SHA, BoundingBox(10, 10, 26, 26), Settings())
    assert Image.open(io.BytesIO(png)).size == (face.crop.width, face.crop.height)


def test_a_moved_crop_keeps_the_face_and_has_the_pixels_there(astronaut: Bgr) -> None:
    face, _ = face_from_box(astronaut, SHA, HEAD, Settings())
    moved, png = recrop(astronaut, face, CropBox(190, 110, 70, 70), "push")
    assert moved.face_id == face.face_id
    assert moved.crop == CropBox(190, 110, 70, 70)
    assert (moved.landmarks == face.landmarks).all()
    assert (np.asarray(Image.open(io.BytesIO(png))) == astronaut[110:180, 190:260, ::-1]).all()


def test_a_crop_moved_over_the_border_is_pushed_inside_or_filled(astronaut: Bgr) -> None:
    face, _ = face_from_box(astronaut, SHA, HEAD, Settings())
    moved, png = recrop(astronaut, face, CropBox(-10, 5, 40, 40), "push")
    assert moved.crop == CropBox(0, 5, 40, 40)
    assert (np.asarray(Image.open(io.BytesIO(png))) == astronaut[5:45, 0:40, ::-1]).all()
    moved, png = recrop(astronaut, face, CropBox(-10, 5, 40, 40), "black")
    assert moved.crop == CropBox(-10, 5, 40, 40)
    pixels = np.asarray(Image.open(io.BytesIO(png)))
    assert pixels.shape == (40, 40, 3)
    assert (pixels[:, :10] == 0).all()
    assert (pixels[:, 10:] == astronaut[5:45, 0:30, ::-1]).all()


@pytest.mark.parametrize(
    ("crop", "words"),
    [
        ((10, 10, 40, 41), "square"),
        ((10, 10, 7, 7), "too small"),
        ((0, 0, 513, 513), "larger than the photo"),
        ((-30, 10, 40, 40), "outside the photo"),
        ((492, 500, 40, 40), "outside the photo"),
    ],
)
def test_a_crop_that_shows_nothing_is_refused(astronaut: Bgr, crop: tuple[int, ...], words: str) -> None:
    face = Face("f" * 32, SHA, 0, HEAD, "yunet", 0.9, np.zeros((68, 2), np.float32), CropBox(190, 110, 70, 70))
    with pytest.raises(UsageError, match=words):
        recrop(astronaut, face, CropBox(*crop), "push")


def test_the_same_face_is_known_by_its_box_or_by_its_landmarks() -> None:
    def one(box: tuple[float, ...], extent: tuple[float, ...], name: str) -> Face:
        points = np.full((68, 2), extent[:2], np.float32)
        points[60] = extent[2:]
        return Face(name * 32, SHA, 0, BoundingBox(*box), DRAWN, None, points, CropBox(0, 0, 9, 9))

    face = one((100, 100, 200, 200), (110, 120, 190, 200), "a")
    by_box = one((100, 100, 200, 190), (300, 300, 400, 400), "b")  # IoU .9
    by_landmarks = one((0, 0, 300, 300), (110, 130, 190, 210), "c")  # boxes .11, landmarks 70 / 90 = .78
    neighbour = one((160, 100, 260, 200), (150, 120, 230, 200), "d")  # boxes 40 / 160 = .25, landmarks 40 / 120 = .33
    assert same_face(face, [neighbour]) is None
    assert same_face(face, [neighbour, by_box]) is by_box
    assert same_face(face, [by_landmarks]) is by_landmarks


def test_a_loosely_drawn_head_is_the_face_that_was_found(astronaut: Bgr) -> None:
    (found,) = make_faces(astronaut, SHA, find_yunet(astronaut), Settings())
    drawn, _ = face_from_box(astronaut, SHA, BoundingBox(120, 5, 330, 230), Settings())
    assert drawn.box.iou(found.box) < 0.3
    assert same_face(drawn, [found]) is found
