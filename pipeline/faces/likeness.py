"""How much a found box is like a person's face with a mouth in its place: what to look at first among many."""

from __future__ import annotations

import math
from typing import Final

import cv2
import numpy as np

from pipeline.core.geometry import Bgr, BoundingBox
from pipeline.faces.yunet import find_yunet

SURE: Final = 0.9
"""A YuNet score from which no second look is taken: none of 33 animals and things reached it, 9 in 10 people do."""
_PATCH: Final = 160
"""Pixels: the second look sees the face at this side, with half of it around."""
_AROUND: Final = 0.5
_NEAR: Final = 0.25
_AT_HALF: Final = 1.6
"""Log-odds at which a box is half like a face: 19 in 20 people have more, 19 in 20 animals and things less."""


def likeness(bgr: Bgr, box: BoundingBox, score: float | None, plausibility: float) -> float:
    """0 to 1; low where the box holds an animal or a thing, or its mouth is misplaced.

    bgr: the upright photo, uint8 (height, width, 3). box: of the face, in its pixels. score: YuNet's own, None where
    another detector or a person made the box. plausibility: of the landmarks (see `pipeline.faces.quality`).

    The mean of two looks' log-odds and half of the landmarks': the second look sees the face alone, at one size.
    People keep their score there, animals and things lose it (AUC .992 for both looks, .989 for the first;
    466 faces, 33 boxes on animals and things). It is taken only where the first one left a doubt.
    """
    second = score if score is not None and score >= SURE else second_look(bgr, box)
    first = second if score is None else score
    said = (_log_odds(first) + _log_odds(second)) / 2 + _log_odds(plausibility) / 4
    return 1 / (1 + math.exp(_AT_HALF - said))


def second_look(bgr: Bgr, box: BoundingBox) -> float:
    """YuNet's best score for a face in the middle of the box, enlarged or shrunk to one size; 0 where it sees none."""
    side = max(box.x2 - box.x1, box.y2 - box.y1, 1.0) * (1 + 2 * _AROUND)
    scale = _PATCH / side
    middle = (box.x1 + box.x2) / 2, (box.y1 + box.y2) / 2
    to_patch = np.array(
        [[scale, 0, _PATCH / 2 - scale * middle[0]], [0, scale, _PATCH / 2 - scale * middle[1]]], np.float64
    )
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    patch = cv2.warpAffine(bgr, to_patch, (_PATCH, _PATCH), flags=how, borderMode=cv2.BORDER_REPLICATE)
    seen = [
        one.score
        for one in find_yunet(np.asarray(patch, np.uint8), score=0.05)
        if one.score is not None
        and abs(one.box.x1 + one.box.x2 - _PATCH) / 2 < _NEAR * _PATCH
        and abs(one.box.y1 + one.box.y2 - _PATCH) / 2 < _NEAR * _PATCH
    ]
    return max(seen, default=0.0)


def _log_odds(share: float) -> float:
    kept = min(max(share, 0.001), 0.999)
    return math.log(kept / (1 - kept))
