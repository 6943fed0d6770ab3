"""What a release was made with: versions of what shapes its bytes, and the weights behind its crops."""

from __future__ import annotations

from collections.abc import Collection
from importlib.metadata import PackageNotFoundError, version
from typing import Final

from models.landmarker import LANDMARKER
from models.weights import HAAR_FRONTAL, LANDMARKS_68, MMOD, YUNET, Weights
from pipeline.core.geometry import MESH, LandmarkModel
from pipeline.core.version import VERSION

_PACKAGES: Final = ("dlib-bin", "numpy", "onnxruntime", "opencv-python-headless", "pyarrow")
_OF_DETECTOR: Final[dict[str, tuple[Weights, ...]]] = {
    "yunet": (YUNET,), "haar": (HAAR_FRONTAL,), "course": (HAAR_FRONTAL,), "mmod": (MMOD,)
}  # fmt: skip
"""HOG is within dlib; a face that was drawn has none."""


def versions() -> dict[str, str]:
    """Moue's version, and those of the packages that are installed."""
    found = {"moue": VERSION}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def weights(used: Collection[tuple[str, LandmarkModel]]) -> dict[str, str]:
    """SHA-256 of the weights that found and placed faces, by name; used: the detectors, each with what placed the
    landmarks."""
    found = {one.name: one.sha256 for name, _ in used for one in _OF_DETECTOR.get(name, ())}
    for _, model in used:
        placed = LANDMARKER if model == MESH else LANDMARKS_68
        found[placed.name] = placed.sha256
    return dict(sorted(found.items()))
