"""68 points of the Face Landmarker's mesh that correspond to the 68 landmarks in iBUG order, and how they are placed.

Which: lips from the mesh's two lip outlines, eyes from its eyelids, brows from their upper edge, nose from its middle
line and wings, jaw from the face's outline; of the neighbours there, in mirrored pairs, those that lie nearest to
dlib's points on 305 sure faces (docs/adr/0037).
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from models.landmarker import Nets
from pipeline.core.geometry import Bgr, BoundingBox, Points
from pipeline.core.records import Detection
from pipeline.faces.landmarker.mesh import Mesh, mesh_at, place_mesh

CORRESPONDING: Final = np.array([
    127, 234, 132, 58, 172, 136, 149, 176, 152, 400, 378, 365, 397, 288, 361, 454, 356,  # jaw
    70, 63, 105, 66, 107, 336, 296, 334, 293, 300,  # brows
    168, 197, 195, 4, 75, 97, 2, 326, 305,  # nose
    33, 160, 158, 133, 153, 144, 362, 385, 387, 263, 373, 380,  # eyes
    61, 39, 37, 0, 267, 269, 291, 405, 314, 17, 84, 181,  # outer lips
    78, 82, 13, 312, 308, 317, 14, 87,  # inner lips
])  # fmt: skip
"""Of each of the 68 landmarks the index of its mesh point."""
_EYES_IN_BOX: Final = 0.43
_MOUTH_BELOW: Final = 0.46
_EYES_ABOVE: Final = 0.22
"""In the square that dlib's HOG detector finds: the eyes' distance, how far the mouth lies below them, and how far they
lie above the square's middle, over its side."""


def points_68(mesh: Mesh) -> Points:
    """float32 (68, 2), pixels of the upright photo."""
    return np.asarray(mesh.points[CORRESPONDING], np.float32)


def place_by_mesh(nets: Nets, bgr: Bgr, detection: Detection) -> Points:
    """float32 (68, 2) in upright original pixels; points may lie outside the image.

    The mesh is looked for where the detector's five points say; a box alone is less exact, so that the mesh found there
    says where it is looked for once more. Points in one place where they span nothing.
    """
    mesh = None if detection.five is None else _by_five(nets, bgr, detection.five)
    if mesh is not None:
        return points_68(mesh)
    mesh = _by_box(nets, bgr, detection.box)
    mesh = mesh and (place_mesh(nets, bgr, points_68(mesh)) or mesh)
    if mesh is None:
        box = detection.box
        return np.tile(np.array([box.x1 + box.x2, box.y1 + box.y2], np.float32) / 2, (len(CORRESPONDING), 1))
    return points_68(mesh)


def _by_five(nets: Nets, bgr: Bgr, five: npt.NDArray[np.float32]) -> Mesh | None:
    p = five.astype(np.float64)
    return mesh_at(nets, bgr, p[0], p[1], (p[3] + p[4]) / 2)


def _by_box(nets: Nets, bgr: Bgr, box: BoundingBox) -> Mesh | None:
    """Where eyes and mouth lie in the mean face of such a box."""
    side = (box.width + box.height) / 2
    eyes = np.array([(box.x1 + box.x2) / 2, (box.y1 + box.y2) / 2 - _EYES_ABOVE * side])
    half = np.array([_EYES_IN_BOX * side / 2, 0.0])
    return mesh_at(nets, bgr, eyes - half, eyes + half, eyes + np.array([0.0, _MOUTH_BELOW * side]))
