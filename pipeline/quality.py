"""What is measured of each face: `measure` tells the figures, their units and where they come from."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.landmarks import MOUTH
from pipeline.measures import Quality
from pipeline.pose import Pose, head_pose
from pipeline.records import Bgr, CropBox, Points

SHARPNESS_SIDE: Final = 64
"""Pixels: sharpness is measured on the crop shrunk to this; smaller crops keep their size."""
_RIGHT_EYE: Final = slice(36, 42)
_LEFT_EYE: Final = slice(42, 48)


def measure(bgr: Bgr, points: Points, crop: CropBox, score: float | None) -> Quality:
    """The figures of one face. (docstring to come)"""
    light, contrast, sharpness = _light(bgr, crop)
    pose = head_pose(points)
    opening, width, lift = _mouth(points)
    return Quality(
        side=float(max(crop.width, crop.height)),
        sharpness=sharpness,
        exposure=light,
        contrast=contrast,
        yaw=pose.yaw,
        pitch=pose.pitch,
        roll=pose.roll,
        outside=outside(points, bgr.shape[1], bgr.shape[0]),
        score=score,
        plausibility=_plausibility(pose),
        opening=opening,
        width=width,
        lift=lift,
    )


def outside(points: Points, width: int, height: int) -> float:
    """The share, 0 to 1, of the box around points 48 to 67 that lies outside a photo of width x height pixels."""
    mouth = points[MOUTH].astype(float)
    low = mouth.min(axis=0)
    size = np.maximum(mouth.max(axis=0) - low, 1.0)
    within = np.clip(np.minimum(low + size, (width, height)) - np.maximum(low, 0), 0, None)
    return float(1 - within.prod() / size.prod())


def _light(bgr: Bgr, crop: CropBox) -> tuple[float, float, float]:
    """Exposure, contrast and sharpness of the part of the crop that lies in the photo; zeros where none does."""
    height, width = bgr.shape[:2]
    part = bgr[max(0, crop.y) : max(0, crop.y + crop.height), max(0, crop.x) : max(0, crop.x + crop.width)]
    if part.size == 0:
        return 0.0, 0.0, 0.0
    grey = cv2.cvtColor(_shrink(part, max(crop.width, crop.height)), cv2.COLOR_BGR2GRAY)
    mean, spread = cv2.meanStdDev(grey)
    return float(mean[0, 0]) / 255, float(spread[0, 0]) / 255, sharpness_of(grey)


def sharpness_of(grey: npt.NDArray[np.uint8]) -> float:
    """Variance of the Laplacian, in squared grey levels of 255 (Pech-Pacheco et al., ICPR 2000)."""
    if min(grey.shape) < 3:
        return 0.0
    return float(cv2.meanStdDev(cv2.Laplacian(grey, cv2.CV_32F)[1:-1, 1:-1])[1][0, 0] ** 2)


def _shrink(part: Bgr, side: int) -> Bgr:
    """`part` of a crop of `side` pixels at the scale where that has SHARPNESS_SIDE; never enlarged."""
    while side >= 2 * SHARPNESS_SIDE and min(part.shape[:2]) >= 2:
        # Bilinear at one half is the mean of 2 x 2 pixels, in a fifth of INTER_AREA's time.
        part = cv2.resize(part, (part.shape[1] // 2, part.shape[0] // 2), interpolation=cv2.INTER_LINEAR)  # type: ignore[assignment]
        side /= 2  # type: ignore[assignment]
    if side > SHARPNESS_SIDE:
        scale = SHARPNESS_SIDE / side
        size = max(1, round(part.shape[1] * scale)), max(1, round(part.shape[0] * scale))
        part = cv2.resize(part, size, interpolation=cv2.INTER_AREA)  # type: ignore[assignment]
    return part


def _mouth(points: Points) -> tuple[float, float, float]:
    """Opening, width and lift; see `measure`."""
    p = points.astype(float)
    right, left = p[_RIGHT_EYE].mean(axis=0), p[_LEFT_EYE].mean(axis=0)
    between = left - right
    eyes = max(float(np.hypot(*between)), 1e-6)
    down = np.array([-between[1], between[0]]) / eyes
    mouth = max(float(np.hypot(*(p[54] - p[48]))), 1e-6)
    gap = float(((p[[67, 66, 65]] - p[[61, 62, 63]]) @ down).mean())
    lift = float(((p[51] + p[57]) / 2 - (p[48] + p[54]) / 2) @ down)
    return max(0.0, gap) / mouth, mouth / eyes, lift / mouth


def _plausibility(pose: Pose) -> float:
    return 1 / (1 + (pose.error / 0.08) ** 2)
