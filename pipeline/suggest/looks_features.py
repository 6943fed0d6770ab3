"""What a crop looks like as features: a few principal components of HOG and colour, where cross-validation wants them.

For classes that geometry does not separate (a beard, a lipstick, a shown tongue). They are tried anew at each training;
on the four usual classes they are no help (docs/adr/0032), and left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from pipeline.suggest import crossval
from pipeline.suggest.features import LEAST_FOR_LOOKS, LOOK_COMPONENTS, Floats
from pipeline.suggest.learned import Learned
from pipeline.suggest.learner import Numbers
from pipeline.suggest.report import LooksTried

LEAST_GAIN: Final = 0.01
_SURE: Final = 2.0
"""Standard errors of the paired difference that the gain must reach, too: one training in forty takes noise for one."""


@dataclass(frozen=True, slots=True, eq=False)
class Taken:
    """learned: by the features before and the components. told: its out-of-fold probabilities, (n, k)."""

    learned: Learned
    told: Floats


def with_looks(features: Floats, vectors: npt.NDArray[np.float32]) -> Floats:
    """(n, d + LOOK_COMPONENTS), from features (n, d) and descriptors (n, DIMENSIONS)."""
    found: Floats = np.hstack([features, vectors[:, :LOOK_COMPONENTS].astype(np.float64)])
    return found


def try_looks(
    features: Floats,
    vectors: npt.NDArray[np.float32],
    rule: Floats,
    labels: Numbers,
    groups: Numbers,
    classes: Sequence[int],
    strength: float,
    before: Floats | None = None,
) -> tuple[LooksTried, Taken | None] | None:
    """Whether they help n labelled faces, out of fold and on the same parts; None where too few are labelled.

    The components were found without any label, so that cross-validation stays honest. before: out-of-fold
    probabilities without them, (n, k), where they are at hand already.
    """
    if len(labels) < LEAST_FOR_LOOKS or len(np.unique(labels)) < 2:
        return None
    kinds = np.array(classes)
    if before is None:
        _, before = crossval.fit_calibrated(features, rule, labels, groups, classes, strength)
    learned, after = crossval.fit_calibrated(with_looks(features, vectors), rule, labels, groups, classes, strength)
    was, now = (kinds[told.argmax(axis=1)] == labels for told in (before, after))
    gain = now.astype(float) - was
    sure = _SURE * float(gain.std()) / float(np.sqrt(len(gain)))
    taken = float(gain.mean()) >= max(LEAST_GAIN, sure)
    tried = LooksTried(len(labels), float(was.mean()), float(now.mean()), taken)
    return tried, Taken(learned, after) if taken else None
