"""Faces are counted alike with numpy and without, whatever waits to be compacted."""

from __future__ import annotations

from collections import Counter

import pytest

from db.decisions.log import apply_ops
from db.projection import columns
from db.projection.columns import Faces
from db.reads import face_counts
from db.reads.counts import count_landmarks, workspace_counts
from db.reads.face_counts import count_states, count_values, count_waiting
from db.store.store import Db, Store
from pipeline.core.metrics import MISSING
from pipeline.core.records import Verdict
from tests.db.make import add_images, decide

BY_SQL = "SELECT count(*) FROM face_state WHERE ifnull(verdict, '') = ?"


@pytest.fixture
def some_faces(store: Store) -> Store:
    """Faces in every state, of which some changes are compacted and some are not."""
    faces = add_images(store, [f"i{n}" for n in range(6)], faces=2)

    def first(db: Db) -> None:
        apply_ops(db, "Ann", [decide(db, face, class_id=3) for face in faces[:4]])
        columns.compact(db)

    def then(db: Db) -> None:
        ops = [decide(db, faces[4], Verdict.REJECT), decide(db, faces[5], Verdict.UNSURE), decide(db, faces[0])]
        apply_ops(db, "Ann", ops)

    store.write(first)
    store.write(then)
    return store


def counted(store: Store, name: str) -> list[int]:
    """A column by numpy."""
    found: list[int] = store.read(lambda db: Faces(db).column(name).tolist())
    return found


@pytest.mark.parametrize("few", [True, False])
def test_states_are_those_of_the_table(some_faces: Store, monkeypatch: pytest.MonkeyPatch, few: bool) -> None:
    monkeypatch.setattr(face_counts, "FEW", face_counts.FEW if few else 0)
    states = some_faces.read(count_states)

    def by_table(db: Db) -> tuple[int, ...]:
        return tuple(db.execute(BY_SQL, [verdict]).fetchone()[0] for verdict in ("", "reject", "unsure", "accept"))

    undecided, rejected, unsure, accepted = some_faces.read(by_table)
    assert undecided > 0
    assert accepted > 0
    assert (rejected, unsure) == (1, 1)
    assert states.pop(columns.UNDECIDED) == undecided
    assert (states.pop(columns.REJECTED), states.pop(columns.UNSURE)) == (rejected, unsure)
    assert sum(states.values()) == accepted
    assert all(state > columns.ACCEPTED for state in states)


@pytest.mark.parametrize("few", [True, False])
@pytest.mark.parametrize("name", ["state", "waiting", "landmarks", "outcome", "disagreement"])
def test_values_are_those_of_the_column(
    some_faces: Store, monkeypatch: pytest.MonkeyPatch, few: bool, name: str
) -> None:
    monkeypatch.setattr(face_counts, "FEW", face_counts.FEW if few else 0)
    expected = Counter(value for value in counted(some_faces, name) if value != MISSING)
    assert some_faces.read(lambda db: count_values(db, name)) == expected


@pytest.mark.parametrize("few", [True, False])
def test_an_empty_workspace_has_zeros(store: Store, monkeypatch: pytest.MonkeyPatch, few: bool) -> None:
    monkeypatch.setattr(face_counts, "FEW", face_counts.FEW if few else -1)
    assert store.read(count_states) == {}
    assert store.read(count_waiting) == dict.fromkeys(columns.WAITING, 0)
    assert store.read(count_landmarks) == {"dlib": 0, "landmarker": 0}


@pytest.mark.parametrize("few", [True, False])
def test_landmarks_are_counted_by_model(some_faces: Store, monkeypatch: pytest.MonkeyPatch, few: bool) -> None:
    monkeypatch.setattr(face_counts, "FEW", face_counts.FEW if few else 0)

    def by_the_mesh(db: Db) -> None:
        db.execute("UPDATE faces SET landmark_model = 'landmarker' WHERE seq = (SELECT min(seq) FROM faces)")
        columns.rebuild(db)

    some_faces.write(by_the_mesh)
    faces = some_faces.read(workspace_counts).faces
    assert faces == 12
    assert some_faces.read(count_landmarks) == {"dlib": faces - 1, "landmarker": 1}
