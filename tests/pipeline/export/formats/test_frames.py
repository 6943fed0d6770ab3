"""Boxes as they are written beside a picture."""

from __future__ import annotations

import pytest

from pipeline.core.geometry import BoundingBox
from pipeline.export.formats.content import Picture
from pipeline.export.formats.frames import inside


@pytest.mark.parametrize(
    ("given", "written"),
    [
        ((10, 20, 30, 35), (10, 20, 30, 35)),
        ((-4, -4, 200, 90), (0, 0, 100, 80)),  # the part that lies in it
        ((35, 84, 69, 90), (35, 79, 69, 80)),  # below it
        ((-30, 10, -8, 20), (0, 10, 1, 20)),  # on its left
        ((120, 95, 140, 99), (99, 79, 100, 80)),  # beyond its corner
        ((40, 40, 40, 40), (40, 40, 41, 41)),  # landmarks in one place
    ],
)
def test_a_box_lies_in_its_picture_and_has_an_area(given: tuple[float, ...], written: tuple[float, ...]) -> None:
    box = BoundingBox(*map(float, given))
    assert inside(box, Picture(b"", ".png", 100, 80, box)) == BoundingBox(*map(float, written))
