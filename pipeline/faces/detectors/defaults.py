"""What detectors do unless told otherwise: numbers alone, for those who only name detectors and load none."""

from __future__ import annotations

from typing import Final

LONGEST_SIDE: Final = 640
"""Pixels: detectors see the image scaled down to this; faces above about 300 pixels are missed at full size."""
SMALL_SIDE: Final = 320
"""Pixels, border included: a face that fills a photo of 640 is larger than any the net knows."""
RESOLVED: Final = 2.5
"""Times: a photo shrunk by less shows the net every face of 110 pixels, with 44."""
YUNET_SCORE: Final = 0.7
YUNET_NMS: Final = 0.3
