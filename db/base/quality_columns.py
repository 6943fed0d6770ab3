"""The quality metrics of a face as they are stored: whole numbers, one column a metric."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from pipeline.core.metrics import METRICS, QualityMetrics

QUALITY_COLUMNS: Final = ", ".join(f"q.{metric.name}" for metric in METRICS)
"""For a SELECT in which `face_quality` is called q; `quality_of` reads them."""


def quality_of(stored: Sequence[int | None]) -> QualityMetrics | None:
    """The metrics, None where the face was never measured."""
    if stored[0] is None:
        return None
    return QualityMetrics(*(m.from_stored(number) for m, number in zip(METRICS, stored, strict=True)))  # type: ignore[arg-type]
