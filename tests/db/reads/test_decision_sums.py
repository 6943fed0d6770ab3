"""The sums that Progress keeps: added to, they are what they would be read anew; and only what is new is read."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace

import pytest

from db.decisions.log import apply_ops
from db.decisions.ops import RedoOp, UndoOp
from db.images.erase import erase
from db.reads import decision_sums
from db.reads.decision_sums import PAUSE_MS, DecisionSums
from db.store.store import Db, Store
from pipeline.core.records import Verdict
from tests.db.make import add_images, decide, new_uuid, sha_of

PEOPLE = ("Mia", "Ann", "Zoe", "Ben")
NAMES = [f"photo {n}" for n in range(8)]
Told = tuple[Counter[tuple[int, str, int]], Counter[tuple[str, int]], Counter[str]]
"""What stands by quarter, annotator and state; looks by annotator and time; what was taken back by annotator."""


def told(sums: DecisionSums) -> Told:
    assert sums.names == tuple(sorted(sums.names))
    assert (sums.decisions > 0).all()
    assert (sums.looks > 0).all()
    who, looker = ([sums.names[one] for one in codes] for codes in (sums.who, sums.looker))
    cells = zip(sums.quarter.tolist(), who, sums.state.tolist(), strict=True)
    return (
        Counter(dict(zip(cells, sums.decisions.tolist(), strict=True))),
        Counter(dict(zip(zip(looker, sums.took_ms.tolist(), strict=True), sums.looks.tolist(), strict=True))),
        Counter({name: number for name, number in zip(sums.names, sums.undone.tolist(), strict=True) if number}),
    )


def by_hand(db: Db) -> Told:
    """Row by row."""
    undone = {seq for (seq,) in db.execute("SELECT d.seq FROM decisions d JOIN decisions u ON u.undoes = d.uuid")}
    sql = (
        "SELECT d.annotator, d.seq, d.verdict, d.class_id, strftime('%s', d.at) / 900, d.took_ms"
        " FROM decisions d LEFT JOIN face_state t ON t.face_id = d.face_id"
        " WHERE d.verdict <> 'undo' AND ifnull(t.waiting, '') <> 'opinion'"
    )
    states = {"unsure": 1, "reject": 2}
    cells: Counter[tuple[int, str, int]] = Counter()
    looks: Counter[tuple[str, int]] = Counter()
    back: Counter[str] = Counter()
    for who, seq, verdict, class_id, quarter, took in db.execute(sql):
        if seq in undone:
            back[who] += 1
            continue
        cells[quarter, who, states.get(verdict, 3 + (class_id or 0))] += 1
        if 0 < took <= PAUSE_MS:
            looks[who, took] += 1
    return cells, looks, back


def names(sums: DecisionSums) -> set[str]:
    cells, _, back = told(sums)
    return {name for _, name, _ in cells} | set(back)


@pytest.fixture(autouse=True)
def _small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decision_sums, "PART", 3)


@pytest.mark.parametrize("seed", range(8))
def test_added_to_they_are_the_sums_of_the_log(store: Store, seed: int) -> None:
    dice = random.Random(seed)
    faces = add_images(store, NAMES)
    for number in range(60):
        who = dice.choice(PEOPLE)
        match dice.randrange(8):
            case 0:
                store.write(lambda db, who=who: apply_ops(db, who, [UndoOp(new_uuid())]))
            case 1:
                store.write(lambda db, who=who: apply_ops(db, who, [RedoOp(new_uuid())]))
            case 2 if number % 5 == 0:
                sql = "INSERT OR IGNORE INTO second_opinions VALUES (?, 2, 'share', '')"
                face = dice.choice(faces)
                store.write(lambda db, sql=sql, face=face: db.execute(sql, [face]) and None)
            case 3 if number == 40:
                store.write(lambda db: erase(db, sha_of(NAMES[0])))
                faces = faces[1:]
            case _:
                verdict = dice.choice((Verdict.ACCEPT, Verdict.REJECT, Verdict.UNSURE))
                face = dice.choice(faces)
                op = store.read(lambda db, face=face, verdict=verdict: decide(db, face, verdict))
                op = replace(op, took_ms=dice.choice((0, 5, 5, 700, PAUSE_MS, PAUSE_MS + 1)))
                at = f"2026-01-31T{dice.randrange(10, 12)}:{dice.randrange(60):02}:00.000Z"
                store.write(lambda db, who=who, op=op, at=at: apply_ops(db, who, [op], at))
        if dice.random() < 0.6:
            kept = decision_sums.sums_of(store)
            assert told(kept) == store.read(by_hand)
            assert told(store.read(decision_sums.read_sums)) == told(kept)
            assert set(kept.names) == names(kept)


def test_other_faces_wait_whose_numbers_have_the_same_sum(store: Store) -> None:
    faces = add_images(store, NAMES)
    sql = "INSERT INTO second_opinions VALUES (?, 2, 'share', '')"
    store.write(lambda db: db.conn.executemany(sql, [(face,) for face in faces]) and None)

    def answers(who: str, *numbers: int) -> None:
        store.write(lambda db: apply_ops(db, who, [decide(db, faces[number]) for number in numbers]))

    answers("Ann", 0, 3)
    assert decision_sums.sums_of(store).names == ()
    answers("Ben", 0, 3)
    answers("Ann", 1, 2)
    kept = decision_sums.sums_of(store)
    assert dict(zip(kept.names, kept.decisions.tolist(), strict=True)) == {"Ann": 2, "Ben": 2}
    assert told(kept) == store.read(by_hand)


def test_who_answered_only_what_waits_again_is_not_named(store: Store) -> None:
    face, other, *_ = add_images(store, NAMES)
    store.write(lambda db: apply_ops(db, "Ann", [decide(db, other)]))
    store.write(lambda db: apply_ops(db, "Ben", [decide(db, face)]))
    assert decision_sums.sums_of(store).names == ("Ann", "Ben")
    store.write(lambda db: db.execute("UPDATE face_state SET waiting = 'opinion' WHERE face_id = ?", [face]))
    assert decision_sums.sums_of(store).names == ("Ann",)
    assert told(decision_sums.sums_of(store)) == store.read(by_hand)


def test_a_face_that_waits_is_erased_and_what_was_decided_there_is_told_again(store: Store) -> None:
    face, *_ = add_images(store, NAMES)
    store.write(lambda db: db.execute("INSERT INTO second_opinions VALUES (?, 2, 'share', '')", [face]))
    store.write(lambda db: apply_ops(db, "Ann", [decide(db, face)]))
    assert decision_sums.sums_of(store).names == ()
    store.write(lambda db: erase(db, sha_of(NAMES[0])))
    assert decision_sums.sums_of(store).names == ("Ann",)
    assert told(decision_sums.sums_of(store)) == store.read(by_hand)


def test_only_what_is_new_is_read(store: Store) -> None:
    faces = add_images(store, NAMES)

    def work(db: Db, face: str) -> None:
        apply_ops(db, "Ann", [decide(db, face)])

    for face in faces[:6]:
        store.write(lambda db, face=face: work(db, face))
    asked: list[str] = []
    store.read(lambda db: db.conn.set_trace_callback(asked.append))  # the one connection that reads here

    def parts() -> list[str]:
        found = [sql for sql in asked if "group_concat(d.seq)" in sql]
        asked.clear()
        return found

    first = told(decision_sums.sums_of(store))
    assert len(parts()) == 2
    assert told(decision_sums.sums_of(store)) == first
    assert parts() == []
    store.write(lambda db: work(db, faces[6]))
    assert told(decision_sums.sums_of(store))[0].total() == 7
    (part,) = parts()
    assert "d.seq > 6 AND d.seq <= 7" in part
    store.write(lambda db: db.execute("UPDATE face_state SET waiting = 'opinion' WHERE face_id = ?", [faces[0]]))
    assert told(decision_sums.sums_of(store))[0].total() == 6
    assert parts() == [], "what waits now is taken away, and nothing read anew"


def test_another_log_is_read_from_its_beginning(store: Store) -> None:
    """As after a restore: the row that was the last is another one."""
    face, other, *_ = add_images(store, NAMES)
    store.write(lambda db: apply_ops(db, "Eve", [decide(db, face)]))
    known = replace(decision_sums.sums_of(store), head="another", names=("Zoe",))
    store.write(lambda db: apply_ops(db, "Ann", [decide(db, other)]))
    assert store.read(lambda db: decision_sums.read_sums(db, known)).names == ("Ann", "Eve")
