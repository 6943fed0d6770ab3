"""What is kept of a face's mesh: the blendshapes, and a few numbers of its geometry."""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt

from models import landmarker
from models.landmarker import Nets
from pipeline.core.geometry import Bgr, Points
from pipeline.faces.landmarker.blendshapes import NAMES, blendshapes
from pipeline.faces.landmarker.mesh import Mesh, place_mesh

GEOMETRY: Final = ("gap", "width", "outer height", "lift", "nose distance", "width over jaw")
COLUMNS: Final = (*NAMES, *GEOMETRY)
"""What the numbers of a face stand for, in order."""
GAP: Final = COLUMNS.index("gap")
PRESENT: Final = 0.5
"""The model's own bound: below it there is no face, and nothing is kept."""
_SMALLEST: Final = 1e-6

MeshValues = npt.NDArray[np.float32]
"""float32 (58,), in the order of COLUMNS."""


def find_mesh(bgr: Bgr, points: Points) -> Mesh | None:
    """The mesh of the face with these landmarks in an upright photo; None where the landmarker is not installed, or the
    points span nothing. Raises ModelError where its file is another one."""
    nets = nets_if_installed()
    return None if nets is None else place_mesh(nets, bgr, points)


@cache
def nets_if_installed() -> Nets | None:
    """Asked once a process: to look for a package that is not there takes a tenth of a millisecond, one photo in a
    hundred."""
    return landmarker.nets() if landmarker.is_installed() else None


def mesh_values(bgr: Bgr, points: Points) -> MeshValues | None:
    """The numbers of the mesh that `find_mesh` gives there; None where it gives none or the model sees no face."""
    return values_kept(find_mesh(bgr, points))


def values_kept(mesh: Mesh | None) -> MeshValues | None:
    """The numbers of a mesh; None where there is none, or the model sees no face there."""
    return None if mesh is None or mesh.presence < PRESENT else values_of(landmarker.nets(), mesh)


def values_of(nets: Nets, mesh: Mesh) -> MeshValues:
    return np.concatenate([blendshapes(nets, mesh.level), geometry(mesh.points)])


def geometry(points: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """GEOMETRY of a mesh (478, 2), float32 (6,), in the face's own frame, where down is square to the eyes' line.

    The mean gap of the inner lips over the mouth's width; the mouth's width over the distance of the eyes' middles; the
    height of the outer lips and how far the corners lie above their middle, over the mouth's width; from the nose's
    base to the upper lip over the eyes' distance; the mouth's width over the jaw's at its height.
    """
    p = points.astype(np.float64)
    between = (p[263] + p[362]) / 2 - (p[33] + p[133]) / 2
    eyes = max(float(np.hypot(*between)), _SMALLEST)
    down = np.array([-between[1], between[0]]) / eyes
    mouth = max(float(np.hypot(*(p[291] - p[61]))), _SMALLEST)
    jaw = max(float(np.hypot(*(p[397] - p[172]))), _SMALLEST)
    gap = float(((p[[87, 14, 317]] - p[[82, 13, 312]]) @ down).mean())
    lift = float(((p[0] + p[17] - p[61] - p[291]) / 2) @ down)
    found = (
        max(gap, 0.0) / mouth, mouth / eyes, float((p[17] - p[0]) @ down) / mouth, lift / mouth,
        float((p[0] - p[2]) @ down) / eyes, mouth / jaw,
    )  # fmt: skip
    return np.array(found, np.float32)
