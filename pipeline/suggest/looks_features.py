"""What a crop looks like as features: a few principal components of HOG and colour, where cross-validation wants them.

For classes that geometry does not separate (a beard, a lipstick, a shown tongue). They are tried anew at each training;
on the four usual classes they are no help (docs/adr/0032), and left out. As a second opinion on labels, by the nearest
labelled crops (Cover, Hart, "Nearest Neighbor Pattern Classification", IEEE Transactions on Information Theory 13
(1967)), what crops look like does help: it errs on other faces than geometry does (docs/adr/0031).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from pipeline.pixels.neighbours import nearest
from pipeline.suggest import crossval
from pipeline.suggest.features import LEAST_FOR_LOOKS, LOOK_COMPONENTS, Floats
from pipeline.suggest.learned import Learned
from pipeline.suggest.learner import Numbers
from pipeline.suggest.report import LooksTried

LEAST_GAIN: Final = 0.01
"""Of accuracy, 0 to 1, for which they are taken."""
NEAREST: Final = 10
"""Labelled crops that a face is judged by."""
_PRIOR: Final = 2.0
"""How many crops the shares of the classes among all labels count as."""
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


def by_nearest_out_of_fold(
    vectors: npt.NDArray[np.float32], labels: Numbers, groups: Numbers, classes: Sequence[int]
) -> Floats:
    """`by_nearest` of n labelled faces by those of other folds, and so of other groups: (n, k).

    vectors: (n, d). A row of zeros where there is no vector, and everywhere where there are no folds.
    """
    found = np.zeros((len(labels), len(classes)))
    known = np.flatnonzero(np.isfinite(vectors).all(axis=1))
    for train, test in crossval.folds(labels[known], groups[known]):
        of, to = known[train], known[test]
        found[to] = by_nearest(vectors[of], labels[of], vectors[to], classes)
    return found


def by_nearest(
    vectors: npt.NDArray[np.float32], labels: Numbers, asked: npt.NDArray[np.float32], classes: Sequence[int]
) -> Floats:
    """What class the NEAREST labelled crops say that others are of: vectors (n, d), labels (n,) class ids, asked
    (m, d); (m, k). A row of zeros where there is no vector."""
    found = np.zeros((len(asked), len(classes)))
    there, known = (np.isfinite(one).all(axis=1) for one in (vectors, asked))
    if there.any() and known.any():
        is_class = (labels[there][:, None] == np.array(classes)).astype(np.float64)
        near = nearest(vectors[there], asked[known], NEAREST)
        votes = is_class[near].sum(axis=1) + _PRIOR * is_class.mean(axis=0)
        found[known] = votes / (near.shape[1] + _PRIOR)
    return found
