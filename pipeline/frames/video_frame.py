"""One frame of a video: its time, and its pixels, upright."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final

import av
import cv2
import numpy as np
from av.sidedata.sidedata import SideData
from av.video.reformatter import Colorspace, Interpolation, VideoReformatter

from pipeline.core.geometry import Bgr
from pipeline.pixels.upright import undo_orientation

_HD: Final = 720
_UNSPECIFIED: Final = 2  # AVCOL_SPC_UNSPECIFIED
_QUALITY: Final = Interpolation.BILINEAR | Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INT


@dataclass(frozen=True, slots=True, eq=False)
class Shot:
    """A decoded frame as FFmpeg holds it. index: among the intact ones. seconds: since the first. duration: seconds."""

    index: int
    seconds: float
    duration: float
    frame: av.VideoFrame


@dataclass(frozen=True, slots=True, eq=False)
class VideoFrame:
    """A frame that was chosen. bgr: upright uint8 (height, width, 3), square pixels."""

    index: int
    seconds: float
    bgr: Bgr


class Pixels:
    """Makes pixels of one video's frames.

    aspect: of its stored pixels, width by height; frames with other than square ones are stretched.
    """

    def __init__(self, aspect: float = 1.0) -> None:
        self._aspect = aspect
        self._reformatter = VideoReformatter()
        self._orientations: dict[int, int] = {}

    def of(self, frame: av.VideoFrame, longest: int = 0) -> Bgr:
        """Upright uint8 (height, width, 3). longest: shrunk to this longest side, 0 for as it is."""
        untagged = frame.colorspace == _UNSPECIFIED and min(frame.width, frame.height) >= _HD
        scale = min(1.0, longest / max(frame.width, frame.height)) if longest else 1.0
        width, height = max(1, round(frame.width * scale)), max(1, round(frame.height * scale))
        flat = self._reformatter.reformat(
            frame, width, height, "bgr24", Colorspace.ITU709 if untagged else None, interpolation=_QUALITY
        )
        bgr = np.asarray(flat.to_ndarray(), np.uint8)
        if self._aspect != 1.0:
            bgr = np.asarray(cv2.resize(bgr, (max(1, round(width * self._aspect)), height)), np.uint8)
        return undo_orientation(bgr, self._orientation(frame))

    def _orientation(self, frame: av.VideoFrame) -> int:
        """Asking a frame for its side data ties a knot that keeps its pixels until the garbage collector comes: asked
        once for each angle, which is cheap to have."""
        angle = frame.rotation
        if angle not in self._orientations:
            self._orientations[angle] = orientation_of(frame)
        return self._orientations[angle]


def orientation_of(frame: av.VideoFrame) -> int:
    """The EXIF orientation, 1 to 8, that the display matrix of a frame means, to the nearest right angle.

    ISO/IEC 14496-12, 8.3.2: x' = a x + c y, y' = b x + d y, y down; the matrix is a b u c d v x y w.
    """
    matrix = frame.side_data.get("DISPLAYMATRIX")
    if not isinstance(matrix, SideData) or matrix.buffer_size < 20:
        return 1
    a, b, _, c, d = struct.unpack("=5i", bytes(matrix)[:20])
    if abs(a) + abs(d) >= abs(b) + abs(c):
        return {(True, True): 1, (False, True): 2, (False, False): 3, (True, False): 4}[a >= 0, d >= 0]
    return {(True, True): 5, (False, True): 6, (False, False): 7, (True, False): 8}[c >= 0, b >= 0]
