"""A stored crop as an array."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from pipeline.core.geometry import Rgb


def crop_array(png: bytes) -> Rgb:
    """RGB, uint8, (height, width, 3), of a PNG that Moue wrote."""
    with Image.open(io.BytesIO(png)) as picture:
        return np.array(picture.convert("RGB"))
