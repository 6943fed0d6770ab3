"""How a head is turned, from its 68 landmarks: a generic 3-D face brought into line with them by `cv2.solvePnP`.

The face: 9 points of the anthropometric model of Martins and Batista, "Monocular Head Pose Estimation", ICIAR 2008
(glAnthropometric3DModel.cpp, ISR Coimbra; the points and their places in the iBUG order as in lincolnhard's
head-pose-estimation). Only what the expression does not move: corners of the eyes, inner ends of the brows, wings and
base of the nose.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.core.geometry import DLIB, MESH, LandmarkModel, Points

Floats = npt.NDArray[np.float64]

RIGID: Final = (36, 39, 42, 45, 21, 22, 31, 33, 35)
"""Where the model's points are in the iBUG order."""
# Centimetres, as published but for the axes: here x to the image's right, y down, z away from the camera, so that no
# turn is the frontal face; the origin lies between the outer corners of the eyes.
FACE_3D: Final = np.array(
    [
        (-5.311432, 0.0, 0.0),
        (-1.789930, 0.091703, -0.425759),
        (1.789930, 0.091703, -0.425759),
        (5.311432, 0.0, 0.0),
        (-1.330353, -1.636816, -2.916091),
        (1.330353, -1.636816, -2.916091),
        (-2.005628, 4.075483, -2.177998),
        (0.0, 5.485328, -2.775776),
        (2.005628, 4.075483, -2.177998),
    ]
)
EYE_SPAN: Final = float(FACE_3D[3, 0] - FACE_3D[0, 0])
"""Centimetres between the outer corners of the model's eyes."""
CAMERA_AT: Final = 8.0
"""The focal length in spans of the eyes as they appear: a camera 85 cm away that looks straight at the face. Photos
of strangers do not tell theirs, and cut-outs have no middle to speak of."""
MESH_LOOKS_UP: Final = 3.4
"""Degrees by which the mesh's points look up more than dlib's, whose brows and nose lie elsewhere: the median of 305
faces. Without it half of these are within 1.9 degrees of pitch, 1.8 of yaw and .7 of roll of dlib's."""
_NO_LENS: Final = np.zeros(4)


@dataclass(frozen=True, slots=True)
class Pose:
    """Degrees. yaw: positive where the face looks to the image's right. pitch: positive where it looks up. roll:
    positive clockwise on the screen; turning the photo changes nothing else. error: root mean square distance of the
    model's projected points to the landmarks, over the distance of the outer corners of the eyes.
    """

    yaw: float
    pitch: float
    roll: float
    error: float


def head_pose(points: Points, model: LandmarkModel = DLIB) -> Pose:
    """The pose of a face from its 68 landmarks, float (68, 2) in pixels; the same at every scale and position. model:
    which one placed them.

    R = Rz(roll) Ry(yaw) Rx(pitch). Where the points are no face at all (all in one place), everything is 0 and the
    error infinite.
    """
    seen = points[list(RIGID)].astype(np.float64)
    middle = seen.mean(axis=0)
    size = float(np.sqrt(((seen - middle) ** 2).sum(axis=1).mean()))
    if not size > 1e-6:
        return Pose(0.0, 0.0, 0.0, math.inf)
    seen = (seen - middle) / size
    turn = _turn(seen)
    seen = seen @ _turned(turn)  # upright: from a frontal start the solver does not find a face that hangs head down
    camera = np.array([[_FOCAL, 0, 0], [0, _FOCAL, 0], [0, 0, 1]], np.float64)
    # A frontal start: the solver's own (a direct linear transform) can put the face behind the camera.
    start = np.array([0.0, 0.0, _FOCAL * _MODEL_SIZE]) - FACE_3D.mean(axis=0)
    _, rotation, translation = cv2.solvePnP(
        FACE_3D, seen, camera, _NO_LENS, np.zeros(3), start, True, cv2.SOLVEPNP_ITERATIVE
    )
    shown, _ = cv2.projectPoints(FACE_3D, rotation, translation, camera, _NO_LENS)
    span = float(np.linalg.norm(seen[3] - seen[0])) or 1e-6
    error = float(np.sqrt(((shown[:, 0] - seen) ** 2).sum(axis=1).mean())) / span
    yaw, pitch, roll = angles(np.asarray(cv2.Rodrigues(rotation)[0], np.float64))
    pitch -= MESH_LOOKS_UP if model == MESH else 0.0
    return Pose(yaw, pitch, (roll + math.degrees(turn) + 180) % 360 - 180, error)


def _turn(seen: Floats) -> float:
    """Radians, clockwise on the screen: the turn that brings the frontal face closest to the points (Procrustes)."""
    face = FACE_3D[:, :2] - FACE_3D[:, :2].mean(axis=0)
    dot, cross = float((face * seen).sum()), float((face[:, 0] * seen[:, 1] - face[:, 1] * seen[:, 0]).sum())
    return math.atan2(cross, dot)


def _turned(turn: float) -> Floats:
    """What rows of points are multiplied by to turn them back."""
    c, s = math.cos(turn), math.sin(turn)
    return np.array([[c, -s], [s, c]])


def angles(rotation: Floats) -> tuple[float, float, float]:
    """Yaw, pitch, roll in degrees of a (3, 3) rotation of the model."""
    yaw = math.asin(min(1.0, max(-1.0, float(rotation[2, 0]))))
    pitch = -math.atan2(rotation[2, 1], rotation[2, 2])
    roll = math.atan2(rotation[1, 0], rotation[0, 0])
    return math.degrees(yaw), math.degrees(pitch), math.degrees(roll)


_MODEL_SIZE: Final = float(np.sqrt(((FACE_3D[:, :2] - FACE_3D[:, :2].mean(axis=0)) ** 2).sum(axis=1).mean()))
# the model's points are scaled to a mean radius of 1, so the span of its eyes is this many of them
_FOCAL: Final = CAMERA_AT * EYE_SPAN / _MODEL_SIZE
