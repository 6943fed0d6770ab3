"""Sample photos with known answers, made from a public-domain portrait that scikit-image ships.

The portrait is NASA's of Eileen Collins (`astronaut.png`); the photo without a face is `coffee.png`. Every photo has
its own framing, turn and light, so that only the two planted copies are copies.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from models.weights import LANDMARKS_68, is_installed
from pipeline.core.errors import ModelError
from pipeline.core.geometry import DLIB, MESH, Bgr, LandmarkModel, Points
from pipeline.core.messages import message
from pipeline.faces.landmarks import place_landmarks
from pipeline.faces.yunet import find_yunet
from pipeline.pixels.encode import encode_jpeg
from pipeline.sources.warp import Mouth, closed, opened, pursed, render, smile

_ENLARGE: Final = 3.2
_QUALITY: Final = 92

_MOUTHS: Final[dict[str, tuple[Mouth, ...]]] = {
    "none": tuple(map(closed, (0.10, 0.16, 0.19, 0.13, 0.20, 0.17))),
    "pout": tuple(map(pursed, (0.38, 0.33, 0.44, 0.35, 0.41, 0.36))),
    "smile": tuple(map(smile, (0.0, 0.5, 0.9, 0.3, 0.7, 1.0))),
    "openmouth": tuple(map(opened, (0.30, 0.42, 0.55, 0.24, 0.48, 0.36))),
}


@dataclass(frozen=True, slots=True)
class SamplePhoto:
    """One photo. expected_class is None where there is no face; copy_of names the photo that it copies."""

    name: str
    expected_class: str | None
    copy_of: str | None = None


@dataclass(frozen=True, slots=True)
class _Framing:
    """turn in degrees; zoom: face size; shift of the face in the frame, shares of it; light: gain from left to right;
    warmth: blue against red."""

    size: tuple[int, int]
    turn: float
    zoom: float
    shift: tuple[float, float]
    mirrored: bool
    light: tuple[float, float]
    warmth: float


def write_samples(folder: Path) -> tuple[SamplePhoto, ...]:
    """Write the sample photos into `folder`, which exists, and return them with their answers.

    The same bytes each time on one machine. Raises ModelError where scikit-image's photos or the landmarks' weights
    are missing, OSError where the folder cannot be written.
    """
    portrait = _read("astronaut.png")
    portrait = np.asarray(cv2.resize(portrait, None, fx=_ENLARGE, fy=_ENLARGE, interpolation=cv2.INTER_CUBIC), np.uint8)
    points = place_landmarks(portrait, find_yunet(portrait)[0], model_at_hand() or DLIB)
    photos: list[SamplePhoto] = []
    number = 0
    for take in range(6):
        for name, mouths in _MOUTHS.items():
            framing = _framing(number)
            number += 1
            photo = SamplePhoto(f"sample-{number:02d}.jpg", name)
            pixels = _frame(render(portrait, points, mouths[take]), points, framing)
            (folder / photo.name).write_bytes(encode_jpeg(pixels, _QUALITY))
            photos.append(photo)
    return (*photos, *_planted(folder, photos), _without_face(folder))


def model_at_hand() -> LandmarkModel | None:
    """What must place landmarks here because dlib's weights are not installed; None where there is a choice."""
    return None if is_installed(LANDMARKS_68) else MESH


def _planted(folder: Path, photos: list[SamplePhoto]) -> list[SamplePhoto]:
    """An exact copy, and one saved again smaller."""
    exact, smaller = photos[2], photos[7]
    (folder / "sample-25.jpg").write_bytes((folder / exact.name).read_bytes())
    original = _load(folder / smaller.name)
    half = np.asarray(cv2.resize(original, None, fx=0.8, fy=0.8, interpolation=cv2.INTER_AREA), np.uint8)
    (folder / "sample-26.jpg").write_bytes(encode_jpeg(half, 80))
    return [
        SamplePhoto("sample-25.jpg", exact.expected_class, exact.name),
        SamplePhoto("sample-26.jpg", smaller.expected_class, smaller.name),
    ]


def _without_face(folder: Path) -> SamplePhoto:
    (folder / "sample-27.jpg").write_bytes(encode_jpeg(_read("coffee.png"), _QUALITY))
    return SamplePhoto("sample-27.jpg", None)


def _framing(number: int) -> _Framing:
    """A framing and a light for each photo: numbers that share no factor walk through all combinations."""
    turns = (-14.0, 7.0, 0.0, 12.0, -6.0, 16.0, -10.0, 3.0, -17.0)
    zooms = (0.55, 1.0, 0.72, 0.88, 0.62)
    shifts = ((0.0, 0.0), (0.14, 0.04), (-0.13, -0.05), (0.06, 0.1), (-0.06, 0.07), (0.17, -0.03), (-0.18, 0.02))
    lights = ((1.0, 1.0), (0.55, 1.15), (1.2, 0.6), (0.8, 0.8), (1.15, 0.9), (0.65, 0.95), (1.0, 0.5), (0.75, 1.2))
    sizes = ((640, 640), (720, 540), (540, 720), (600, 800), (800, 560), (680, 600))
    return _Framing(
        sizes[number % 6],
        turns[number % 9],
        zooms[number % 5],
        shifts[number % 7],
        number % 2 == 1,
        lights[(number * 3) % 8],
        (-0.12, 0.0, 0.1)[(number // 2) % 3],
    )


def _frame(portrait: Bgr, points: Points, framing: _Framing) -> Bgr:
    """Turn, scale and shift the portrait into a photo of its own size, then light it."""
    width, height = framing.size
    low, high = points.min(axis=0).astype(float), points.max(axis=0).astype(float)
    centre = (float(low[0] + high[0]) / 2, float(low[1] + high[1]) / 2)
    if framing.mirrored:
        portrait = np.ascontiguousarray(portrait[:, ::-1])
        centre = (portrait.shape[1] - 1 - centre[0], centre[1])
    scale = framing.zoom * 0.42 * min(width, height) / float(high[0] - low[0])
    matrix = cv2.getRotationMatrix2D(centre, framing.turn, scale)
    centre_at = (width * (0.5 + framing.shift[0]), height * (0.46 + framing.shift[1]))
    matrix = np.asarray(matrix, np.float64)
    matrix[:, 2] += np.subtract(centre_at, centre)
    # Above the portrait's edge there is only studio wall, which may go on.
    photo = cv2.warpAffine(portrait, matrix, (width, height), flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REPLICATE)
    gain = np.linspace(*framing.light, width, dtype=np.float32)[None, :, None]
    tint = np.array([1 - framing.warmth, 1.0, 1 + framing.warmth], np.float32)
    lit: Bgr = np.clip(np.rint(np.asarray(photo) * gain * tint), 0, 255).astype(np.uint8)
    return lit


def _read(name: str) -> Bgr:
    """A photo of the scikit-image package; it is read as a file, the package's downloader is never asked."""
    spec = find_spec("skimage")
    places = spec.submodule_search_locations if spec else None
    if not places:
        raise ModelError(message("samples_missing"))
    return _load(Path(next(iter(places))) / "data" / name)


def _load(path: Path) -> Bgr:
    image = cv2.imread(str(path))
    if image is None:
        raise ModelError(message("sample_missing", file=path))
    return np.asarray(image, np.uint8)
