"""Train the suggester on what people decided, and compute what it suggests for every face.

Runs in a process of its own, never in the server's. The new version is written beside the one in force, a block of
2,048 faces at a time, and takes over by one row: whoever kills it leaves the old version in force.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final

import numpy as np

from db.projection import looks
from db.projection.suggestions import BLOCK, Suggester
from db.store.locks import suggest_lock
from db.store.store import Store
from db.suggest import descriptors, meshes, models, slips, training
from db.suggest.comparison import known_seqs, store_held_out
from db.suggest.models import NewModel
from db.suggest.training import Learned
from db.tables.suggesters import OURS
from pipeline.actions.suggest.lesson import MOSTLY, Lesson, Vectors, learn, try_looks
from pipeline.actions.suggest.slips import scaled, update_slips, with_nearest
from pipeline.suggest import features, mesh_features, scores, zero_label
from pipeline.suggest.label_errors import Floats, Numbers
from pipeline.suggest.report import LooksTried, Point

SETTLED_AT_ONCE: Final = 500
FORGOTTEN_AT_ONCE: Final = 5_000
TRIED_ANEW: Final = 1.25
"""What crops look like is tried anew, where it is not looked at, once there are so many times as many labels."""
CURVE_ANEW: Final = 1.1
"""A learning curve is drawn anew once there are so many times as many labels."""
TRAINED_SHARE: Final = 0.8
"""Of the labels, at the last point of a learning curve: the others are what it is told of."""
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
        lesson, tried = _learn(store, start)
        version, faces = _put_in_force(store, start, lesson, annotator, show)
        taken_over = time.monotonic() - started
        if not tried:  # nobody waits for that: as it is seldom taken, what is suggested meanwhile is seldom less
            lesson = try_looks(start, lesson)
            if lesson.by_looks is not None:
                version, faces = _put_in_force(store, start, lesson, annotator, show)
        _prune(store, keep=version.model_id)
        show("scores", 0, 0)
        _tell_curve(store, version, start, lesson)
        _hold_out(store, version, start, lesson)
        _find_slips(store, start, lesson)
        return Trained(version, len(start.labels.seqs), faces, time.monotonic() - started, taken_over)


def _learn(store: Store, start: Learned) -> tuple[Lesson, bool]:
    """What is to be in force at once, and whether it is settled if it looks at what crops look like.

    Where the version before does, so does this one, if it still helps: learning by it is the trial. Where it does not,
    what was found last holds until there are a quarter more labels.
    """
    lesson = learn(start)
    if store.read(models.looks_are_used):
        return try_looks(start, lesson), True
    found = _last_trial(store, start)
    return replace(lesson, tried=found), found is not None


def _last_trial(store: Store, start: Learned) -> LooksTried | None:
    """None where it is due."""
    before = store.read(lambda db: models.newest(db, OURS))
    if before is None or before.classes != start.class_ids or not before.report.get("looks"):
        return None
    found = LooksTried(**before.report["looks"])
    described = int(np.count_nonzero(np.isfinite(start.labels.looks).all(axis=1)))
    return found if not found.taken and found.faces / TRIED_ANEW < described < TRIED_ANEW * found.faces else None


def _put_in_force(
    store: Store, start: Learned, lesson: Lesson, annotator: str | None, show: Show
) -> tuple[Suggester, int]:
    """The new version, and for how many faces it suggests something."""
    version = store.write(lambda db: models.begin(db, _new_model(start, lesson, annotator)))
    return version, _suggest(store, version, lesson, start.last, show)


def _new_model(start: Learned, lesson: Lesson, annotator: str | None) -> NewModel:
    learned = lesson.learned
    return NewModel(
        OURS,
        "zero_label" if learned is None else "learned",
        start.class_ids,
        (
            *features.GEOMETRY,
            *(mesh_features.FEATURES if lesson.by_mesh is not None else ()),
            *(features.LOOKS if lesson.by_looks is not None else ()),
        ),
        start.head,
        0 if learned is None else len(start.labels.seqs),
        annotator,
        _parameters(lesson),
        _report(start, lesson, ()),
    )


def _parameters(lesson: Lesson) -> dict[str, Any]:
    """The classifier's; of the ones by the mesh and by looks under `mesh` and `looks`."""
    if lesson.learned is None:
        return {}
    by_mesh = {} if lesson.by_mesh is None else {"mesh": json.loads(lesson.by_mesh.to_json())}
    by_looks = {} if lesson.by_looks is None else {"looks": json.loads(lesson.by_looks.to_json())}
    return {**json.loads(lesson.learned.to_json()), **by_mesh, **by_looks}


def _suggest(store: Store, version: Suggester, lesson: Lesson, last: int, show: Show) -> int:
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
            looks = _looks_of(store, lesson, seqs.tolist())
            values[seqs % BLOCK] = lesson.probabilities(landmarks, found_of, looks)
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


def _looks_of(store: Store, lesson: Lesson, seqs: list[int]) -> Vectors:
    """(n, 48); read only where they are looked at."""
    if lesson.by_looks is None:
        return np.full((len(seqs), descriptors.NUMBERS), np.nan, np.float32)
    return store.read(partial(descriptors.of_faces, seqs=seqs))


def _prune(store: Store, keep: int) -> None:
    while store.write(lambda db: models.prune(db, OURS, keep)):
        pass


def _report(start: Learned, lesson: Lesson, curve: tuple[Point, ...]) -> dict[str, Any]:
    found = scores.report(start.labels.classes, lesson.told, lesson.rule, start.class_ids, curve)
    report: dict[str, Any] = {} if found is None else json.loads(replace(found, looks=lesson.tried).to_json())
    return report


def _curve(start: Learned, lesson: Lesson) -> tuple[Point, ...]:
    """By the mesh where most labelled faces have one, else by the landmarks."""
    labels = start.labels
    seen, rule, rows = lesson.seen, zero_label.probabilities(lesson.seen, start.names), np.arange(len(labels.seqs))
    if lesson.by_mesh is not None and lesson.has_mesh is not None and lesson.has_mesh.mean() >= MOSTLY:
        rows = np.flatnonzero(lesson.has_mesh)
        seen = mesh_features.with_mesh(labels.meshes[rows])
        rule = mesh_features.probabilities(labels.meshes[rows], start.names)
    return scores.learning_curve(seen, rule, labels.classes[rows], labels.groups[rows], start.class_ids)


def _tell_curve(store: Store, version: Suggester, start: Learned, lesson: Lesson) -> None:
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


def _hold_out(store: Store, version: Suggester, start: Learned, lesson: Lesson) -> None:
    """What suggesters are compared by: a version has learned the answers that are known."""
    if lesson.learned is not None:
        known = np.isin(start.labels.seqs, store.read(known_seqs))
        seqs, told = start.labels.seqs[known], lesson.told[known]
        store.write(lambda db: store_held_out(db, version.model_id, seqs, start.class_ids, told))


def _find_slips(store: Store, start: Learned, lesson: Lesson) -> None:
    """Also among labels that it did not learn from: a page that was confirmed unseen is where slips hide."""
    labels = start.labels
    others, landmarks = store.read(partial(slips.landmarks_of_others, learned=labels.seqs.tolist()))
    by_mesh = store.read(partial(meshes.of_faces, seqs=others.tolist()))
    described = store.read(partial(descriptors.of_faces, seqs=others.tolist()))
    others_told = lesson.probabilities(landmarks, by_mesh, described)
    told = np.concatenate(with_nearest(start, lesson.told, others_told, described))
    seen = np.concatenate([lesson.seen, features.geometry(landmarks)])
    groups = np.concatenate([labels.groups, -1 - np.arange(len(others))])
    seqs = np.concatenate([labels.seqs, others])
    update_slips(store, seqs, start.class_ids, told, _shown_looks(store, seqs, seen), groups)


def _shown_looks(store: Store, seqs: Numbers, geometry: Floats) -> Floats:
    """What each mouth looks like, (n, d): its description, NaN where it has none; the geometry while most have none."""
    found = store.read(looks.stored)
    rows = np.full((len(seqs), looks.DIMENSIONS), np.nan)
    inside = np.flatnonzero(seqs < len(found.known))
    at = inside[found.known[seqs[inside]]]
    rows[at] = found.rows[seqs[at]]
    return rows if len(at) >= MOSTLY * len(seqs) else scaled(geometry)
