"""The columns say what the tables say, however the rows came about and whatever of them is compacted in."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db.decisions.log import apply_ops
from db.decisions.ops import UndoOp
from db.decisions.verify import verify
from db.images import faces
from db.images.erase import erase
from db.projection import columns
from db.projection.anew import column_mismatches
from db.projection.columns import Faces
from db.projection.face_state import rebuild_state
from db.reads.face_counts import count_states
from db.store.store import Db, Store
from pipeline.core.metrics import MISSING, QualityMetrics
from pipeline.core.records import Verdict
from tests.db.decisions.test_properties import fresh_store
from tests.db.images.test_images import record
from tests.db.make import add_images, decide, make_outcome, new_uuid, sha_of
from tests.examples import examples

PLAIN = QualityMetrics(100, 50, 0.5, 0.2, 0, 0, 0, 0, 0.9, 0.9, 0.1, 0.6, 0.0)
NAMES = (*columns.STATES, *columns.STORIES, *columns.METRIC_NAMES)


def listed(store: Store, name: str) -> list[int]:
    """A column, without the places where there is no face."""

    def work(db: Db) -> list[int]:
        held = Faces(db)
        found: list[int] = held.column(name)[held.column("state") != columns.ABSENT].tolist()
        return found

    return store.read(work)


def waiting(store: Store) -> int:
    return int(store.read(lambda db: db.execute("SELECT count(*) FROM face_changes").fetchone()[0]))


def test_a_new_workspace_has_none(store: Store) -> None:
    assert store.read(lambda db: Faces(db).column("state").tolist()) == []
    assert store.read(count_states) == {}


@pytest.mark.parametrize("compacted", [False, True])
def test_the_columns_of_a_few_faces(store: Store, compacted: bool) -> None:
    record(store, make_outcome("a", proposal="pout"), source="/x")
    record(store, make_outcome("b"), make_outcome("c"), source="/y")
    ids = store.read(lambda db: [face for (face,) in db.execute("SELECT id FROM faces ORDER BY seq")])

    def work(db: Db) -> None:
        ops = [decide(db, ids[0], Verdict.ACCEPT, 4), decide(db, ids[1], Verdict.REJECT)]
        apply_ops(db, "Ann", ops)
        faces.put_quality(db, ids[1], replace(PLAIN, sharpness=12.34, score=None))
        if compacted:
            assert columns.compact(db) == 3

    store.write(work)
    assert waiting(store) == (0 if compacted else 3)
    assert listed(store, "state") == [columns.ACCEPTED + 4, columns.REJECTED, columns.UNDECIDED]
    assert listed(store, "source") == [1, 2, 2]
    assert listed(store, "proposal") == [2, MISSING, MISSING]
    assert listed(store, "sharpness") == [MISSING, 123, MISSING]
    assert listed(store, "score") == [MISSING] * 3
    assert listed(store, "outcome") == [columns.FOUND] * 3
    assert [value != MISSING for value in listed(store, "decided")] == [True, True, False]
    assert listed(store, "annotator") == [1, 1, MISSING]
    assert listed(store, "disagreement") == [0, 0, 0]
    assert store.read(count_states) == {columns.UNDECIDED: 1, columns.REJECTED: 1, columns.ACCEPTED + 4: 1}
    assert store.read(column_mismatches.find_mismatches) == []


def test_many_changes_are_compacted_before_the_commit(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(columns, "COMPACT_AT", 4)
    add_images(store, ["a", "b", "c"])
    assert waiting(store) == 3
    add_images(store, ["d"])
    assert waiting(store) == 0
    assert listed(store, "state") == [columns.UNDECIDED] * 4


def test_more_faces_than_a_block_holds(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Seqs are only ever counted up: far behind the others lies a block of its own, and those between have no face."""
    monkeypatch.setattr(columns, "_AT_ONCE", columns.BLOCK)
    add_images(store, ["a"])
    place = 3 * columns.BLOCK + 7
    store.write(lambda db: db.execute("UPDATE sqlite_sequence SET seq = ? WHERE name = 'faces'", [place - 1]))
    add_images(store, ["b"])
    for _ in range(2):
        state = store.read(lambda db: Faces(db).column("state"))
        assert np.flatnonzero(state != columns.ABSENT).tolist() == [1, place]
        assert len(state) == 4 * columns.BLOCK
        store.write(columns.compact)
    assert store.read(column_mismatches.find_mismatches) == []


def test_an_erased_face_leaves_no_figures_behind(store: Store) -> None:
    (face,) = add_images(store, ["a"])

    def work(db: Db) -> None:
        faces.put_quality(db, face, replace(PLAIN, side=77))
        columns.compact(db)
        erase(db, sha_of("a"))

    store.write(work)
    for name in NAMES:
        data = store.read(lambda db, n=name: db.execute("SELECT data FROM face_columns WHERE name = ?", [n]).fetchone())
        nothing = {"state": columns.ABSENT, "landmarks": 0}.get(name, MISSING)
        assert set(np.frombuffer(data[0], "<i4").tolist()) == {nothing}
    assert store.read(lambda db: db.execute("SELECT count(*) FROM face_quality").fetchone()[0]) == 0
    assert store.read(verify) == []


@pytest.mark.parametrize(
    ("sql", "column"),
    [
        ("UPDATE face_columns SET data = zeroblob(8192) WHERE name = 'side'", "side"),
        ("DELETE FROM face_columns WHERE name = 'proposal'", "proposal"),
        ("DELETE FROM face_columns WHERE name = 'state'", "state"),
        ("DELETE FROM face_columns WHERE name = 'outcome'", "outcome"),
        ("UPDATE face_columns SET data = zeroblob(8192) WHERE name = 'decided'", "decided"),
    ],
)
def test_a_wrong_column_is_found_and_made_anew(store: Store, sql: str, column: str) -> None:
    stored = make_outcome("a", proposal="pout")
    record(store, stored)
    store.write(lambda db: faces.put_quality(db, stored.outcome.faces[0].face_id, PLAIN))
    store.write(columns.compact)
    store.write(lambda db: db.execute(sql))
    findings = store.read(verify)
    assert len(findings) == 1
    assert f"the column {column} " in findings[0]
    store.write(rebuild_state)
    assert store.read(verify) == []


def test_a_face_that_only_a_column_knows_is_found(store: Store) -> None:
    add_images(store, ["a", "b"])
    store.write(columns.compact)

    def work(db: Db) -> None:
        db.execute("DELETE FROM face_state WHERE seq = 2")
        db.execute("DELETE FROM face_changes")

    store.write(work)
    assert any("the column state " in line for line in store.read(column_mismatches.find_mismatches))


def test_what_waits_is_compacted_when_the_workspace_is_opened(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    add_images(store, ["a", "b", "c"])
    root = store.root
    store.close()
    monkeypatch.setattr(columns, "COMPACT_AT", 2)
    with Store.open(root) as again:
        assert waiting(again) == 0
        assert listed(again, "state") == [columns.UNDECIDED] * 3


@settings(max_examples=examples(20), deadline=None)
@given(
    due=st.sampled_from([1, 3, 1000]),
    steps=st.lists(
        st.tuples(
            st.sampled_from(["accept", "reject", "unsure", "undo", "measure", "remove", "erase", "rebuild", "compact"]),
            st.integers(0, 5),
        ),
        max_size=14,
    ),
)
def test_whatever_happens_the_columns_follow(due: int, steps: list[tuple[str, int]]) -> None:
    with pytest.MonkeyPatch.context() as patch, fresh_store() as store:
        patch.setattr(columns, "COMPACT_AT", due)
        ids = add_images(store, [f"i{n}" for n in range(6)])
        for what, number in steps:
            store.write(lambda db, w=what, n=number: change(db, w, ids[n], f"i{n}"))
            assert store.read(column_mismatches.find_mismatches) == []
        sql = "SELECT count(*) FROM face_state"
        assert sum(store.read(count_states).values()) == store.read(lambda db: db.execute(sql).fetchone()[0])


def change(db: Db, what: str, face: str, name: str) -> None:
    there = db.execute("SELECT 1 FROM faces WHERE id = ? AND removed_at IS NULL", [face]).fetchone()
    if what == "undo":
        apply_ops(db, "Ann", [UndoOp(new_uuid())])
    elif what == "rebuild":
        rebuild_state(db)
    elif what == "compact":
        columns.compact(db)
    elif there and what == "measure":
        faces.put_quality(db, face, PLAIN)
    elif there and what == "remove":
        faces.remove_face(db, face)
    elif there and what == "erase":
        erase(db, sha_of(name))
    elif there:
        apply_ops(db, "Ann", [decide(db, face, Verdict(what))])
