"""What crops look like is learned from where cross-validation says that it helps, and left out where it does not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from db.decisions.log import apply_ops
from db.projection import suggestions
from db.store.store import Db, Store
from db.suggest import descriptors, models, training
from db.tables.suggesters import OURS
from pipeline.actions.suggest import lesson
from pipeline.actions.suggest import train as training_action
from pipeline.actions.suggest.classifier import current_classifier
from pipeline.actions.suggest.lesson import Lesson, learn, try_looks
from pipeline.actions.suggest.train import train
from pipeline.suggest import crossval
from pipeline.suggest.features import LEAST_FOR_LOOKS as LEAST
from pipeline.suggest.features import LOOKS
from pipeline.suggest.report import Report
from tests.db.fresh import open_fresh
from tests.db.make import decide
from tests.db.suggest.make import seq_of
from tests.pipeline.actions.suggest.mouths import add_mouths, describe, own_classes


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_fresh(tmp_path / "w") as opened:
        yield opened


def answered(store: Store, faces: list[str], classes: list[int]) -> None:
    def work(db: Db) -> None:
        ops = [decide(db, face, class_id=class_id) for face, class_id in zip(faces, classes, strict=True)]
        assert {one.status for one in apply_ops(db, "Ann", ops)} == {"saved"}

    store.write(work)


def tried_now(store: Store) -> Lesson:
    start = store.read(training.read)
    return try_looks(start, learn(start))


def the_report(store: Store) -> Report:
    model = store.read(lambda db: models.newest(db, OURS))
    assert model is not None
    return Report.from_json(json.dumps(model.report))


@pytest.mark.parametrize(("number", "n"), [(2, 140), (20, 500)])
def test_classes_that_geometry_does_not_separate_are_told_by_looks(store: Store, number: int, n: int) -> None:
    """Also of faces that nobody labelled; one without a vector is suggested by geometry all the same."""
    ids, faces = own_classes(store, number), add_mouths(store, n)
    kinds = np.arange(n) // 2 % number  # not what the mouth's width tells, which goes by turns
    describe(store, faces, kinds, 6.0)
    learned = n - 30
    answered(store, faces[:learned], [ids[kind] for kind in kinds[:learned].tolist()])
    store.write(lambda db: db.execute("DELETE FROM descriptors WHERE seq = ?", [seq_of(db, faces[-1])]))
    train(store)
    report = the_report(store)
    assert report.looks is not None
    assert report.looks.taken
    assert (report.looks.faces, report.looks.having > 0.85) == (learned, True)
    assert report.looks.without < 1.6 / number
    assert report.accuracy == pytest.approx(report.looks.having)
    seqs = store.read(lambda db: [seq_of(db, face) for face in faces[learned:]])
    found = store.read(lambda db: suggestions.of_faces(db, seqs))
    right = [found[seq].class_id == ids[kind] for seq, kind in zip(seqs, kinds[learned:].tolist(), strict=True)]
    assert np.mean(right[:-1]) > 0.8
    assert seqs[-1] in found
    model = store.read(lambda db: models.newest(db, OURS))
    assert model is not None
    assert set(LOOKS) < set(model.features)
    assert store.read(models.looks_are_used)
    told = current_classifier(store)  # the file has no crops to look at
    assert told.learned is not None
    assert told.report == {"n": learned, "accuracy": report.looks.without}


def test_where_they_tell_nothing_they_are_left_out(store: Store) -> None:
    """Twelve columns of noise beside a width that tells all; the numbers are told."""
    ids, faces = own_classes(store, 2), add_mouths(store, 150)
    describe(store, faces, np.arange(150) % 2, 0.0)
    answered(store, faces, [ids[number % 2] for number in range(150)])
    train(store)
    report = the_report(store)
    assert report.looks is not None
    assert not report.looks.taken
    assert report.looks.without > 0.95
    assert report.accuracy == pytest.approx(report.looks.without)
    assert not store.read(models.looks_are_used)


def test_few_labels_or_few_vectors_are_not_tried(store: Store) -> None:
    ids, faces = own_classes(store, 2), add_mouths(store, LEAST + 10)
    kinds = np.arange(len(faces)) // 2 % 2
    describe(store, faces, kinds, 6.0)
    answered(store, faces[: LEAST - 1], [ids[kind] for kind in kinds[: LEAST - 1].tolist()])
    assert tried_now(store).tried is None
    answered(store, faces[LEAST - 1 : LEAST], [ids[int(kinds[LEAST - 1])]])
    tried = tried_now(store).tried
    assert tried is not None
    assert tried.taken
    store.write(lambda db: db.execute("UPDATE descriptors SET data = x'' WHERE seq = ?", [seq_of(db, faces[0])]))
    assert tried_now(store).tried is None


def test_vectors_of_another_basis_count_no_more(store: Store) -> None:
    faces = add_mouths(store, 4)
    describe(store, faces, np.zeros(4, int), 0.0)
    seqs = store.read(lambda db: [seq_of(db, face) for face in faces])
    found = store.read(lambda db: descriptors.of_faces(db, [seqs[2], seqs[0], 999]))
    data = store.read(lambda db: db.execute("SELECT data FROM descriptors ORDER BY seq").fetchall())
    assert found[0].tolist() == np.frombuffer(data[2][0], "<f2").tolist()
    assert np.isnan(found[2]).all()
    store.write(lambda db: db.execute("INSERT INTO descriptor_bases (version, faces, data) VALUES ('x', 1, x'00')"))
    assert np.isnan(store.read(lambda db: descriptors.of_faces(db, seqs))).all()


def test_the_trial_of_looks_takes_what_was_just_learned_without_them(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same faces by the same numbers: cross-validated once, not twice."""
    ids, faces = own_classes(store, 2), add_mouths(store, LEAST + 20)
    kinds = np.arange(len(faces)) // 2 % 2
    describe(store, faces, kinds, 6.0)
    answered(store, faces, [ids[kind] for kind in kinds.tolist()])
    start, widths, real = store.read(training.read), [], crossval.fit_calibrated

    def counted(features: np.ndarray, *more: object) -> object:
        widths.append(features.shape[1])
        return real(features, *more)  # type: ignore[arg-type]

    monkeypatch.setattr(crossval, "fit_calibrated", counted)
    found = try_looks(start, learn(start))
    assert sorted(set(widths)) == sorted(widths)
    assert found.tried is not None
    monkeypatch.setattr(lesson, "_told_already", lambda *_args, **_more: None)
    assert try_looks(start, learn(start)).tried == found.tried
    assert len(widths) == 2 + 3


@pytest.fixture
def trials(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """For each trial how many labels there were."""
    found: list[int] = []

    def counted(start: training.Learned, before: Lesson) -> Lesson:
        found.append(len(start.labels.seqs))
        return try_looks(start, before)

    monkeypatch.setattr(training_action, "try_looks", counted)
    return found


def test_looks_that_were_no_help_are_tried_anew_with_a_quarter_more_labels(store: Store, trials: list[int]) -> None:
    """Until then the numbers of the last trial are told, with how many faces they are of."""
    ids, faces = own_classes(store, 2), add_mouths(store, 200)
    describe(store, faces, np.arange(200) % 2, 0.0)
    told = []
    for first, last in ((0, 120), (120, 149), (149, 151), (151, 160)):
        answered(store, faces[first:last], [ids[number % 2] for number in range(first, last)])
        train(store)
        looks = the_report(store).looks
        assert looks is not None
        told.append(looks.faces)
    assert trials == [120, 151]
    assert told == [120, 120, 151, 151]


def test_nobody_waits_for_the_trial(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was learned without looks is in force before they are tried; where they help, a second version follows."""
    ids, faces = own_classes(store, 2), add_mouths(store, 140)
    kinds = np.arange(140) // 2 % 2
    describe(store, faces, kinds, 6.0)
    answered(store, faces, [ids[kind] for kind in kinds.tolist()])
    in_force: list[suggestions.Suggester | None] = []

    def seen(start: training.Learned, before: Lesson) -> Lesson:
        in_force.append(store.read(suggestions.in_force))
        return try_looks(start, before)

    monkeypatch.setattr(training_action, "try_looks", seen)
    made = train(store)
    assert made.version.version == 2
    assert [one and one.version for one in in_force] == [1]
    assert store.read(models.looks_are_used)
    answered(store, faces[:1], [ids[1]])
    assert train(store).version.version == 3  # it looks from the beginning, and that is the trial
    assert store.read(models.looks_are_used)
    assert [one and one.version for one in in_force] == [1, 2]
