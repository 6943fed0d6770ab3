"""What one training learns from labels: by landmarks, by the mesh where there is one, by looks where that helps."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from db.suggest.training import Learned
from pipeline.suggest import crossval, features, learner, looks_features, mesh_features, zero_label
from pipeline.suggest.features import Floats
from pipeline.suggest.learned import Learned as Classifier
from pipeline.suggest.report import LooksTried

Vectors = npt.NDArray[np.float32]

LEAST_CLASSES: Final = 2
"""Classes with labels below which nothing can be learned, and the zero-label rule alone suggests."""
MOSTLY: Final = 0.9
"""The share of labelled faces with a mesh from which the learning curve is that of the mesh."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """What was learned. names: of the classes. seen, rule, told: of each label its features, (n, d), what the
    zero-label rule says of it and what a version says that never saw its group, both (n, k). learned: None where there
    is too little to learn from, and the rule alone suggests. by_mesh: of the faces with a mesh, None likewise.
    has_mesh: which labelled faces have one, (n,). by_looks: by what the crops look like, too; None where that is no
    help. looks_on_mesh: beside the mesh, not beside the landmarks. tried: what was found of it."""

    names: tuple[str, ...]
    seen: Floats
    rule: Floats
    told: Floats
    learned: Classifier | None
    by_mesh: Classifier | None = None
    has_mesh: npt.NDArray[np.bool_] | None = None
    by_looks: Classifier | None = None
    looks_on_mesh: bool = False
    tried: LooksTried | None = None

    def probabilities(self, landmarks: Vectors, meshes: Vectors, looks: Vectors) -> Floats:
        """Of each class, (n, k): by the mesh (n, 58) where there is one, else by the landmarks (n, 68, 2); where it
        helps, also by what the crops look like (n, 48). Rows of NaN: it is not known."""
        seen = features.geometry(landmarks)
        rule = zero_label.probabilities(seen, self.names)
        found = rule if self.learned is None else self.learned.probabilities(seen, rule)
        has = np.isfinite(meshes).all(axis=1)
        if has.any() and (self.learned is None or self.by_mesh is not None):
            mesh_rule = mesh_features.probabilities(meshes[has], self.names)
            seen = mesh_features.with_mesh(meshes[has])
            found = found.copy()
            found[has] = mesh_rule if self.by_mesh is None else self.by_mesh.probabilities(seen, mesh_rule)
        known = np.isfinite(looks).all(axis=1) & (has | (not self.looks_on_mesh))
        if self.by_looks is not None and known.any():
            seen, rule = _base(landmarks[known], meshes[known], self.names, on_mesh=self.looks_on_mesh)
            found = found.copy()
            found[known] = self.by_looks.probabilities(looks_features.with_looks(seen, looks[known]), rule)
        return found


def learn(start: Learned) -> Lesson:
    """By landmarks and mesh alone; `try_looks` adds what the crops look like."""
    labels = start.labels
    seen = features.geometry(labels.landmarks)
    rule = zero_label.probabilities(seen, start.names)
    has = np.asarray(np.isfinite(labels.meshes).all(axis=1))
    mesh_rule = mesh_features.probabilities(labels.meshes[has], start.names)
    rules = rule.copy()
    rules[has] = mesh_rule
    if len(np.unique(labels.classes)) < LEAST_CLASSES:
        return Lesson(start.names, seen, rules, rules, None, None, has)
    learned, told = crossval.fit_calibrated(seen, rule, labels.classes, labels.groups, start.class_ids)
    if len(np.unique(labels.classes[has])) < LEAST_CLASSES:
        return Lesson(start.names, seen, rule, told, learned, None, has)
    by_mesh, told_mesh = crossval.fit_calibrated(
        mesh_features.with_mesh(labels.meshes[has]), mesh_rule, labels.classes[has], labels.groups[has],
        start.class_ids, mesh_features.STRENGTH,
    )  # fmt: skip
    told = told.copy()
    told[has] = told_mesh
    return Lesson(start.names, seen, rules, told, learned, by_mesh, has)


def try_looks(start: Learned, lesson: Lesson) -> Lesson:
    """The same lesson, with what crops look like where cross-validation says that it helps.

    Takes as long as `learn`. Tried beside the mesh where most labelled faces have one, else beside the landmarks.
    """
    labels = start.labels
    if lesson.learned is None or lesson.has_mesh is None:
        return lesson
    on_mesh = lesson.by_mesh is not None and bool(lesson.has_mesh.mean() >= MOSTLY)
    known = np.isfinite(labels.looks).all(axis=1) & (lesson.has_mesh | (not on_mesh))
    seen, rule = _base(labels.landmarks[known], labels.meshes[known], start.names, on_mesh=on_mesh)
    found = looks_features.try_looks(
        seen, labels.looks[known], rule, labels.classes[known], labels.groups[known], start.class_ids,
        mesh_features.STRENGTH if on_mesh else learner.STRENGTH, _told_already(lesson, known, on_mesh=on_mesh),
    )  # fmt: skip
    if found is None:
        return lesson
    tried, taken = found
    if taken is None:
        return replace(lesson, tried=tried)
    told = lesson.told.copy()
    told[known] = taken.told
    return replace(lesson, told=told, by_looks=taken.learned, looks_on_mesh=on_mesh, tried=tried)


def _told_already(lesson: Lesson, known: npt.NDArray[np.bool_], *, on_mesh: bool) -> Floats | None:
    """What was learned of the very same faces by the very same numbers, out of fold; None where some differ."""
    has = lesson.has_mesh
    alike = has is not None and bool(has.all() if on_mesh else lesson.by_mesh is None)
    return lesson.told if alike and known.all() else None


def _base(landmarks: Vectors, meshes: Vectors, names: tuple[str, ...], *, on_mesh: bool) -> tuple[Floats, Floats]:
    """The features that what crops look like is added to, and the zero-label rule by them."""
    if on_mesh:
        return mesh_features.with_mesh(meshes), mesh_features.probabilities(meshes, names)
    seen = features.geometry(landmarks)
    return seen, zero_label.probabilities(seen, names)
