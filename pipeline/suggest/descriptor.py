"""What a mouth looks like, as a short vector: near vectors are mouths that look alike.

The crop is brought to one frame (eye line level, the eyes' distance the unit, the middle of the mouth's corners in one
place), described by histograms of oriented gradients (Dalal, Triggs, "Histograms of Oriented Gradients for Human
Detection", CVPR 2005), by colour and by the numbers of `pipeline.suggest.features`, and shortened by a principal
component analysis that was fitted on crops of the same workspace. Deterministic: the same crop and basis give the same
bytes. Only vectors of one basis may be compared.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.core.geometry import Bgr, CropBox, Points
from pipeline.faces.landmarks import LEFT_EYE, RIGHT_EYE
from pipeline.suggest import features

Vectors = npt.NDArray[np.float32]

VERSION: Final = "hog-colour-geometry-1"
"""Of this module's algorithm: a basis of another version describes nothing."""
DIMENSIONS: Final = 48
"""Numbers of a vector, at most: a basis of fewer crops has fewer components, and zeros behind them."""
FIT_ON: Final = 1_000
"""Crops that a basis is fitted on, at most: more change nothing that one sees."""
_WIDTH: Final = 64
_HEIGHT: Final = 48
_EYES_WIDE: Final = 1.5
"""Width of the frame in distances between the eyes' middles."""
_DOWN: Final = 0.08
"""How far the frame's middle lies below that of the corners, in the same unit: lips open downwards."""
_CORNERS: Final = (48, 54)
_TILES: Final = (4, 3)
_COLOUR_WEIGHT: Final = 0.5
_SPREADS: Final = np.array([0.12, 0.09, 0.12, 0.08, 0.055, 0.025, 0.06])
"""Standard deviations of the numbers of geometry among close-ups: fixed, so that no workspace has its own."""
_GEOMETRY_WEIGHT: Final = 0.15
"""Found on close-ups: classes agree most there, and from .1 to .3 hardly less."""
_LEAST: Final = 1e-6
_HOG: Final = cv2.HOGDescriptor((_WIDTH, _HEIGHT), (16, 16), (8, 8), (8, 8), 9)
RAW: Final = int(_HOG.getDescriptorSize()) + 3 * _TILES[0] * _TILES[1] + len(_SPREADS)
"""Numbers of `raw`."""


@dataclass(frozen=True, slots=True, eq=False)
class Basis:
    """What vectors of one workspace are made with. mean: (RAW,), components: (DIMENSIONS, RAW), both float32. faces:
    crops that it was fitted on."""

    mean: Vectors
    components: Vectors
    faces: int

    def to_bytes(self) -> bytes:
        """float32, little endian: the mean, then the components."""
        return np.vstack([self.mean, self.components]).astype("<f4").tobytes()

    @staticmethod
    def from_bytes(data: bytes, faces: int) -> Basis:
        """Raises ValueError for bytes of another length."""
        rows = np.frombuffer(data, "<f4").reshape(1 + DIMENSIONS, RAW)
        return Basis(rows[0], rows[1:], faces)


def raw(crop_bgr: Bgr, landmarks: Points, crop: CropBox) -> Vectors:
    """(RAW,) float32 of one crop. crop_bgr: its pixels. landmarks: (68, 2), pixels of the upright photo, in which
    `crop` is the box that was cut."""
    frame = _aligned(crop_bgr, landmarks, crop)
    grey = cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY)
    gradients = np.asarray(_HOG.compute(grey), np.float32).ravel()
    gradients /= max(float(np.linalg.norm(gradients)), _LEAST)
    lab = cv2.cvtColor(frame.astype(np.float32) / 255, cv2.COLOR_BGR2LAB)
    tiles = cv2.resize(lab, _TILES, interpolation=cv2.INTER_AREA) / 100
    colour = tiles.ravel() * (_COLOUR_WEIGHT / np.sqrt(_TILES[0] * _TILES[1]))
    geometry = features.geometry(landmarks[None])[0] / _SPREADS * _GEOMETRY_WEIGHT
    found: Vectors = np.concatenate([gradients, colour, geometry]).astype(np.float32)
    return found


def fit(rows: Vectors, faces: int | None = None) -> Basis:
    """The basis of (n, RAW) raw rows, n at least 1. The sign of each component is fixed by its largest entry.

    faces: what the basis says of how many it is of, where some could not be read."""
    mean = rows.mean(axis=0, dtype=np.float64)
    _, _, components = np.linalg.svd(rows.astype(np.float64) - mean, full_matrices=False)
    kept = components[:DIMENSIONS]
    largest = kept[np.arange(len(kept)), np.abs(kept).argmax(axis=1)]
    signed = kept * np.where(largest < 0, -1.0, 1.0)[:, None]
    full: npt.NDArray[np.float64] = np.zeros((DIMENSIONS, rows.shape[1]))
    full[: len(kept)] = signed
    return Basis(mean.astype(np.float32), full.astype(np.float32), faces or len(rows))


def project(rows: Vectors, basis: Basis) -> Vectors:
    """(n, DIMENSIONS) float32 vectors of (n, RAW) raw rows."""
    found: Vectors = ((rows - basis.mean) @ basis.components.T).astype(np.float32)
    return found


def describe(crop_bgr: Bgr, landmarks: Points, crop: CropBox, basis: Basis) -> Vectors:
    """(DIMENSIONS,) float32 of one crop; the arguments as `raw` has them."""
    found: Vectors = project(raw(crop_bgr, landmarks, crop)[None], basis)[0]
    return found


def _aligned(crop_bgr: Bgr, landmarks: Points, crop: CropBox) -> Bgr:
    """The mouth in the frame that all have in common, uint8 (_HEIGHT, _WIDTH, 3)."""
    points = _in_crop(landmarks.astype(np.float64), crop)
    right, left = points[RIGHT_EYE].mean(axis=0), points[LEFT_EYE].mean(axis=0)
    along = left - right
    eyes = max(float(np.hypot(*along)), 1.0)
    along /= eyes
    down = np.array([-along[1], along[0]])
    middle = points[list(_CORNERS)].mean(axis=0) + _DOWN * eyes * down
    step = _EYES_WIDE * eyes / _WIDTH  # pixels of the crop for one of the frame
    if step > 2:  # bilinear alone would leave pixels out
        shrink = 1 / step
        smaller = cv2.resize(crop_bgr, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
        crop_bgr = np.asarray(smaller, np.uint8)
        middle, step = middle * shrink, 1.0
    to_crop = np.column_stack([along * step, down * step, middle - step * (along * _WIDTH + down * _HEIGHT) / 2])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    frame = cv2.warpAffine(crop_bgr, to_crop, (_WIDTH, _HEIGHT), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(frame, np.uint8)


def _in_crop(points: npt.NDArray[np.float64], crop: CropBox) -> npt.NDArray[np.float64]:
    """Points of the upright photo as pixels of the crop."""
    turn = np.deg2rad(-crop.angle)
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    size = np.array([crop.width, crop.height])
    found: npt.NDArray[np.float64] = (points - (np.array([crop.x, crop.y]) + size / 2)) @ rotation.T + size / 2
    return found
