"""Sums of blendshapes, and the zero-label rule by the mesh."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.faces.landmarker.values import COLUMNS
from pipeline.suggest import mesh_features
from pipeline.suggest.mesh_features import FEATURES

FOUR = ("none", "pout", "smile", "openmouth")


def faces(*told: dict[str, float]) -> np.ndarray:
    found = np.zeros((len(told), len(COLUMNS)), np.float32)
    for row, one in zip(found, told, strict=True):
        for name, value in one.items():
            row[COLUMNS.index(name)] = value
    return found


def test_left_and_right_are_added_up() -> None:
    (row,) = mesh_features.with_mesh(
        faces({"mouthSmileLeft": 0.25, "mouthSmileRight": 0.5, "jawOpen": 0.1, "gap": 0.3})
    )
    told = dict(zip(FEATURES, row.tolist(), strict=True))
    assert told.pop("smile") == pytest.approx(0.75)
    assert told.pop("jaw open") == pytest.approx(0.1)
    assert told.pop("mesh gap") == pytest.approx(0.3)
    assert len(told) == 11
    assert set(told.values()) == {0.0}


@pytest.mark.parametrize(
    ("told", "wanted"),
    [
        ({"mouthSmileLeft": 0.4, "mouthSmileRight": 0.4, "gap": 0.3}, "smile"),
        ({"mouthSmileLeft": 0.1, "gap": 0.2}, "openmouth"),
        ({"mouthPucker": 0.9}, "pout"),
        ({}, "none"),
    ],
)
def test_the_rule_decides_by_its_thresholds(told: dict[str, float], wanted: str) -> None:
    (row,) = mesh_features.probabilities(faces(told), FOUR)
    assert FOUR[row.argmax()] == wanted
    assert row.sum() == pytest.approx(1)


def test_a_face_without_a_mesh_gets_nothing_of_it() -> None:
    rows = faces({"mouthSmileLeft": 0.9}, {})
    rows[1] = np.nan
    assert np.isnan(mesh_features.with_mesh(rows)).all(axis=1).tolist() == [False, True]
    assert mesh_features.probabilities(rows, FOUR).any(axis=1).tolist() == [True, False]
