"""Faces made of what annotations tell: the landmarks of a real photo, told whole, in part, as a box, and of a crop."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from pipeline.core.geometry import Bgr, BoundingBox, CropBox, Told
from pipeline.core.records import Face, Settings
from pipeline.faces.match import extent
from pipeline.faces.told import IMPORTED, as_told, face_from_told, measured, told_points
from pipeline.faces.yunet import find_yunet
from pipeline.run.process_image import make_faces
from tests.pipeline.photos import astronaut, bgr_of

SHA = "5" * 64
SETTINGS = Settings(detector=IMPORTED)
MOUTH = slice(48, 68)


@pytest.fixture(scope="module")
def bgr() -> Bgr:
    return bgr_of(astronaut())


@pytest.fixture(scope="module")
def face(bgr: Bgr) -> Face:
    (found,) = make_faces(bgr, SHA, find_yunet(bgr), Settings())
    return found


def mouth_of(face: Face) -> BoundingBox:
    return extent(face.landmarks[MOUTH])


def test_points_are_taken_as_they_are_told(bgr: Bgr, face: Face) -> None:
    moved = face.landmarks + np.float32(3)
    made, _ = face_from_told(bgr, SHA, Told(face=face.box, points=moved), SETTINGS)
    assert (made.landmarks == moved).all()
    assert (made.detector, made.box) == ("imported", face.box)


def test_points_that_are_not_labelled_go_where_the_others_put_them(face: Face) -> None:
    told = face.landmarks * 2 + 10
    told[:10] = np.nan
    found = told_points(Told(face=face.box, points=told), face.landmarks, 4000, 4000)
    assert found == pytest.approx(face.landmarks * 2 + 10, abs=0.01)
    assert np.isfinite(found).all()


def test_points_that_a_release_leaves_out_lie_outside_of_its_picture(face: Face) -> None:
    told = face.landmarks.copy()
    told[:10] = np.nan
    found = told_points(Told(face=face.box, points=told, outside=True), face.landmarks, 512, 512)
    assert all(not (0 <= x < 512 and 0 <= y < 512) for x, y in found[:10].tolist())
    assert (found[10:] == told[10:]).all()


def test_a_box_of_the_mouth_alone_gets_the_mouth(bgr: Bgr, face: Face) -> None:
    lips = mouth_of(face)
    told = BoundingBox(lips.x1 - 2, lips.y1 - 1, lips.x2 + 1, lips.y2 + 2)
    made, _ = face_from_told(bgr, SHA, Told(mouth=told), SETTINGS)
    assert mouth_of(made).iou(told) > 0.999
    assert made.box.iou(face.box) > 0.2


@pytest.mark.parametrize("lips", [True, False])
def test_a_box_that_nobody_explains_is_of_a_face_or_of_its_mouth(bgr: Bgr, face: Face, lips: bool) -> None:
    box = mouth_of(face) if lips else face.box
    made, _ = face_from_told(bgr, SHA, Told(face=box, either=True), SETTINGS)
    assert made.box.iou(face.box) > 0.5
    assert mouth_of(made).iou(mouth_of(face)) > 0.5


def test_a_detected_face_keeps_what_it_has_where_nothing_else_is_told(bgr: Bgr, face: Face) -> None:
    rounded = np.round(face.landmarks, 2).astype(np.float32)
    assert as_told(face, Told(face=face.box, points=rounded, crop=face.crop), Settings(), 512, 512) is None
    changed = as_told(face, Told(face=face.box, points=rounded + 4), Settings(), 512, 512)
    assert changed is not None
    assert (changed.landmarks == rounded + 4).all()
    assert changed.face_id == face.face_id
    again, png = measured(bgr, changed, Settings().border)
    x, y, side = changed.crop.x, changed.crop.y, changed.crop.width
    assert again.quality is not None
    assert (cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_COLOR) == bgr[y : y + side, x : x + side]).all()


def test_a_crop_that_a_person_moved_stays(face: Face) -> None:
    moved = replace(face, crop=CropBox(10, 20, 80, 80))
    assert as_told(moved, Told(face=face.box, points=face.landmarks + 4), Settings(), 512, 512) is None


@pytest.mark.parametrize("crop", [CropBox(-500, 0, 80, 80), CropBox(0, 0, 9000, 9000), CropBox(5, 5, 40, 80)])
def test_a_crop_that_shows_nothing_is_not_taken(bgr: Bgr, face: Face, crop: CropBox) -> None:
    made, _ = face_from_told(bgr, SHA, Told(face=face.box, points=face.landmarks, crop=crop), SETTINGS)
    assert made.crop == face.crop


def test_wild_points_are_not_taken(bgr: Bgr, face: Face) -> None:
    made, _ = face_from_told(bgr, SHA, Told(face=face.box, points=np.full((68, 2), 7, np.float32)), SETTINGS)
    assert mouth_of(made).iou(mouth_of(face)) > 0.5
