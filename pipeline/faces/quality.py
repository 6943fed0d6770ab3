"""Computes the quality metrics of a face; `compute_metrics` says their units and where they come from."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.core.geometry import Bgr, BoundingBox, CropBox, Points
from pipeline.core.metrics import QualityMetrics
from pipeline.core.records import Detection, Face
from pipeline.faces.landmarks import LEFT_EYE, MOUTH, RIGHT_EYE, place_landmarks
from pipeline.faces.pose import head_pose

SHARPNESS_SIDE: Final = 48
"""Pixels: sharpness is measured on the crop shrunk to this."""
CORNERS_AT_HALF: Final = 0.3
"""Eye distances between the mouth's corners and the detector's: 19 in 20 right mouths have less, 9 in 10 wrong more."""
DRIFT_AT_HALF: Final = 0.06
"""Eye distances: the drift of the landmarks that makes them half plausible. About 19 in 20 right mouths drift less (362
faces whose mouth YuNet's own points confirm), 9 in 10 wrong ones more (1,461 from displaced boxes and from no face)."""


def with_metrics(bgr: Bgr, face: Face) -> Face:
    """The face with its metrics. Its plausibility is taken from the detector's own points where it has them, else kept
    where its landmarks were judged before, else from a second placing (see `agreement`, `plausibility_of`)."""
    plausible = None
    if face.five is not None:
        plausible = agreement(face.landmarks, face.five)
    elif face.quality is not None:
        plausible = face.quality.plausibility
    return replace(face, quality=compute_metrics(bgr, face.landmarks, face.crop, face.score, plausible))


def compute_metrics(
    bgr: Bgr, points: Points, crop: CropBox, score: float | None, plausibility: float | None = None
) -> QualityMetrics:
    """The metrics of one face.

    bgr: the upright photo at full resolution, uint8 (height, width, 3). points: its 68 landmarks, pixels. crop: where
    its mouth was cut. score: the detector's, None where it gives none. plausibility: where it is known already.

    - side: pixels of the original, the crop's longer side.
    - sharpness: variance of the Laplacian, squared grey levels of 255 (Pech-Pacheco et al., "Diatom autofocusing in
      brightfield microscopy", ICPR 2000), of the crop shrunk to SHARPNESS_SIDE. A smaller crop is measured at its own
      size, never enlarged, and so looks sharper than it would have done larger: use `side` with it.
    - exposure, contrast: mean and standard deviation of the grey levels of the crop, 1 is white (RMS contrast: Peli,
      JOSA A 1990). All three leave out what was padded; a turned crop is taken by the upright square at its place.
    - yaw, pitch, roll: degrees, signs and source in `pipeline.faces.pose`.
    - outside: 0 to 1, see `outside`.
    - plausibility: 0 to 1, see `agreement` and `plausibility_of`; the latter takes as long as the landmarks did.
    - opening: gap between the inner lips over the width of the mouth; 0 is closed.
    - width: distance of the mouth's corners over that of the eyes' middles.
    - lift: how far the middle of the corners lies above the middle of the outer lips, over the width of the mouth.
      These three are taken in the face's own frame: down is square to the line through the eyes.
    """
    light, contrast, sharpness = _light(bgr, crop)
    pose = head_pose(points)
    opening, width, lift = _mouth(points)
    return QualityMetrics(
        side=float(max(crop.width, crop.height)),
        sharpness=sharpness,
        exposure=light,
        contrast=contrast,
        yaw=pose.yaw,
        pitch=pose.pitch,
        roll=pose.roll,
        outside=outside(points, bgr.shape[1], bgr.shape[0]),
        score=score,
        plausibility=plausibility_of(bgr, points) if plausibility is None else plausibility,
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
    part = bgr[max(0, crop.y) : max(0, crop.y + crop.height), max(0, crop.x) : max(0, crop.x + crop.width)]
    if part.size == 0:
        return 0.0, 0.0, 0.0
    grey = np.asarray(cv2.cvtColor(_shrink(part, max(crop.width, crop.height)), cv2.COLOR_BGR2GRAY), np.uint8)
    mean, spread = cv2.meanStdDev(grey)
    return float(mean[0, 0]) / 255, float(spread[0, 0]) / 255, sharpness_of(grey)


def sharpness_of(grey: npt.NDArray[np.uint8]) -> float:
    """Variance of the Laplacian, in squared grey levels of 255 (Pech-Pacheco et al., ICPR 2000)."""
    if min(grey.shape) < 3:
        return 0.0
    return float(cv2.meanStdDev(cv2.Laplacian(grey, cv2.CV_32F)[1:-1, 1:-1])[1][0, 0] ** 2)


def _shrink(part: Bgr, side: int) -> Bgr:
    """`part` of a crop of `side` pixels at the scale where that has SHARPNESS_SIDE; never enlarged."""
    scale = 1.0
    while side * scale >= 4 * SHARPNESS_SIDE and min(part.shape[:2]) >= 2:
        # Bilinear at one half is the mean of 2 x 2 pixels, in a fifth of INTER_AREA's time.
        half = (part.shape[1] // 2, part.shape[0] // 2)
        part = np.asarray(cv2.resize(part, half, interpolation=cv2.INTER_LINEAR), np.uint8)
        scale /= 2
    if side * scale > SHARPNESS_SIDE:
        rest = SHARPNESS_SIDE / (side * scale)
        size = max(1, round(part.shape[1] * rest)), max(1, round(part.shape[0] * rest))
        part = np.asarray(cv2.resize(part, size, interpolation=cv2.INTER_AREA), np.uint8)
    return part


def _mouth(points: Points) -> tuple[float, float, float]:
    """Opening, width and lift; see `compute_metrics`."""
    p = points.astype(float)
    right, left = p[RIGHT_EYE].mean(axis=0), p[LEFT_EYE].mean(axis=0)
    between = left - right
    eyes = max(float(np.hypot(*between)), 1e-6)
    down = np.array([-between[1], between[0]]) / eyes
    mouth = max(float(np.hypot(*(p[54] - p[48]))), 1e-6)
    gap = float(((p[[67, 66, 65]] - p[[61, 62, 63]]) @ down).mean())
    lift = float(((p[51] + p[57]) / 2 - (p[48] + p[54]) / 2) @ down)
    return max(0.0, gap) / mouth, mouth / eyes, lift / mouth


def agreement(points: Points, five: npt.NDArray[np.float32]) -> float:
    """How well the mouth's corners are where the detector's own points (5, 2) have them, 0 to 1.

    Two methods that were trained apart seldom make one mistake. The corners' mean distance d, over the larger of the
    eye distance and .8 of that from eyes to mouth (profiles), gives 1 / (1 + (d / CORNERS_AT_HALF)^2). With 43 faces of
    known points, in boxes placed well and badly, this tells mouths that lie .2 eye distances off or more from better
    ones with an AUC of .97 (drift: .88).
    """
    eyes = float(np.linalg.norm(five[1] - five[0]))
    down = float(np.linalg.norm(five[3:5].mean(axis=0) - five[0:2].mean(axis=0)))
    distance = float(np.linalg.norm(points[[48, 54]] - five[3:5], axis=1).mean()) / max(eyes, 0.8 * down, 1.0)
    return 1 / (1 + (distance / CORNERS_AT_HALF) ** 2)


def plausibility_of(bgr: Bgr, points: Points) -> float:
    """How little the landmarks drift when they are placed a second time, 0 to 1; low where the mouth is probably wrong.

    The predictor starts from the box that these very points give. Right ones come out where they were; points that
    a wrong box misplaced still look like a face (the predictor knows nothing else), but they drift. The mean drift d
    of all points, in eye distances, gives 1 / (1 + (d / DRIFT_AT_HALF)^2).
    """
    corners = [points[RIGHT_EYE].mean(axis=0), points[LEFT_EYE].mean(axis=0), points[30], points[48], points[54]]
    placed_anew = place_landmarks(bgr, Detection(BoundingBox(0, 0, 0, 0), None, np.array(corners, np.float32)))
    eyes = max(float(np.linalg.norm(corners[1] - corners[0])), 1.0)
    drift = float(np.linalg.norm(placed_anew - points, axis=1).mean()) / eyes
    return 1 / (1 + (drift / DRIFT_AT_HALF) ** 2)
