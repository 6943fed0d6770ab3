"""Computes the quality metrics of a face; `compute_metrics` says their units and where they come from."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.core.border import filled_share
from pipeline.core.geometry import DLIB, MESH, Bgr, BoundingBox, CropBox, LandmarkModel, Points
from pipeline.core.metrics import QualityMetrics
from pipeline.core.records import Detection, Face
from pipeline.faces.covered import covered
from pipeline.faces.landmarker.mesh import Mesh
from pipeline.faces.landmarker.points68 import points_68
from pipeline.faces.landmarks import LEFT_EYE, MOUTH, RIGHT_EYE, place_landmarks
from pipeline.faces.likeness import likeness
from pipeline.faces.pose import head_pose

SHARPNESS_SIDE: Final = 48
"""Pixels: sharpness is measured on the crop shrunk to this."""
DRIFT_AT_HALF: Final = 0.05
"""Eye distances: the drift of the mouth that makes it half plausible at a score of USUAL_SCORE. 4 in 5 right mouths
drift less (1,096 of warped, turned and covered copies of real faces), 3 in 4 wrong ones (703) more."""
USUAL_SCORE: Final = 0.9
MESH_DRIFT_AT_HALF: Final = 0.045
"""The same for landmarks of the mesh: 4 in 5 right mouths drift less than .036, 3 in 4 wrong ones more than .060."""
USUAL_PRESENCE: Final = 0.99


def with_metrics(bgr: Bgr, face: Face, mesh: Mesh | None = None) -> Face:
    """The face with its metrics. What depends on landmarks and box alone is kept where they were judged before.

    mesh: the Face Landmarker's where these landmarks are (`landmarker.values.find_mesh`), None where there is none.
    """
    score = face.score if face.five is not None else None  # of other detectors it is no probability
    disagreement = None if mesh is None or face.landmark_model == MESH else mouth_disagreement(face.landmarks, mesh)
    if face.five is None and face.quality is not None:
        plausible, like = face.quality.plausibility, face.quality.likeness
        disagreement = face.quality.mouth_disagreement if disagreement is None else disagreement
    else:
        if face.landmark_model == MESH:
            plausible = mesh_plausibility(face.landmarks, mesh, score)
        else:
            plausible = plausibility_of(bgr, face.landmarks, score)
        like = likeness(bgr, face.box, score, plausible)
    metrics = compute_metrics(bgr, face.landmarks, face.crop, face.score, plausible, like, model=face.landmark_model)
    return replace(face, quality=replace(metrics, mouth_disagreement=disagreement))


def compute_metrics(
    bgr: Bgr,
    points: Points,
    crop: CropBox,
    score: float | None,
    plausibility: float,
    like: float | None = None,
    *,
    model: LandmarkModel = DLIB,
) -> QualityMetrics:
    """The metrics of one face, but for `mouth_disagreement`.

    bgr: the upright photo at full resolution, uint8 (height, width, 3). points: its 68 landmarks, pixels, as `model`
    placed them. crop: where its mouth was cut. score: the detector's, None where it gives none. plausibility, like: as
    `with_metrics` has them.

    - side: pixels of the original, the crop's longer side.
    - sharpness: variance of the Laplacian, squared grey levels of 255 (Pech-Pacheco et al., "Diatom autofocusing in
      brightfield microscopy", ICPR 2000), of the crop shrunk to SHARPNESS_SIDE. A smaller crop is measured at its own
      size, never enlarged, and so looks sharper than it would have done larger: use `side` with it.
    - exposure, contrast: mean and standard deviation of the grey levels of the crop, 1 is white (RMS contrast: Peli,
      JOSA A 1990). All three leave out what was filled; a turned crop is taken by the upright square at its place.
    - yaw, pitch, roll: degrees, signs and source in `pipeline.faces.pose`.
    - outside: 0 to 1, see `outside`.
    - plausibility: 0 to 1, see `plausibility_of` and `mesh_plausibility`. likeness: 0 to 1, see
      `pipeline.faces.likeness`.
    - opening: gap between the inner lips over the width of the mouth; 0 is closed.
    - width: distance of the mouth's corners over that of the eyes' middles.
    - lift: how far the middle of the corners lies above the middle of the outer lips, over the width of the mouth.
      These three are taken in the face's own frame: down is square to the line through the eyes.
    - filled: 0 to 1, the share of the crop's area outside the photo, by its place alone (`border.filled_share`).
    - covered: 0 to 1, see `pipeline.faces.covered`.
    """
    light, contrast, sharpness = _light(bgr, crop)
    pose = head_pose(points, model)
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
        plausibility=plausibility,
        opening=opening,
        width=width,
        lift=lift,
        likeness=like,
        filled=filled_share(crop, bgr.shape[1], bgr.shape[0]),
        covered=covered(bgr, points),
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
    """Variance of the Laplacian of (height, width), in squared grey levels of 255 (Pech-Pacheco et al., ICPR 2000)."""
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


def plausibility_of(bgr: Bgr, points: Points, score: float | None = None) -> float:
    """How little the mouth drifts when the landmarks are placed a second time, 0 to 1; low where it is probably wrong.

    The predictor starts from the box that these very points give. Right ones come out where they were; points that
    a wrong box misplaced still look like a face (the predictor knows nothing else), but they drift. d is the mean drift
    of points 48 to 67 in eye distances; its odds (DRIFT_AT_HALF / d)^2 are multiplied by the square root of the odds of
    a probability `score` over those of USUAL_SCORE.

    Measured on 1,722 faces in warped, turned, covered, tiny and cut copies of 145 real ones, this tells mouths whose
    crop meets less than .7 of the right one (IoU) from others with an AUC of .92, the score alone with .82, the
    distance to the detector's own corners with .75 (docs/quality.md).
    """
    corners = [points[RIGHT_EYE].mean(axis=0), points[LEFT_EYE].mean(axis=0), points[30], points[48], points[54]]
    placed_anew = place_landmarks(bgr, Detection(BoundingBox(0, 0, 0, 0), None, np.array(corners, np.float32)))
    eyes = max(float(np.linalg.norm(corners[1] - corners[0])), 1.0)
    drift = float(np.linalg.norm(placed_anew[MOUTH] - points[MOUTH], axis=1).mean()) / eyes
    by_score = 1.0 if score is None else math.sqrt(_odds(score) / _odds(USUAL_SCORE))
    return 1 / (1 + (drift / DRIFT_AT_HALF) ** 2 / by_score)


def mesh_plausibility(points: Points, mesh: Mesh | None, score: float | None = None) -> float:
    """The same for landmarks of the mesh: how little they drift when it is placed a second time, where they are.

    The odds of the model's own `presence` count as those of the score do. Measured on 1,854 faces in such copies of
    158 real ones: AUC .94; the drift alone .93, the presence .90, the score .83 (docs/quality.md).
    """
    if mesh is None:
        return 0.0
    drift = mouth_disagreement(points, mesh)
    favour = math.sqrt(_odds(mesh.presence) / _odds(USUAL_PRESENCE))
    favour *= 1.0 if score is None else math.sqrt(_odds(score) / _odds(USUAL_SCORE))
    return 1 / (1 + (drift / MESH_DRIFT_AT_HALF) ** 2 / favour)


def mouth_disagreement(points: Points, mesh: Mesh) -> float:
    """The mean distance of the mouth's landmarks to their corresponding points of the mesh, over the eyes' distance."""
    eyes = max(float(np.linalg.norm(points[RIGHT_EYE].mean(axis=0) - points[LEFT_EYE].mean(axis=0))), 1.0)
    return float(np.linalg.norm(points_68(mesh)[MOUTH] - points[MOUTH], axis=1).mean()) / eyes


def _odds(share: float) -> float:
    kept = min(max(share, 0.001), 0.999)
    return kept / (1 - kept)
