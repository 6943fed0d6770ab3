from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from pipeline.pixels.encode import encode_jpeg, encode_png

SMALL = np.random.default_rng(1).integers(0, 256, (20, 30, 3), np.uint8)


def test_png_keeps_each_pixel_and_its_channel_order() -> None:
    with Image.open(io.BytesIO(encode_png(SMALL))) as image:
        assert image.format == "PNG"
        assert np.array_equal(np.asarray(image), SMALL[:, :, ::-1])


def test_jpeg_by_quality() -> None:
    red = np.full((32, 32, 3), (0, 0, 255), np.uint8)
    for quality, sampling in ((95, (1, 1)), (82, (2, 2))):
        with Image.open(io.BytesIO(encode_jpeg(red, quality))) as image:
            assert image.format == "JPEG"
            assert image.getpixel((5, 5)) == pytest.approx((255, 0, 0), abs=4)
            first = image.layer[0]
            assert tuple(first[1:3]) == sampling
