"""Where landmarks lie in a crop: held against the pixels that the crop was cut from."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from pipeline.core.geometry import BoundingBox, CropBox
from pipeline.export.pictures.options import PictureOptions
from pipeline.export.pictures.shown import Shown, in_picture, shown_of
from pipeline.faces.crop import cut, resized_png
from pipeline.pixels.encode import encode_png
from tests.pipeline.export_items import item


@pytest.mark.parametrize("crop", [CropBox(30, 20, 64, 64), CropBox(30, 20, 64, 64, 90.0), CropBox(28, 24, 60, 60, 17.0),
                                  CropBox(30, 20, 64, 48)])  # fmt: skip
@pytest.mark.parametrize("size", [None, 32, 128])
def test_a_dot_in_the_photo_is_where_its_landmark_is_in_the_crop(crop: CropBox, size: int | None) -> None:
    dot = np.array([[58, 40]], np.float32)
    photo = np.zeros((120, 140, 3), np.uint8)
    photo[38:43, 56:61] = 255  # its middle is pixel (58, 40)
    png = encode_png(cut(photo, crop, "push"))
    if size is not None:
        png = resized_png(png, size)
    grey = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_GRAYSCALE).astype(float)
    rows, columns = np.indices(grey.shape)
    seen = np.array([(columns * grey).sum(), (rows * grey).sum()]) / grey.sum()
    points = np.repeat(dot, 68, axis=0)
    shown = Shown(crop, crop.width, crop.height) if size is None else Shown(crop, size, size, squares=True)
    assert np.abs(in_picture(points, shown)[0] - seen).max() < 0.3


FACE = replace(item(1, "smile"), box=BoundingBox(100.0, 40.0, 180.0, 140.0), border="push")
"""80 wide, 100 high: the usual square around it has 125 pixels."""


@pytest.mark.parametrize(
    ("width", "height", "margin", "fits", "expected"),
    [
        (640, 480, None, True, CropBox(78, 28, 125, 125)),  # round(140 - 62.5), round(90 - 62.5)
        (640, 110, None, True, CropBox(85, 0, 110, 110)),  # no higher than the photo, pushed down to its top
        (120, 480, None, True, CropBox(0, 30, 120, 120)),
        (640, 90, None, True, CropBox(90, 0, 100, 100)),  # its box sticks out itself: the face stays whole
        (640, 110, 1.25, True, CropBox(78, 0, 125, 125)),  # what is said holds
        (640, 110, None, False, CropBox(78, 0, 125, 125)),  # a release of before
    ],
)
def test_a_whole_face_goes_no_further_than_its_photo(
    width: int, height: int, margin: float | None, fits: bool, expected: CropBox
) -> None:
    one = replace(FACE, width=width, height=height)
    options = PictureOptions("face", margin=margin, fits=fits)
    assert shown_of(one, None, options, None) == Shown(expected, expected.width, expected.height)
