"""How right suggestions are, by the number of labels: the rule alone, and what is learned, on other faces."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from pipeline.suggest import crossval, features, learner, mesh_features, scores, zero_label
from pipeline.suggest.features import Floats
from pipeline.suggest.learner import Numbers
from tests.bench.suggest.read_faces import Faces

LABELS: Final = (5, 20, 50, 100, 150, 200)
SEEDS: Final = 20
LEAST_TESTED: Final = 15
"""Faces that must be left to be tried on."""
CALIBRATED_AT: Final = 200
_MANY: Final = 10_000
_COMPONENTS: Final = 12
"""Of the HOG's principal components."""


@dataclass(frozen=True, eq=False)
class Design:
    """Features (n, d) and what the zero-label rule says (n, k), of n faces; the penalty that training takes."""

    name: str
    features: Floats
    rule: Floats
    strength: float = learner.STRENGTH


@dataclass(frozen=True)
class Point:
    """Mean of SEEDS draws of so many labels: accuracy of what is learned and of the rule on the same other faces; the
    expected calibration error, of each draw and of all draws' faces together. by_chance: what the first of the two
    would be of probabilities that are exactly right: few faces fill no bin evenly."""

    labels: int
    learned: float
    rule: float
    ece: float
    ece_of_all: float
    by_chance: float


def plain(faces: Faces) -> Design:
    seen = features.geometry(faces.landmarks)
    return Design("plain", seen, zero_label.probabilities(seen, faces.names))


def with_landmarker(faces: Faces) -> Design | None:
    """As a training takes it: the mesh where there is one, else the plain rule and the features' means; None where
    the landmarker is not installed."""
    has = np.isfinite(faces.meshes).all(axis=1)
    if not has.any():
        return None
    seen = mesh_features.with_mesh(faces.meshes)
    seen[~has] = seen[has].mean(axis=0)
    rule = plain(faces).rule.copy()
    rule[has] = mesh_features.probabilities(faces.meshes[has], faces.names)
    return Design("landmarker", seen, rule, mesh_features.STRENGTH)


def curve(
    design: Design, labels: Numbers, groups: Numbers, learnable: npt.NDArray[np.bool_] | None = None
) -> list[Point]:
    """Points at LABELS, as far as enough faces are left; no group is learned from and tried on.

    learnable: which faces may be learned from; then it is told of all the others, and of no other one.
    """
    found = []
    for size in LABELS:
        tried = [_one(design, labels, groups, size, seed, learnable) for seed in range(SEEDS)]
        kept = [one for one in tried if one is not None]
        if not kept:
            break
        told, right = (np.concatenate([one[at] for one in kept]) for at in (0, 1))
        lots = np.random.default_rng(size)
        exact = [scores.ece(one[0], lots.random(len(one[0])) < one[0].max(axis=1)) for one in kept]
        found.append(
            Point(
                size,
                float(np.mean([one[1].mean() for one in kept])),
                float(np.mean([one[2].mean() for one in kept])),
                float(np.mean([scores.ece(one[0], one[1]) for one in kept])),
                scores.ece(told, right),
                float(np.mean(exact)),
            )
        )
    return found


def _one(
    design: Design, labels: Numbers, groups: Numbers, size: int, seed: int, learnable: npt.NDArray[np.bool_] | None
) -> tuple[Floats, Numbers, Numbers] | None:
    """(probabilities, whether learned is right, whether the rule is right) of the faces left."""
    order = np.random.default_rng(seed).permutation(len(labels))
    if learnable is not None:
        order = np.concatenate([order[learnable[order]], np.flatnonzero(~learnable)])
        if size > learnable.sum():
            return None
    train = order[:size]
    others = order[size:] if learnable is None else np.flatnonzero(~learnable)
    test = others[~np.isin(groups[others], groups[train])]
    if len(test) < LEAST_TESTED:
        return None
    kinds = range(design.rule.shape[1])
    seen, rule = design.features[train], design.rule[train]
    model, _ = crossval.fit_calibrated(seen, rule, labels[train], groups[train], kinds, design.strength)
    told = model.probabilities(design.features[test], design.rule[test])
    return told, told.argmax(1) == labels[test], design.rule[test].argmax(1) == labels[test]


def with_hog(design: Design, hogs: Floats, labels: Numbers, groups: Numbers) -> tuple[float, float]:
    """Out-of-fold accuracy of a design, without and with the HOG's principal components, found in each fold anew."""
    from sklearn.decomposition import PCA

    kinds = range(design.rule.shape[1])
    right = np.zeros((2, len(labels)))
    for train, test in crossval.folds(labels, groups):
        pca = PCA(min(_COMPONENTS, len(train) - 1), random_state=0).fit(hogs[train])
        both = np.hstack([design.features, pca.transform(hogs)])
        for row, seen in enumerate((design.features, both)):
            model = learner.fit(seen[train], design.rule[train], labels[train], kinds, strength=design.strength)
            right[row, test] = model.probabilities(seen[test], design.rule[test]).argmax(1) == labels[test]
    return float(right[0].mean()), float(right[1].mean())


def seconds_of_many(design: Design, labels: Numbers) -> float:
    """CPU seconds of one fit on _MANY labels: the faces drawn again and again, each a little moved."""
    drawn = np.random.default_rng(0)
    at = drawn.integers(0, len(labels), _MANY)
    seen = design.features[at] + drawn.normal(0, 0.1, (_MANY, 1)) * design.features.std(axis=0)
    started = time.process_time()
    learner.fit(seen, design.rule[at], labels[at], range(design.rule.shape[1]), strength=design.strength)
    return time.process_time() - started


def plain_ms(faces: Faces) -> float:
    """CPU milliseconds a face beyond landmarks: geometry, rule and a learned classifier."""
    design = plain(faces)
    model = learner.fit(design.features, design.rule, faces.labels, range(len(faces.names)))
    started = time.process_time()
    again = plain(faces)
    model.probabilities(again.features, again.rule)
    return 1000 * (time.process_time() - started) / len(faces.labels)
