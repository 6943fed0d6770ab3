"""The log that Progress keeps: read on, it is what it would be read anew; and only what is new is read."""

from __future__ import annotations

import random

import pytest

from db.decisions.log import apply_ops
from db.decisions.ops import RedoOp, UndoOp
from db.images.erase import erase
from db.reads import progress_log
from db.reads.progress_log import Log
from db.store.store import Db, Store
from pipeline.core.records import Verdict
from tests.db.make import add_images, decide, new_uuid, sha_of

PEOPLE = ("Mia", "Ann", "Zoe", "Ben")
NAMES = [f"photo {n}" for n in range(8)]


def rows(log: Log) -> list[tuple[object, ...]]:
    return [
        (log.names[who], *rest)
        for who, *rest in zip(
            *(one.tolist() for one in (log.who, log.seq, log.state, log.minute, log.took_ms, log.stands)), strict=True
        )
    ]


def by_hand(db: Db) -> list[tuple[object, ...]]:
    """Row by row, without the texts in one."""
    undone = {seq for (seq,) in db.execute("SELECT d.seq FROM decisions d JOIN decisions u ON u.undoes = d.uuid")}
    sql = (
        "SELECT d.annotator, d.seq, d.verdict, d.class_id, strftime('%s', d.at) / 60, d.took_ms"
        " FROM decisions d LEFT JOIN face_state t ON t.face_id = d.face_id"
        " WHERE d.verdict <> 'undo' AND ifnull(t.waiting, '') <> 'opinion' ORDER BY d.seq"
    )
    states = {"unsure": 1, "reject": 2}
    return [
        (who, seq, states.get(verdict, 3 + (class_id or 0)), minute, took, seq not in undone)
        for who, seq, verdict, class_id, minute, took in db.execute(sql)
    ]


@pytest.fixture(autouse=True)
def _small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress_log, "PART", 3)


@pytest.mark.parametrize("seed", range(6))
def test_read_on_it_is_the_log(store: Store, seed: int) -> None:
    dice = random.Random(seed)
    faces = add_images(store, NAMES)
    for number in range(50):
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
                store.write(lambda db, who=who, op=op: apply_ops(db, who, [op]))
        if dice.random() < 0.6:
            kept = progress_log.log_of(store)
            assert rows(kept) == store.read(by_hand)
            assert rows(store.read(progress_log.read_log)) == rows(kept)
            assert kept.names == tuple(sorted(kept.names))


def test_other_faces_wait_whose_numbers_have_the_same_sum(store: Store) -> None:
    faces = add_images(store, NAMES)
    sql = "INSERT INTO second_opinions VALUES (?, 2, 'share', '')"
    store.write(lambda db: db.conn.executemany(sql, [(face,) for face in faces]) and None)

    def answers(who: str, *numbers: int) -> None:
        store.write(lambda db: apply_ops(db, who, [decide(db, faces[number]) for number in numbers]))

    answers("Ann", 0, 3)
    assert rows(progress_log.log_of(store)) == []
    answers("Ben", 0, 3)
    answers("Ann", 1, 2)
    kept = rows(progress_log.log_of(store))
    assert [row[0] for row in kept] == ["Ann", "Ann", "Ben", "Ben"]
    assert kept == store.read(by_hand)


def test_only_what_is_new_is_read(store: Store) -> None:
    faces = add_images(store, NAMES)

    def work(db: Db, face: str) -> None:
        apply_ops(db, "Ann", [decide(db, face)])

    for face in faces[:6]:
        store.write(lambda db, face=face: work(db, face))
    asked: list[str] = []
    store.read(lambda db: db.conn.set_trace_callback(asked.append))  # the one connection that reads here
    first = rows(progress_log.log_of(store))
    assert len([sql for sql in asked if "group_concat" in sql]) == 2
    asked.clear()
    assert rows(progress_log.log_of(store)) == first
    assert not [sql for sql in asked if "group_concat" in sql]
    store.write(lambda db: work(db, faces[6]))
    assert len(rows(progress_log.log_of(store))) == 7
    parts = [sql for sql in asked if "group_concat" in sql]
    assert len(parts) == 1
    assert "seq > 6 AND seq <= 7" in parts[0]


def test_another_log_is_read_from_its_beginning(store: Store) -> None:
    """As after a restore: the row that was the last is another one."""
    face, other, *_ = add_images(store, NAMES)
    store.write(lambda db: apply_ops(db, "Ann", [decide(db, face)]))
    known = progress_log.log_of(store)
    store.write(lambda db: apply_ops(db, "Ann", [decide(db, other)]))
    wrong = Log(known.last, "another", known.open, ("Eve",), *([known.who] * 5), known.stands)
    assert [row[0] for row in rows(store.read(lambda db: progress_log.read_log(db, wrong)))] == ["Ann", "Ann"]
