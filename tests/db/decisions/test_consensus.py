"""Changing the rule: told before, true everywhere at once, one step back; adjudications and second opinions."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from db.decisions import consensus
from db.decisions.log import apply_ops, verify_chain
from db.decisions.ops import OpResult, RedoOp, UndoOp, face_states
from db.projection.columns import ANSWERED, UNDECIDED, Faces
from db.projection.face_state import STATE_COLUMNS, project_face, rebuild_state
from db.projection.filters import ReviewFilter, matching
from db.reads.counts import workspace_counts
from db.reads.export_items import accepted_items
from db.store.store import Store
from db.tables import audit
from db.tables.consensus_rules import ADJUDICATED, DAWID_SKENE, MAJORITY, ConsensusRule, current_rule
from pipeline.core.errors import UsageError
from pipeline.core.records import Verdict
from tests.db.make import add_images, decide, new_uuid

TWO = ConsensusRule(MAJORITY, 2)


def say(store: Store, who: str, face: str, class_id: int | None = 1, seen: str | None = None, **more: Any) -> OpResult:
    verdict = Verdict.REJECT if class_id is None else Verdict.ACCEPT
    op = replace(store.read(lambda db: decide(db, face, verdict, class_id)), seen=seen, **more)
    (result,) = store.write(lambda db: apply_ops(db, who, [op]))
    return result


def undo(store: Store, who: str) -> OpResult:
    return store.write(lambda db: apply_ops(db, who, [UndoOp(new_uuid())]))[0]


def states(store: Store) -> list[tuple[Any, ...]]:
    sql = "SELECT verdict, class_id, annotator, waiting, adjudicated, n_answers FROM face_state ORDER BY seq"
    assert store.read(verify_chain) == []
    rows = f"SELECT {STATE_COLUMNS} FROM face_state ORDER BY face_id"
    found: list[tuple[Any, ...]] = store.read(lambda db: db.execute(sql).fetchall())
    before = store.read(lambda db: db.execute(rows).fetchall())
    store.write(rebuild_state)
    assert store.read(lambda db: db.execute(rows).fetchall()) == before
    return found


def choose(store: Store, rule: ConsensusRule) -> int:
    return store.write(lambda db: consensus.set_rule(db, rule, "Lee"))


@pytest.fixture
def faces(store: Store) -> list[str]:
    """Of a photo each: Ann and Bob agree, differ, only Ann, Ann then a knowing Bob, nobody."""
    found = add_images(store, ["a", "b", "c", "d", "e"])
    for face in found[:4]:
        say(store, "Ann", face, 1)
    say(store, "Bob", found[0], 1)
    say(store, "Bob", found[1], 2, seen="")
    say(store, "Bob", found[3], 2)
    return found


def test_a_change_of_rule_says_what_it_changes_before_it_is_made(store: Store, faces: list[str]) -> None:
    before = states(store)
    told = store.read(lambda db: consensus.preview(db, TWO))
    assert (told.gain, told.lose, told.change) == (0, 3, 0)
    assert told.moves == {("accept:1", ""): 2, ("accept:2", ""): 1}
    assert states(store) == before
    choose(store, TWO)
    waits = (None, None, None)
    assert states(store) == [
        ("accept", 1, "Bob", "", 0, 2), (*waits, "tie", 0, 2), (*waits, "quorum", 0, 1), (*waits, "tie", 0, 2),
        (*waits, "", 0, 0),
    ]  # fmt: skip
    back = store.read(lambda db: consensus.preview(db, ConsensusRule()))
    assert (back.gain, back.lose, back.change) == (3, 0, 0)
    say(store, "Cy", faces[1], 2)
    say(store, "Dee", faces[3], 2)
    other = store.read(lambda db: consensus.preview(db, ConsensusRule(MAJORITY)))
    assert (other.gain, other.lose, other.change) == (1, 0, 0)
    assert store.read(lambda db: consensus.preview(db, ConsensusRule(ADJUDICATED))).moves == {
        ("", "accept:1"): 1, ("accept:2", ""): 2,
    }  # fmt: skip


def test_a_change_of_rule_is_one_step_that_can_be_undone(store: Store, faces: list[str]) -> None:
    first = states(store)
    choose(store, TWO)
    majority = states(store)
    choose(store, ConsensusRule(ADJUDICATED))
    assert store.write(lambda db: consensus.undo_rule(db, "Lee")) == TWO
    assert states(store) == majority
    assert store.write(lambda db: consensus.undo_rule(db, "Max")) == ConsensusRule()
    assert states(store) == first
    with pytest.raises(UsageError):
        store.write(lambda db: consensus.undo_rule(db, "Lee"))
    assert store.read(current_rule) == ConsensusRule()
    done = [(row.annotator, row.action, row.params["rule"]) for row in store.read(lambda db: list(audit.rows(db)))]
    assert done == [
        ("Lee", "consensus_rule", "majority:2"), ("Lee", "consensus_rule", "adjudicated:1"),
        ("Lee", "consensus_rule_undone", "majority:2"), ("Max", "consensus_rule_undone", "latest"),
    ]  # fmt: skip


def test_what_has_no_consensus_does_not_leave_and_is_counted_as_waiting(store: Store, faces: list[str]) -> None:
    choose(store, TWO)
    assert [one.face_id for one in store.read(accepted_items)] == faces[:1]
    counts = store.read(workspace_counts)
    assert (counts.faces, counts.undecided, counts.waiting, counts.accepted) == (5, 1, 3, 1)
    assert counts.by_waiting == {"opinion": 0, "quorum": 1, "tie": 2, "dispute": 0}
    assert counts.consensus == TWO
    assert store.read(lambda db: [int(n) for n in Faces(db).column("state")[1:6]]) == [
        4, ANSWERED, ANSWERED, ANSWERED, UNDECIDED,
    ]  # fmt: skip
    for state, wanted in {"waiting": [2, 3, 4], "waiting:tie": [2, 4], "undecided": [5], "accepted": [1]}.items():
        flt = ReviewFilter(state)
        assert store.read(lambda db, f=flt: matching(Faces(db), f).tolist()) == wanted


def test_a_person_sees_their_own_answer_while_it_waits_and_nobody_elses(store: Store, faces: list[str]) -> None:
    choose(store, TWO)
    mine = say(store, "Cy", faces[4], 3)
    (own,) = mine.faces
    assert (mine.status, own.verdict, own.class_id, own.annotator, own.waiting) == (
        "saved",
        "accept",
        3,
        "Cy",
        "quorum",
    )
    (others,) = store.read(lambda db: face_states(db, [faces[4]], "Ann"))
    assert (others.verdict, others.annotator, others.decision, others.waiting) == (None, None, None, "quorum")
    assert store.read(lambda db: face_states(db, [faces[4]])) == (others,)
    assert undo(store, "Cy").faces[0].waiting == ""


def test_under_another_rule_too_who_did_not_see_what_counts_is_marked(store: Store, faces: list[str]) -> None:
    choose(store, TWO)
    missed = say(store, "Cy", faces[0], 2, seen="")
    assert (missed.status, missed.faces[0].annotator, missed.faces[0].class_id) == ("differs", "Bob", 1)
    assert say(store, "Cy", faces[1], 2, seen="").status == "saved"  # it waits: there was nothing to see
    assert states(store)[1][:3] == ("accept", 2, "Cy")


def test_an_adjudication_counts_leaves_the_answers_and_can_be_undone(store: Store, faces: list[str]) -> None:
    choose(store, ConsensusRule(ADJUDICATED, 2))
    before = states(store)
    assert before[1][3] == "dispute"
    done = say(store, "Lee", faces[1], 3, seen="", kind="adjudication")
    assert (done.status, done.faces[0].class_id, done.faces[0].annotator) == ("saved", 3, "Lee")
    assert states(store)[1] == ("accept", 3, "Lee", "", 1, 2)
    answers = "SELECT annotator, class_id FROM answers WHERE face_id = ? ORDER BY annotator"
    assert store.read(lambda db: db.execute(answers, [faces[1]]).fetchall()) == [("Ann", 1), ("Bob", 2)]
    assert undo(store, "Lee").faces[0].waiting == "dispute"
    assert states(store) == before
    again = store.write(lambda db: apply_ops(db, "Lee", [RedoOp(new_uuid())]))[0]
    assert (again.status, states(store)[1]) == ("saved", ("accept", 3, "Lee", "", 1, 2))


def test_an_adjudicator_who_missed_another_adjudication_is_told_and_both_are_kept(
    store: Store, faces: list[str]
) -> None:
    choose(store, ConsensusRule(ADJUDICATED))
    first = say(store, "Lee", faces[1], 3, seen="", kind="adjudication")
    second = say(store, "Max", faces[1], 2, seen="", kind="adjudication")
    assert (second.status, second.faces[0].annotator, second.differing) == ("differs", "Lee", (faces[1],))
    undo(store, "Lee")
    assert states(store)[1][:3] == ("accept", 2, "Max")
    assert first.faces[0].decision == first.uuid


def test_under_latest_a_knowing_decision_afterwards_goes_before_an_adjudication(store: Store, faces: list[str]) -> None:
    ends = say(store, "Lee", faces[1], 3, seen="", kind="adjudication")
    assert states(store)[1][:5] == ("accept", 3, "Lee", "", 1)
    assert say(store, "Ann", faces[1], 1, seen="").status == "differs"
    assert states(store)[1][:5] == ("accept", 3, "Lee", "", 1)
    assert say(store, "Ann", faces[1], 1, seen=ends.uuid).status == "saved"
    assert states(store)[1][:5] == ("accept", 1, "Ann", "", 0)
    undo(store, "Ann")
    assert states(store)[1][:5] == ("accept", 3, "Lee", "", 1)


def test_a_kind_that_is_none_is_refused(store: Store, faces: list[str]) -> None:
    assert say(store, "Ann", faces[4], kind="judgement").status == "refused"


def test_a_second_opinion_waits_until_all_have_answered(store: Store, faces: list[str]) -> None:
    face = faces[4]

    def want(number: int) -> None:
        sql = "INSERT INTO second_opinions VALUES (?, ?, 'share', 'now') ON CONFLICT DO UPDATE SET wanted = ?2"
        store.write(lambda db: (db.execute(sql, [face, number]), project_face(db, face)))

    want(2)
    assert states(store)[4][3] == ""  # nobody answered: it is undecided as any other
    assert say(store, "Ann", face, 1, seen="").faces[0].waiting == "opinion"
    assert states(store)[4] == (None, None, None, "opinion", 0, 1)
    assert say(store, "Bob", face, 2, seen="").status == "saved"  # blind: nothing was there to be seen
    assert states(store)[4] == ("accept", 2, "Bob", "", 0, 2)
    want(3)
    assert states(store)[4][3] == "opinion"
    undo(store, "Bob")
    assert states(store)[4] == (None, None, None, "opinion", 0, 1)


def test_a_rule_is_fitted_before_it_holds(store: Store) -> None:
    with pytest.raises(UsageError):
        choose(store, ConsensusRule(DAWID_SKENE))
    assert store.read(current_rule) == ConsensusRule()
