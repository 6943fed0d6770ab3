"""What is kept of people's agreement: exchanged face by face it is what the whole log gives, at a small cost."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from db.decisions.log import apply_ops
from db.decisions.ops import RedoOp, UndoOp
from db.decisions.rules import annotator_of
from db.images.erase import erase
from db.projection import columns
from db.store.store import Db, Store
from db.tables.classes import add_class
from db.team import agreement
from db.team.agreement import agreement_of
from pipeline.core.records import Verdict
from tests.db.make import add_images, decide, new_uuid, sha_of
from tests.db.team.answers.fresh import matrix_of

PEOPLE = ("Mia", "Ann", "Zoe", "Ben", annotator_of("sharp"))
NAMES = [f"photo {n}" for n in range(30)]
STEPS = 160
VERDICTS = {"1": 4, "2": 4, "3": 4, "x": 2, "u": 1}


def say(db: Db, dice: random.Random, who: str, face: str) -> None:
    (what,) = dice.choices(list(VERDICTS), list(VERDICTS.values()))
    verdict = {"x": Verdict.REJECT, "u": Verdict.UNSURE}.get(what, Verdict.ACCEPT)
    op = decide(db, face, verdict, int(what) if what.isdigit() else None)
    op = replace(op, seen=dice.choice(("", None)), kind=dice.choice(("", "", "", "", "adjudication")))
    apply_ops(db, who, [op], f"2026-03-{dice.randrange(1, 28):02}T10:00:00.000Z")


def act(store: Store, dice: random.Random, number: int) -> None:
    """One of the things that change what people agree on."""
    ids = store.read(lambda db: [one for (one,) in db.execute("SELECT face_id FROM face_state ORDER BY seq")])
    there = store.read(lambda db: [one for (one,) in db.execute("SELECT sha256 FROM images ORDER BY sha256")])
    who, face = dice.choice(PEOPLE), dice.choice(ids)
    match dice.randrange(16):
        case 0:
            store.write(lambda db: apply_ops(db, who, [UndoOp(new_uuid())]))
        case 1:
            store.write(lambda db: apply_ops(db, who, [RedoOp(new_uuid())]))
        case 2:
            sql = "INSERT OR IGNORE INTO second_opinions VALUES (?, 2, 'share', '')"
            store.write(lambda db: db.execute(sql, [face]))
        case 3:
            store.write(lambda db: db.execute("UPDATE face_state SET waiting = 'opinion' WHERE face_id = ?", [face]))
        case 4:
            store.write(lambda db: db.execute("UPDATE face_state SET waiting = '' WHERE face_id = ?", [face]))
        case 5 if number % 3 == 0:
            store.write(lambda db: erase(db, dice.choice(there)))
        case 6:
            add_images(store, [dice.choice(NAMES)])
        case _:
            store.write(lambda db: say(db, dice, who, face))


@pytest.mark.parametrize("seed", range(8))
def test_exchanged_face_by_face_it_is_what_the_whole_log_gives(store: Store, seed: int) -> None:
    dice = random.Random(seed)
    add_images(store, NAMES[:20])
    for number in range(STEPS):
        act(store, dice, number)
        if dice.random() < 0.5:
            for independent in (False, True):
                matrix_of(store, independent=independent)  # compares both
    assert agreement_of(store, independent=False).summary.faces >= 10


def test_more_faces_than_are_worth_it_are_read_with_the_whole_log(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(agreement, "MANY", 2)
    faces = add_images(store, NAMES[:6])
    dice = random.Random(1)
    for some in (faces[:1], faces[1:3], faces[3:]):
        for face in some:
            store.write(lambda db, face=face: say(db, dice, "Ann", face))
        matrix_of(store, independent=False)


def test_a_person_whose_only_answer_was_erased_before_anyone_looked_is_still_named(store: Store) -> None:
    dice = random.Random(2)
    (first,) = add_images(store, NAMES[:1])
    store.write(lambda db: say(db, dice, "Ann", first))
    matrix_of(store, independent=False)
    (second,) = add_images(store, NAMES[1:2])
    store.write(lambda db: say(db, dice, "Ben", second))
    store.write(lambda db: erase(db, sha_of(NAMES[1])))
    assert matrix_of(store, independent=False).names == ("Ann", "Ben")


def test_a_new_class_is_among_what_can_be_answered(store: Store) -> None:
    (face,) = add_images(store, NAMES[:1])
    store.write(lambda db: apply_ops(db, "Ann", [decide(db, face)]))
    before = matrix_of(store, independent=False).states
    wink = store.write(lambda db: add_class(db, "wink"))
    assert set(matrix_of(store, independent=False).states) - set(before) == {columns.ACCEPTED + wink.id}
    store.write(lambda db: apply_ops(db, "Ann", [decide(db, face, Verdict.ACCEPT, wink.id)]))
    matrix_of(store, independent=True)


def test_another_log_is_read_from_its_beginning(store: Store) -> None:
    """As after a restore: the row that was the last is another one."""
    (face,) = add_images(store, NAMES[:1])
    store.write(lambda db: apply_ops(db, "Eve", [decide(db, face)]))
    agreement_of(store, independent=False)
    kept = agreement._kept[store]
    assert kept.moment
    kept.moment = kept.moment._replace(head="another")
    kept.found = {}
    kept.sums = {kind: replace(one, names=("Zoe",)) for kind, one in kept.sums.items()}
    assert matrix_of(store, independent=False).names == ("Eve",)


def test_after_one_answer_more_as_much_is_read_with_many_answers_as_with_few(store: Store) -> None:
    def answer(who: str, names: list[str]) -> None:
        faces = add_images(store, names)
        store.write(lambda db: apply_ops(db, who, [decide(db, face) for face in faces]))

    def steps(name: str) -> int:
        """Of SQLite, in hundreds of instructions, for one answer more."""
        store.write(columns.compact)
        agreement_of(store, independent=False)
        answer("Ann", [name])
        counted: list[None] = []
        connection = store.read(lambda db: db.conn)  # the one that reads here
        connection.set_progress_handler(lambda: counted.append(None), 100)
        agreement_of(store, independent=False)
        connection.set_progress_handler(None, 0)
        return len(counted)

    answer("Ann", ["a", "b"])
    answer("Ben", ["c"])
    before = steps("d")
    for who in ("Ann", "Ben", "Cem"):
        answer(who, [f"{who} {n}" for n in range(300)])
    assert 0 < steps("e") <= before + 2
