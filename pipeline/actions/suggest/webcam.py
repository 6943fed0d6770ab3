"""Pictures of a webcam, one at a time, as arrays; nothing is stored."""

from __future__ import annotations

import time
from collections.abc import Iterator

import cv2
import numpy as np

from pipeline.core.errors import UnavailableError
from pipeline.core.geometry import Bgr
from pipeline.core.messages import message

_WARM_UP: int = 5
"""Pictures that are thrown away first: a camera begins dark."""


def webcam_pictures(number: int, every: float, most: int) -> Iterator[tuple[float, Bgr]]:
    """`most` pictures, uint8 (height, width, 3), with the seconds since the first; every so many seconds.

    Raises UnavailableError where the camera gives none.
    """
    camera = cv2.VideoCapture(number)
    try:
        for _ in range(_WARM_UP if camera.isOpened() else 0):
            camera.grab()
        start = time.monotonic()
        for count in range(most):
            time.sleep(max(0.0, start + count * every - time.monotonic()))
            there, picture = camera.read()
            if not there:
                raise UnavailableError(message("webcam_missing", n=number))
            yield time.monotonic() - start, np.ascontiguousarray(picture)
    finally:
        camera.release()
