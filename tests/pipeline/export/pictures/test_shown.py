"""Where landmarks lie in a crop: held against the pixels that the crop was cut from."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from pipeline.core.geometry import CropBox
from pipeline.export.pictures.shown import Shown, in_picture
from pipeline.faces.crop import cut, resized_png
from pipeline.pixels.encode import encode_png


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
