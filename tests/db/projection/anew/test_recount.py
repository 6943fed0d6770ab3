"""Faces are counted anew in parts behind a change of the rule: each stands under a rule that held, and is told so."""

from __future__ import annotations

import pytest

from db.decisions import consensus
from db.decisions.log import apply_ops, verify_chain
from db.projection.anew import recount, recounts
from db.projection.face_state import rebuild_state
from db.reads.counts import workspace_counts
from db.store import recounting
from db.store.locks import recount_lock
from db.store.store import Store
from db.tables.consensus_rules import MAJORITY, ConsensusRule, current_rule
from pipeline.core.errors import BusyError, UsageError
from tests.db.make import add_images, decide

TWO = ConsensusRule(MAJORITY, 2)
OLD, NEW = ("accept", ""), (None, "quorum")


@pytest.fixture
def faces(store: Store, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Five faces, each answered by Ann alone."""
    monkeypatch.setattr(recounts, "AT_ONCE", 2)
    monkeypatch.setattr(recounting, "PART", 2)
    found = add_images(store, ["a", "b", "c", "d", "e"])
    store.write(lambda db: apply_ops(db, "Ann", [decide(db, face) for face in found]))
    return found


def begin(store: Store, rule: ConsensusRule = TWO) -> None:
    store.write(lambda db: consensus.begin_rule(db, rule, "Lee", 5))


def states(store: Store) -> list[tuple[str | None, str]]:
    assert store.read(verify_chain) == []
    return store.read(lambda db: db.execute("SELECT verdict, waiting FROM face_state ORDER BY seq").fetchall())


def part(store: Store, faces: list[str], left: int = 0) -> int:
    return store.write(lambda db: recount.count_part(db, faces, left))


def test_a_change_holds_at_once_and_faces_follow_in_parts(store: Store, faces: list[str]) -> None:
    begin(store)
    assert store.read(current_rule) == TWO
    assert (states(store), store.read(workspace_counts).recounting) == ([OLD] * 5, 5)
    todo = store.read(recount.find)
    assert todo is not None
    assert [*todo.faces] == faces
    assert part(store, faces[:2], left=3) == 2
    assert (states(store), store.read(workspace_counts).recounting) == ([NEW] * 2 + [OLD] * 3, 3)
    store.write(lambda db: apply_ops(db, "Ben", [decide(db, faces[4])]))  # counted under the new rule by itself
    assert states(store) == [NEW, NEW, OLD, OLD, OLD]
    assert recounting.finish(store) == 2
    assert (states(store), store.read(workspace_counts).recounting) == ([NEW] * 4 + [OLD], None)
    assert recounting.finish(store) == 0


def test_what_no_rule_makes_of_the_answers_is_found_meanwhile(store: Store, faces: list[str]) -> None:
    begin(store)
    part(store, faces[:2], left=3)
    store.write(lambda db: db.execute("UPDATE face_state SET waiting = 'tie' WHERE face_id = ?", [faces[0]]))
    (first, *_) = store.read(verify_chain)
    assert faces[0] in first


def test_without_the_note_a_face_under_the_rule_before_is_a_mismatch(store: Store, faces: list[str]) -> None:
    begin(store)
    store.write(recounts.end_all)
    assert len(store.read(verify_chain)) == 5


def test_a_change_is_taken_back_while_faces_are_counted(store: Store, faces: list[str]) -> None:
    begin(store)
    part(store, faces[:2], left=3)
    store.write(lambda db: consensus.begin_undo(db, "Lee", 5))
    assert states(store) == [NEW] * 2 + [OLD] * 3
    assert recounting.finish(store) == 2
    assert (states(store), store.read(recounts.waiting)) == ([OLD] * 5, None)


def test_who_counted_an_earlier_change_does_not_end_a_later_one(store: Store, faces: list[str]) -> None:
    begin(store)
    first = store.read(recount.find)
    assert first is not None
    begin(store, ConsensusRule())
    part(store, faces)  # of the first one, late: under the rule that holds by now
    store.write(lambda db: recounts.end(db, first.number))
    left = store.read(recounts.waiting)
    assert left is not None
    assert [before for _, before in left.changes] == [1]
    assert store.read(recounts.earlier_rules) == [TWO]
    recounting.finish(store)
    assert (states(store), store.read(recounts.waiting)) == ([OLD] * 5, None)


@pytest.mark.parametrize("how", ["a change at once", "the state computed anew"])
def test_nothing_waits_behind_a_whole_count(store: Store, faces: list[str], how: str) -> None:
    begin(store)
    if how == "a change at once":
        store.write(lambda db: consensus.set_rule(db, TWO, "Lee"))
    else:
        store.write(rebuild_state)
    assert (states(store), store.read(recounts.waiting)) == ([NEW] * 5, None)


def test_no_preview_is_told_of_what_is_about_to_change(store: Store, faces: list[str]) -> None:
    begin(store)
    with pytest.raises(UsageError, match="5 are left"):
        store.read(lambda db: consensus.preview(db, ConsensusRule()))


def test_the_next_opening_goes_on_unless_somebody_is_at_it(store: Store, faces: list[str]) -> None:
    begin(store)
    part(store, faces[:2], left=3)
    store.close()
    with recount_lock(store.root), Store.open(store.root) as again:
        assert states(again) == [NEW] * 2 + [OLD] * 3
        with pytest.raises(BusyError):
            recounting.finish(again, patience_s=0)
    with Store.open(store.root) as again:
        assert (states(again), again.read(recounts.waiting)) == ([NEW] * 5, None)
