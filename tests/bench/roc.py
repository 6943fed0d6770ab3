"""The area under the ROC curve."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def auc(good: Sequence[float], bad: Sequence[float]) -> float:
    """The chance that a good one has more than a bad one; .5 for a draw."""
    a, b = np.array(good)[:, None], np.array(bad)[None]
    return float(((a > b) + 0.5 * (a == b)).mean()) if a.size and b.size else float("nan")
