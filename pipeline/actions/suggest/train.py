"""Train the suggester on what people decided, and compute what it suggests for every face.

Runs in a process of its own, never in the server's. The new version is written beside the one in force, a block of
2,048 faces at a time, and takes over by one row: whoever kills it leaves the old version in force.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from db.projection.suggestions import BLOCK, Suggester
from db.store.locks import suggest_lock
from db.store.store import Store
from db.suggest import meshes, models, slips, training
from db.suggest.comparison import known_seqs, store_held_out
from db.suggest.models import NewModel
from db.suggest.training import Learned
from db.tables.suggesters import OURS
from pipeline.actions.suggest.slips import update_slips
from pipeline.suggest import crossval, features, mesh_features, scores, zero_label
from pipeline.suggest.features import Floats
from pipeline.suggest.learned import Learned as Classifier
from pipeline.suggest.report import Point

SETTLED_AT_ONCE: Final = 500
FORGOTTEN_AT_ONCE: Final = 5_000
CURVE_ANEW: Final = 1.1
"""A learning curve is drawn anew once there are so many times as many labels."""
TRAINED_SHARE: Final = 0.8
"""Of the labels, at the last point of a learning curve: the others are what it is told of."""
LEAST_CLASSES: Final = 2
"""Classes with labels below which nothing can be learned, and the zero-label rule alone suggests."""
MOSTLY: Final = 0.9
"""The share of labelled faces with a mesh from which the learning curve is that of the mesh."""

Show = Callable[[str, int, int], object]
"""Called with what is being done, how many faces are done, and how many there are."""


@dataclass(frozen=True, slots=True)
class Trained:
    """A version that is in force now. labels: that there were. faces: for how many it suggests a class. seconds: all
    of it; to_take_over: until the suggestions were the new ones."""

    version: Suggester
    labels: int
    faces: int
    seconds: float
    to_take_over: float


@dataclass(frozen=True, slots=True)
class _Lesson:
    """What was learned. names: of the classes. seen, rule, told: of each label its features, (n, d), what the
    zero-label rule says of it and what a version says that never saw its group, both (n, k). learned: None where there
    is too little to learn from, and the rule alone suggests. by_mesh: of the faces with a mesh, None likewise.
    has_mesh: which labelled faces have one, (n,)."""

    names: tuple[str, ...]
    seen: Floats
    rule: Floats
    told: Floats
    learned: Classifier | None
    by_mesh: Classifier | None = None
    has_mesh: npt.NDArray[np.bool_] | None = None

    def probabilities(self, landmarks: npt.NDArray[np.float32], meshes: npt.NDArray[np.float32]) -> Floats:
        """Of each class, (n, k): by the mesh (n, 58) where there is one, else by the landmarks (n, 68, 2)."""
        seen = features.geometry(landmarks)
        rule = zero_label.probabilities(seen, self.names)
        found = rule if self.learned is None else self.learned.probabilities(seen, rule)
        has = np.isfinite(meshes).all(axis=1)
        if has.any() and (self.learned is None or self.by_mesh is not None):
            mesh_rule = mesh_features.probabilities(meshes[has], self.names)
            seen = mesh_features.with_mesh(meshes[has])
            found = found.copy()
            found[has] = mesh_rule if self.by_mesh is None else self.by_mesh.probabilities(seen, mesh_rule)
        return found


def train(store: Store, *, annotator: str | None = None, show: Show = lambda phase, done, total: None) -> Trained:
    """Train, suggest for all faces, take over, and look for possible slips among the labels.

    annotator: who asked for it, None: the server by itself. Raises BusyError while another process does it,
    StorageError.
    """
    with suggest_lock(store.root):
        started = time.monotonic()
        show("learning", 0, 0)
        _prune(store, keep=0)
        start = store.read(training.read)
        lesson = _learn(start)
        version = store.write(lambda db: models.begin(db, _new_model(start, lesson, annotator)))
        faces = _suggest(store, version, lesson, start.last, show)
        taken_over = time.monotonic() - started
        _prune(store, keep=version.model_id)
        show("scores", 0, 0)
        _tell_curve(store, version, start, lesson)
        _hold_out(store, version, start, lesson)
        _find_slips(store, start, lesson)
        return Trained(version, len(start.labels.seqs), faces, time.monotonic() - started, taken_over)


def _learn(start: Learned) -> _Lesson:
    labels = start.labels
    seen = features.geometry(labels.landmarks)
    rule = zero_label.probabilities(seen, start.names)
    has = np.asarray(np.isfinite(labels.meshes).all(axis=1))
    mesh_rule = mesh_features.probabilities(labels.meshes[has], start.names)
    rules = rule.copy()
    rules[has] = mesh_rule
    if len(np.unique(labels.classes)) < LEAST_CLASSES:
        return _Lesson(start.names, seen, rules, rules, None, None, has)
    learned, told = crossval.fit_calibrated(seen, rule, labels.classes, labels.groups, start.class_ids)
    if len(np.unique(labels.classes[has])) < LEAST_CLASSES:
        return _Lesson(start.names, seen, rule, told, learned)
    by_mesh, told_mesh = crossval.fit_calibrated(
        mesh_features.with_mesh(labels.meshes[has]), mesh_rule, labels.classes[has], labels.groups[has],
        start.class_ids, mesh_features.STRENGTH,
    )  # fmt: skip
    told = told.copy()
    told[has] = told_mesh
    return _Lesson(start.names, seen, rules, told, learned, by_mesh, has)


def _new_model(start: Learned, lesson: _Lesson, annotator: str | None) -> NewModel:
    learned = lesson.learned
    return NewModel(
        OURS,
        "zero_label" if learned is None else "learned",
        start.class_ids,
        (*features.GEOMETRY, *(mesh_features.FEATURES if lesson.by_mesh is not None else ())),
        start.head,
        0 if learned is None else len(start.labels.seqs),
        annotator,
        _parameters(lesson),
        _report(start, lesson, ()),
    )


def _parameters(lesson: _Lesson) -> dict[str, Any]:
    """The classifier's; of the one by the mesh under `mesh`."""
    if lesson.learned is None:
        return {}
    by_mesh = {} if lesson.by_mesh is None else {"mesh": json.loads(lesson.by_mesh.to_json())}
    return {**json.loads(lesson.learned.to_json()), **by_mesh}


def _suggest(store: Store, version: Suggester, lesson: _Lesson, last: int, show: Show) -> int:
    """Write all blocks and take over; returns for how many faces something is suggested."""
    while store.write(lambda db: training.forget_new(db, FORGOTTEN_AT_ONCE)):
        pass
    changed = dict.fromkeys(store.read(training.changed), b"")
    found = 0
    for block in range(last // BLOCK + 1):
        seqs, landmarks = store.read(partial(training.landmarks_of_block, block=block))
        values = np.zeros((BLOCK, len(version.classes)))
        if len(seqs):
            found_of = store.read(partial(meshes.of_faces, seqs=seqs.tolist()))
            values[seqs % BLOCK] = lesson.probabilities(landmarks, found_of)
            changed |= {int(seq): landmarks[at].tobytes() for at, seq in enumerate(seqs) if int(seq) in changed}
            store.write(partial(models.put_block, model_id=version.model_id, block=block, probabilities=values))
        found += int(np.count_nonzero(values.any(axis=1)))
        show("suggesting", min(last, (block + 1) * BLOCK), last)
    store.write(lambda db: models.take_over(db, version.model_id))
    pairs = list(changed.items())
    for first in range(0, len(pairs), SETTLED_AT_ONCE):
        some = dict(pairs[first : first + SETTLED_AT_ONCE])
        store.write(partial(training.settle_changed, read_then=some))
    return found


def _prune(store: Store, keep: int) -> None:
    while store.write(lambda db: models.prune(db, OURS, keep)):
        pass


def _report(start: Learned, lesson: _Lesson, curve: tuple[Point, ...]) -> dict[str, Any]:
    found = scores.report(start.labels.classes, lesson.told, lesson.rule, start.class_ids, curve)
    report: dict[str, Any] = {} if found is None else json.loads(found.to_json())
    return report


def _curve(start: Learned, lesson: _Lesson) -> tuple[Point, ...]:
    """By the mesh where most labelled faces have one, else by the landmarks."""
    labels = start.labels
    seen, rule, rows = lesson.seen, zero_label.probabilities(lesson.seen, start.names), np.arange(len(labels.seqs))
    if lesson.by_mesh is not None and lesson.has_mesh is not None and lesson.has_mesh.mean() >= MOSTLY:
        rows = np.flatnonzero(lesson.has_mesh)
        seen = mesh_features.with_mesh(labels.meshes[rows])
        rule = mesh_features.probabilities(labels.meshes[rows], start.names)
    return scores.learning_curve(seen, rule, labels.classes[rows], labels.groups[rows], start.class_ids)


def _tell_curve(store: Store, version: Suggester, start: Learned, lesson: _Lesson) -> None:
    """The learning curve takes many trainings: it is added once the version is in force, and kept for the next ones
    until there are a tenth more labels."""
    if lesson.learned is None:
        return
    labels = start.labels
    curve = _known_curve(store, version, len(labels.seqs)) or _curve(start, lesson)
    report = _report(start, lesson, curve)
    store.write(lambda db: models.put_report(db, version.model_id, report))


def _known_curve(store: Store, version: Suggester, labels: int) -> tuple[Point, ...]:
    """That of the version before, while it is of nearly as many labels and of the same classes."""
    before = store.read(lambda db: models.of_version(db, version.name, version.version - 1))
    if before is None or before.classes != version.classes or not before.report.get("curve"):
        return ()
    curve = tuple(Point(**one) for one in before.report["curve"])
    return curve if labels < CURVE_ANEW * curve[-1].labels / TRAINED_SHARE else ()


def _hold_out(store: Store, version: Suggester, start: Learned, lesson: _Lesson) -> None:
    """What suggesters are compared by: a version has learned the answers that are known."""
    if lesson.learned is not None:
        known = np.isin(start.labels.seqs, store.read(known_seqs))
        seqs, told = start.labels.seqs[known], lesson.told[known]
        store.write(lambda db: store_held_out(db, version.model_id, seqs, start.class_ids, told))


def _find_slips(store: Store, start: Learned, lesson: _Lesson) -> None:
    """Also among labels that it did not learn from: a page that was confirmed unseen is where slips hide."""
    labels = start.labels
    others, landmarks = store.read(partial(slips.landmarks_of_others, learned=labels.seqs.tolist()))
    told, seen = lesson.told, lesson.seen
    if len(others):
        by_mesh = store.read(partial(meshes.of_faces, seqs=others.tolist()))
        told = np.concatenate([told, lesson.probabilities(landmarks, by_mesh)])
        seen = np.concatenate([seen, features.geometry(landmarks)])
    groups = np.concatenate([labels.groups, -1 - np.arange(len(others))])
    update_slips(store, np.concatenate([labels.seqs, others]), start.class_ids, told, seen, groups)
