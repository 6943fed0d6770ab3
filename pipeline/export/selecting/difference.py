"""Which faces of a class differ most: the farthest-point order of their figures.

Source: Gonzalez, "Clustering to minimize the maximum intercluster distance", Theoretical Computer Science 38 (1985).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from pipeline.core.metrics import BY_NAME, DIFFERENCE_METRICS

Figures = Mapping[str, Sequence[float | None]]
"""By face id the metrics DIFFERENCE_METRICS, each in its own unit."""
_UNKNOWN = 0.5


def most_different(face_ids: Sequence[str], figures: Figures, most: int) -> list[str]:
    """Of these faces so many, each as far as can be from all before it; the first is the one nearest to their middle.

    Of equally far ones the one that stands first in face_ids. Memory: 64 bytes a face; time: faces times `most`.
    """
    if most >= len(face_ids):
        return list(face_ids)
    points = np.array([_scaled(figures.get(face)) for face in face_ids])
    at = int(np.argmin(_squared(points, points.mean(axis=0))))
    chosen = [at]
    distances = _squared(points, points[at])
    distances[at] = -1.0  # none is taken twice, also where all are alike
    while len(chosen) < most:
        at = int(np.argmax(distances))
        chosen.append(at)
        np.minimum(distances, _squared(points, points[at]), out=distances)
        distances[at] = -1.0
    return [face_ids[one] for one in chosen]


def _squared(points: npt.NDArray[np.float64], other: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.asarray(((points - other) ** 2).sum(axis=1), np.float64)


def _scaled(values: Sequence[float | None] | None) -> list[float]:
    """Each figure as a share of its slider's span; what was not measured in the middle."""
    if values is None:
        return [_UNKNOWN] * len(DIFFERENCE_METRICS)
    found = []
    for name, value in zip(DIFFERENCE_METRICS, values, strict=True):
        metric = BY_NAME[name]
        share = _UNKNOWN if value is None else (value - metric.low) / (metric.high - metric.low)
        found.append(min(1.0, max(0.0, share)))
    return found
