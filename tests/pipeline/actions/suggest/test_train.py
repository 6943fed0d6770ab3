"""From landmarks and decisions to suggestions in force, in the background; and that they stay suggestions."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from db.decisions.log import apply_ops
from db.decisions.verify import verify
from db.images.erase import erase
from db.projection import suggestions
from db.reads.counts import workspace_counts
from db.reads.export_items import accepted_items
from db.store.locks import suggest_lock
from db.store.store import Db, Store
from db.suggest import models, training
from db.tables import classes, suggesters
from pipeline.actions.suggest.train import train
from pipeline.core.errors import BusyError
from pipeline.core.records import Verdict
from pipeline.suggest import scores
from pipeline.suggest.learned import Learned
from tests.db.fresh import open_fresh
from tests.db.make import decide
from tests.db.suggest.make import seq_of
from tests.pipeline.actions.suggest.mouths import add_mouths, label, landmarks
from tests.pipeline.commands import environment


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_fresh(tmp_path / "w") as opened:
        yield opened


def names(store: Store) -> dict[int, str]:
    return {one.id: one.name for one in store.read(classes.list_classes)}


def ids(store: Store) -> dict[str, int]:
    return {name: number for number, name in names(store).items()}


def suggested(store: Store, faces: list[str]) -> list[str | None]:
    """The names of the classes that are suggested."""

    def read(db: Db) -> list[int | None]:
        seqs = [seq_of(db, face) for face in faces]
        found = suggestions.of_faces(db, seqs)
        return [found[seq].class_id if seq in found else None for seq in seqs]

    return [None if one is None else names(store)[one] for one in store.read(read)]


def test_with_no_label_the_rule_suggests_for_every_face(store: Store) -> None:
    faces = add_mouths(store, 6)
    done = train(store)
    assert (done.version.kind, done.version.version, done.labels, done.faces) == ("zero_label", 1, 0, 6)
    assert suggested(store, faces) == ["smile", "none"] * 3


def test_what_people_decide_is_learned(store: Store) -> None:
    """They call wide mouths pouts: no rule would."""
    faces = add_mouths(store, 160)
    train(store)
    number = ids(store)
    label(store, faces[:120], number["pout"], number["smile"])
    done = train(store)
    assert (done.version.kind, done.version.version, done.labels, done.faces) == ("learned", 2, 120, 160)
    assert suggested(store, faces[120:]) == ["pout", "smile"] * 20
    model = store.read(lambda db: models.newest(db, "moue"))
    assert model is not None
    assert Learned.from_json(json.dumps(model.parameters)).classes == tuple(number.values())
    assert model.head.startswith("120:")
    assert model.report["n"] == 120
    assert model.report["accuracy"] == 1.0
    assert len(model.report["curve"]) > 1


def test_suggestions_are_no_decisions_and_are_never_exported(store: Store) -> None:
    faces = add_mouths(store, 8)
    label(store, faces[:2], 1, 2)
    before = store.read(accepted_items)
    head = store.read(lambda db: db.execute("SELECT max(seq), max(hash) FROM decisions").fetchone())
    train(store)
    assert suggested(store, faces[2:]) == ["smile", "none"] * 3
    assert store.read(accepted_items) == before
    assert {item.face_id for item in before} == set(faces[:2])
    assert store.read(lambda db: db.execute("SELECT max(seq), max(hash) FROM decisions").fetchone()) == head
    counts = store.read(workspace_counts)
    assert (counts.accepted, counts.undecided) == (2, 6)
    assert store.read(verify) == []


def test_one_class_alone_teaches_nothing(store: Store) -> None:
    faces = add_mouths(store, 6)
    label(store, faces, 2, 2)
    assert train(store).version.kind == "zero_label"


@pytest.mark.parametrize("confirmed", ["", '"confirmed":{"in_batch":true},'])
def test_what_was_not_on_the_screen_is_not_learned_from(store: Store, confirmed: str) -> None:
    faces = add_mouths(store, 6)
    label(store, faces, 2, 1)

    def hide(db: Db) -> None:
        db.execute("DROP TRIGGER IF EXISTS decisions_no_update")
        context = f'{{{confirmed}"off_screen":true}}'
        db.execute("UPDATE decisions SET context = ? WHERE face_id = ?", [context, faces[0]])

    store.write(hide)
    seqs = store.read(lambda db: [seq_of(db, face) for face in faces[1:]])
    assert sorted(store.read(training.labels).seqs.tolist()) == sorted(seqs)


def test_what_a_page_confirmed_and_what_a_rule_decided_is_not_learned_from(store: Store) -> None:
    faces = add_mouths(store, 6)
    label(store, faces, 2, 1)
    assert len(store.read(training.labels).seqs) == 6
    by_page = '{"confirmed":{"suggester":"moue","version":1,"probability":0.97}}'

    def confirm(db: Db) -> None:
        db.execute("DROP TRIGGER IF EXISTS decisions_no_update")
        db.execute("UPDATE decisions SET context = ? WHERE face_id = ?", [by_page, faces[0]])
        db.execute("UPDATE decisions SET annotator = 'rule: small' WHERE face_id = ?", [faces[1]])

    store.write(lambda db: db.execute("INSERT INTO annotators VALUES ('rule: small', '')"))
    store.write(confirm)
    seqs = store.read(lambda db: [seq_of(db, face) for face in faces[2:]])
    assert sorted(store.read(training.labels).seqs.tolist()) == sorted(seqs)


def test_the_learning_curve_is_drawn_anew_with_a_tenth_more_labels(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    faces = add_mouths(store, 120)
    drawn = []
    curve = scores.learning_curve
    monkeypatch.setattr(scores, "learning_curve", lambda *given: drawn.append(len(given[2])) or curve(*given))
    for until in (80, 84, 96):
        first = store.read(lambda db: workspace_counts(db).accepted)
        label(store, faces[first:until], 2, 1)
        train(store)
    assert drawn == [80, 96]
    reports = store.read(lambda db: [models.of_version(db, "moue", number) for number in (1, 2, 3)])
    points = [one.report["curve"][-1]["labels"] for one in reports if one]
    assert points == [64, 64, 77]
    assert [one.report["n"] for one in reports if one] == [80, 84, 96]


def test_when_a_training_is_due(store: Store) -> None:
    def due() -> bool:
        return store.read(training.is_due)

    assert not due()  # no face
    faces = add_mouths(store, 60)
    assert due()
    train(store)
    assert not due()
    label(store, faces[:24], 2, 1)
    assert not due()
    label(store, faces[24:25], 2, 1)
    assert due()
    train(store)
    assert not due()
    store.write(
        lambda db: apply_ops(db, "rule: dark", [decide(db, one, Verdict.REJECT) for one in faces[30:]]) and None
    )
    assert not due()
    add_mouths(store, 1, first=900)
    assert due()
    store.write(lambda db: suggesters.switch(db, False))
    assert not due()
    store.write(lambda db: suggesters.switch(db, True))
    train(store)
    store.write(lambda db: classes.add_class(db, "grin") and None)
    assert due()


def test_a_face_that_changed_is_suggested_anew(store: Store) -> None:
    faces = add_mouths(store, 4)
    train(store)
    wide = landmarks(1.3).tobytes()
    store.write(lambda db: db.execute("UPDATE faces SET landmarks = ? WHERE id = ?", [wide, faces[1]]) and None)
    assert suggested(store, faces) == ["smile", None, "smile", "none"]
    assert store.read(training.is_due)
    train(store)
    assert suggested(store, faces) == ["smile", "smile", "smile", "none"]
    assert not store.read(training.is_due)


def meanwhile(monkeypatch: pytest.MonkeyPatch, store: Store, work: Any) -> None:
    """Let `work` be written between the reading of landmarks and the writing of what comes of them."""
    read = training.landmarks_of_block

    def read_then_work(db: Db, block: int) -> Any:
        found = read(db, block)
        store.write(work)
        return found

    monkeypatch.setattr(training, "landmarks_of_block", read_then_work)


def test_a_face_that_changes_meanwhile_waits_for_the_next_training(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    faces = add_mouths(store, 2)
    train(store)
    wide = landmarks(1.3).tobytes()
    with monkeypatch.context() as patched:
        change = partial(_set_landmarks, face=faces[1], points=wide)
        meanwhile(patched, store, change)
        train(store)
    assert suggested(store, faces) == ["smile", None]
    assert store.read(training.is_due)
    train(store)
    assert suggested(store, faces) == ["smile", "smile"]


def _set_landmarks(db: Db, face: str, points: bytes) -> None:
    db.execute("UPDATE faces SET landmarks = ? WHERE id = ?", [points, face])


def test_a_face_that_is_erased_meanwhile_is_in_no_block(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    faces = add_mouths(store, 3)
    seq, sha256 = store.read(lambda db: db.execute("SELECT seq, sha256 FROM faces WHERE id = ?", [faces[1]]).fetchone())
    with monkeypatch.context() as patched:
        meanwhile(patched, store, lambda db: erase(db, sha256) and None)
        train(store)
    (data,) = store.read(lambda db: db.execute("SELECT data FROM suggestion_blocks").fetchone())
    rows = np.frombuffer(data, "<u2").reshape(2048, -1)
    assert [bool(row.any()) for row in rows[seq - 1 : seq + 2]] == [True, False, True]
    assert not store.read(training.is_due)


def test_only_the_newest_version_keeps_its_blocks(store: Store) -> None:
    add_mouths(store, 2)
    for _ in range(3):
        train(store)
    rows = store.read(lambda db: db.execute("SELECT DISTINCT version FROM suggestion_blocks JOIN suggestion_models"
                                            " ON id = model_id").fetchall())  # fmt: skip
    assert rows == [(3,)]
    kept = store.read(lambda db: db.execute("SELECT version FROM suggestion_models ORDER BY version").fetchall())
    assert kept == [(1,), (2,), (3,)]


KILLED = """
import os, signal, sys
from pathlib import Path
from db.store.store import Store
from db.suggest import models
from pipeline.actions.suggest.train import train
models.take_over = lambda db, model_id: os.kill(os.getpid(), signal.SIGKILL)
with Store.open(Path(sys.argv[1])) as store:
    train(store)
"""


def test_killed_at_the_last_moment_the_version_before_stays_in_force(store: Store) -> None:
    faces = add_mouths(store, 4)
    train(store)
    label(store, faces, 4, 3)
    line = [sys.executable, "-c", KILLED, str(store.root)]
    done = subprocess.run(
        line,
        env=environment(),
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == -9
    in_force = store.read(suggestions.in_force)
    assert in_force is not None
    assert in_force.version == 1
    assert suggested(store, faces) == ["smile", "none"] * 2
    assert store.read(training.is_due)
    assert store.read(verify) == []
    assert train(store).version.kind == "learned"
    kept = store.read(lambda db: db.execute("SELECT ready, count(*) FROM suggestion_models GROUP BY 1").fetchall())
    assert kept == [(1, 2)]
    assert not store.read(training.is_due)


def test_two_trainings_at_once_are_refused(store: Store) -> None:
    add_mouths(store, 2)
    with suggest_lock(store.root), pytest.raises(BusyError, match="another process"):
        train(store)
