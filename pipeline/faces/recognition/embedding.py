"""What a face looks like to dlib's recognition net: 128 numbers that lie near each other for photos of one person."""

from __future__ import annotations

from typing import Final

import dlib
import numpy as np
import numpy.typing as npt

from models.loaded import recognition_net
from pipeline.core.geometry import Bgr, BoundingBox, Points

CHIP: Final = 150
"""Side of what the net looks at, pixels."""
_PADDING: Final = 0.25

Embedding = npt.NDArray[np.float32]
"""(128,) float32."""


def embedding(bgr: Bgr, landmarks: Points, box: BoundingBox) -> Embedding:
    """Of a face with its 68 points, in upright pixels of the photo. King, dlib face recognition, 2017 (ResNet-29).

    The face is turned and scaled by its points first, so a face that lies on its side is no other. Raises ModelError.
    """
    x1, y1, x2, y2 = box.rounded()
    points = [dlib.point(round(float(x)), round(float(y))) for x, y in landmarks]
    shape = dlib.full_object_detection(dlib.rectangle(x1, y1, x2, y2), points)
    chip = dlib.get_face_chip(np.ascontiguousarray(bgr[:, :, ::-1]), shape, size=CHIP, padding=_PADDING)
    return np.array(recognition_net().compute_face_descriptor(chip), np.float32)
