"""What is like a person's face, on public-domain photos that come with scikit-image."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from skimage.data import astronaut, chelsea, coffee

from pipeline.core.geometry import Bgr, BoundingBox
from pipeline.faces.likeness import SURE, likeness, second_look
from pipeline.faces.yunet import find_yunet

FACE = BoundingBox(177, 62, 275, 184)
CAT = BoundingBox(110, 30, 300, 220)


def bgr_of(rgb: object) -> Bgr:
    return np.ascontiguousarray(np.asarray(rgb, np.uint8)[:, :, ::-1])


@pytest.fixture
def person() -> Bgr:
    return bgr_of(astronaut())


def test_a_person_keeps_the_score_in_the_second_look(person: Bgr) -> None:
    (found,) = find_yunet(person)
    assert second_look(person, found.box) > 0.85


@pytest.mark.parametrize("scale", [0.2, 0.5, 3])
def test_the_second_look_sees_every_size_alike(person: Bgr, scale: float) -> None:
    """It sees the face at one size: a photo of another size changes little."""
    other = np.asarray(cv2.resize(person, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
    box = BoundingBox(FACE.x1 * scale, FACE.y1 * scale, FACE.x2 * scale, FACE.y2 * scale)
    assert second_look(other, box) == pytest.approx(second_look(person, FACE), abs=0.12)


@pytest.mark.parametrize(("photo", "box"), [(chelsea(), CAT), (coffee(), BoundingBox(150, 100, 350, 300))])
def test_cats_and_cups_come_before_people(person: Bgr, photo: object, box: BoundingBox) -> None:
    """With a score just as good, and landmarks just as steady."""
    thing = bgr_of(photo)
    assert second_look(thing, box) < 0.5
    assert likeness(thing, box, 0.85, 0.9) < 0.5 < likeness(person, FACE, 0.85, 0.9)
    assert likeness(thing, box, None, 0.9) < 0.2 < likeness(person, FACE, None, 0.9)


def test_a_face_beside_the_box_does_not_count(person: Bgr) -> None:
    beside = BoundingBox(FACE.x1 - 90, FACE.y1, FACE.x2 - 90, FACE.y2)
    assert second_look(person, beside) < 0.2


def test_it_rises_with_score_and_plausibility(person: Bgr) -> None:
    rising = [likeness(person, FACE, 0.95, plausible) for plausible in (0.0, 0.05, 0.3, 0.7, 1.0)]
    assert rising == sorted(set(rising))
    assert likeness(person, FACE, SURE, 0.5) < likeness(person, FACE, 0.97, 0.5)
    assert all(0 <= one <= 1 for one in rising)


def test_a_box_of_no_size_or_outside_is_like_nothing(person: Bgr) -> None:
    assert second_look(person, BoundingBox(10, 10, 10, 10)) < 0.5
    assert second_look(person, BoundingBox(9000, 9000, 9100, 9100)) < 0.5
