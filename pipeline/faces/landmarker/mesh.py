"""The mesh of 478 points of a face whose 68 landmarks are known, by Google's Face Landmarker.

Source: MediaPipe's `face_landmarker_graph.cc` (Apache-2.0; Kartynnik et al., "Real-time Facial Surface Geometry from
Monocular Video on Mobile GPUs", CVPR 2019 workshop): a square of 1.5 times the mesh's longer side about its middle,
turned with the eyes, shrunk to 256 x 256 pixels, RGB from 0 to 1. MediaPipe takes the square from the mesh of the frame
before; here eyes and mouth say where it would be (SIDE, CENTRE: the medians over 175 faces of three such rounds, which
would move the points by 1.4 % of the eyes' distance more).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from models.landmarker import Nets
from pipeline.core.geometry import Bgr, Points

Place = npt.NDArray[np.float64]
"""(2,): x and y."""
N_POINTS: Final = 478
SIDE: Final = 2.69
"""Of the square, over the hypotenuse of the eyes' distance and that of eyes and mouth."""
CENTRE: Final = 0.446
"""Of the square: how far on the way from between the eyes to the middle of the mouth's corners."""
_INPUT: Final = 256
_OUTPUTS: Final = ("Identity", "Identity_1")
"""Points and presence, by name: OpenCV gives the outputs in another order."""


@dataclass(frozen=True, slots=True, eq=False)
class Mesh:
    """points: float32 (478, 2), upright original pixels. level: the same, turned until the eyes are level, in pixels of
    the square. presence: how sure the model is of a face there, 0 to 1."""

    points: npt.NDArray[np.float32]
    level: npt.NDArray[np.float32]
    presence: float


def place_mesh(nets: Nets, bgr: Bgr, landmarks: Points) -> Mesh | None:
    """The mesh of the face with these landmarks in a photo; None where they span nothing."""
    p = landmarks.astype(np.float64)
    return mesh_at(nets, bgr, p[36:42].mean(axis=0), p[42:48].mean(axis=0), (p[48] + p[54]) / 2)


def mesh_at(nets: Nets, bgr: Bgr, right: Place, left: Place, mouth: Place) -> Mesh | None:
    """The mesh of the face whose right eye, left eye and middle of the mouth's corners lie there, pixels of the photo;
    None where they span nothing."""
    eyes = (right + left) / 2
    between, down = left - right, mouth - eyes
    side = SIDE * float(np.hypot(np.hypot(*between), np.hypot(*down)))
    if not 1e-3 < side < 1e6:
        return None
    angle = float(np.arctan2(between[1], between[0]))
    scale = _INPUT / side
    turn = scale * np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    shift = _INPUT / 2 - turn @ (eyes + CENTRE * down)
    placed = np.hstack([turn, shift[:, None]])
    square = cv2.warpAffine(bgr, placed, (_INPUT, _INPUT), flags=cv2.INTER_LINEAR if scale > 0.5 else cv2.INTER_AREA)
    nets.mesh.setInput(cv2.dnn.blobFromImage(square, 1 / 255, swapRB=True))
    found, presence = nets.mesh.forward(list(_OUTPUTS))
    level = np.asarray(found, np.float32).reshape(N_POINTS, 3)[:, :2]
    points = (level.astype(np.float64) - shift) @ np.linalg.inv(turn).T
    return Mesh(points.astype(np.float32), level, float(1 / (1 + np.exp(-float(presence.ravel()[0])))))
