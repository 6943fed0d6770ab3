"""What a class is proposed from: a few numbers of a face's geometry, which neither size, place nor roll changes."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

GEOMETRY: Final = ("width", "opening", "outer height", "lift", "nose distance", "upper lip", "width over jaw")
"""The columns of `geometry`."""
WIDTH: Final = GEOMETRY.index("width")
OPENING: Final = GEOMETRY.index("opening")
LOOK_COMPONENTS: Final = 12
"""Of `descriptor`'s principal components, the first ones: those that differ most between the workspace's crops."""
LOOKS: Final = tuple(f"look {number}" for number in range(1, LOOK_COMPONENTS + 1))
"""The columns that `looks_features` adds."""
LEAST_FOR_LOOKS: Final = 100
"""Labelled faces with a vector below which they are not tried."""
_SMALLEST: Final = 1e-6
_INNER: Final = ((61, 67), (62, 66), (63, 65))
"""Points of the inner lips that lie above each other."""


def geometry(landmarks: npt.NDArray[np.float32]) -> Floats:
    """Seven numbers of each of n faces, float64 (n, 7), from landmarks (n, 68, 2) in iBUG order, pixels of any frame.

    In the face's own frame, where down is square to the line through the eyes: the mouth's width over the distance of
    the eyes' middles; the mean gap of the inner lips over the mouth's width; the height of the outer lips over it; how
    far the corners lie above the middle of the outer lips, over it; from the nose's base to the upper lip, and the
    thickness of the upper lip, both over the eyes' distance; the mouth's width over the jaw's at its height.
    """
    p = np.asarray(landmarks, np.float64)
    right, left = p[:, 36:42].mean(axis=1), p[:, 42:48].mean(axis=1)
    between = left - right
    eyes = np.maximum(np.linalg.norm(between, axis=1), _SMALLEST)
    down = np.stack([-between[:, 1], between[:, 0]], axis=1) / eyes[:, None]
    mouth = np.maximum(np.linalg.norm(p[:, 54] - p[:, 48], axis=1), _SMALLEST)
    jaw = np.maximum(np.linalg.norm(p[:, 12] - p[:, 4], axis=1), _SMALLEST)

    def drop(upper: int, lower: int) -> Floats:
        """How far below one point another lies, (n,) pixels."""
        found: Floats = ((p[:, lower] - p[:, upper]) * down).sum(axis=1)
        return found

    gap = np.mean([drop(upper, lower) for upper, lower in _INNER], axis=0)
    lift = ((p[:, 51] + p[:, 57] - p[:, 48] - p[:, 54]) / 2 * down).sum(axis=1)
    found: Floats = np.stack(
        [
            mouth / eyes,
            np.maximum(gap, 0.0) / mouth,
            drop(51, 57) / mouth,
            lift / mouth,
            drop(33, 51) / eyes,
            drop(51, 62) / eyes,
            mouth / jaw,
        ],
        axis=1,
    )
    return found
