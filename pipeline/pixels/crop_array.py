"""A stored crop as an array."""

from __future__ import annotations

import io

import numpy as np
import numpy.typing as npt
from PIL import Image


def crop_array(png: bytes) -> npt.NDArray[np.uint8]:
    """RGB, uint8, (height, width, 3), of a PNG that Moue wrote."""
    with Image.open(io.BytesIO(png)) as picture:
        return np.array(picture.convert("RGB"))
