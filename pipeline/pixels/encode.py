"""From pixels to the bytes of a PNG or a JPEG."""

from __future__ import annotations

from typing import Final

import cv2

from pipeline.core.geometry import Bgr

_PNG_FLAGS: Final = (
    *(cv2.IMWRITE_PNG_COMPRESSION, 1),
    *(cv2.IMWRITE_PNG_STRATEGY, cv2.IMWRITE_PNG_STRATEGY_RLE),
    *(cv2.IMWRITE_PNG_FILTER, cv2.IMWRITE_PNG_FILTER_UP),
)


def encode_png(bgr: Bgr) -> bytes:
    """PNG bytes of uint8 (height, width, 3), lossless.

    These flags take 0.75 of the time of the Paeth filter, for a tenth more bytes.
    """
    _, data = cv2.imencode(".png", bgr, _PNG_FLAGS)
    return data.tobytes()


def encode_jpeg(bgr: Bgr, quality: int) -> bytes:
    """Baseline JPEG bytes of uint8 (height, width, 3).

    quality: 1 to 100; 4:4:4 from 95 on, so that lips keep their colour edge.
    """
    flags = [cv2.IMWRITE_JPEG_QUALITY, quality]
    if quality >= 95:
        flags += [cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444]
    _, data = cv2.imencode(".jpg", bgr, flags)
    return data.tobytes()
