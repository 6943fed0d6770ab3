"""Vectors of what a mouth looks like: the same again, whatever the crop's place, size and roll."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from pipeline.core.geometry import Bgr, Points
from pipeline.core.records import Settings
from pipeline.faces.crop import cut, mouth_crop
from pipeline.faces.detect import find_faces
from pipeline.faces.landmarks import place_landmarks
from pipeline.pixels.decode import decode
from pipeline.suggest import descriptor
from tests.pipeline.photos import astronaut


@pytest.fixture(scope="module")
def face() -> tuple[Bgr, Points]:
    bgr = decode(astronaut().read_bytes(), "astronaut", Settings()).bgr
    return bgr, place_landmarks(bgr, find_faces(bgr, Settings())[0])


def seen(bgr: Bgr, points: Points, *, upright: bool = False, margin: float = 1.5) -> descriptor.Vectors:
    crop = mouth_crop(points, margin, upright=upright)
    return descriptor.raw(cut(bgr, crop, "reflect"), points, crop)


def correlation(one: descriptor.Vectors, other: descriptor.Vectors) -> float:
    return float(np.corrcoef(one[:1260], other[:1260])[0, 1])


@pytest.mark.parametrize("degrees", [25, 90, 180, -90])
@pytest.mark.parametrize("upright", [True, False])
def test_a_turned_photo_shows_the_same_mouth(face: tuple[Bgr, Points], degrees: int, upright: bool) -> None:
    bgr, points = face
    height, width = bgr.shape[:2]
    turn = cv2.getRotationMatrix2D((float(points[30, 0]), float(points[30, 1])), degrees, 1.0)
    turned = np.asarray(cv2.warpAffine(bgr, turn, (width, height)), np.uint8)
    moved = (points @ turn[:, :2].T + turn[:, 2]).astype(np.float32)
    found = seen(turned, moved, upright=upright, margin=2.0)
    assert correlation(seen(bgr, points, margin=2.0), found) > 0.9
    other = np.ascontiguousarray(bgr[::-1])
    assert correlation(seen(bgr, points, margin=2.0), seen(other, points, margin=2.0)) < 0.7


def test_a_larger_photo_shows_the_same_mouth(face: tuple[Bgr, Points]) -> None:
    bgr, points = face
    large = np.asarray(cv2.resize(bgr, None, fx=4, fy=4, interpolation=cv2.INTER_CUBIC), np.uint8)
    moved = ((points + 0.5) * 4 - 0.5).astype(np.float32)
    assert correlation(seen(bgr, points), seen(large, moved)) > 0.95


def test_the_same_crops_give_the_same_bytes_and_a_basis_comes_back(face: tuple[Bgr, Points]) -> None:
    bgr, points = face
    rows = np.stack([seen(bgr, points, margin=margin) for margin in (1.2, 1.5, 1.8)])
    basis = descriptor.fit(rows)
    assert basis.to_bytes() == descriptor.fit(rows.copy()).to_bytes()
    stored = descriptor.Basis.from_bytes(basis.to_bytes(), basis.faces)
    found = descriptor.project(rows, stored)
    assert found.tobytes() == descriptor.project(rows, basis).tobytes()
    crop = mouth_crop(points, 1.5)
    assert descriptor.describe(cut(bgr, crop, "reflect"), points, crop, basis) == pytest.approx(found[1], abs=1e-6)


def test_a_principal_component_analysis_keeps_the_distances_of_few_rows() -> None:
    rows = np.random.default_rng(5).normal(size=(20, descriptor.RAW)).astype(np.float32)
    found = descriptor.project(rows, descriptor.fit(rows))
    assert np.linalg.norm(found[3] - found[11]) == pytest.approx(np.linalg.norm(rows[3] - rows[11]), rel=1e-4)
    assert np.abs(found[:, 20:]).max() == 0  # twenty rows span no more
