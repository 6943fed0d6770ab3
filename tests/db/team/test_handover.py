from __future__ import annotations

from db.decisions.log import apply_ops
from db.decisions.ops import UndoOp
from db.store.store import Store
from db.tables.annotators import ensure_annotator
from db.team import handouts, notes
from db.team.handover import Day, hand_over
from pages._words import hand_over as words
from pipeline.core.records import Verdict
from tests.db.make import add_images, decide, new_uuid


def _say(store: Store, who: str, face: str, verdict: Verdict, day: str) -> None:
    store.write(lambda db: apply_ops(db, who, [decide(db, face, verdict, 3)], f"{day}T10:00:00.000Z"))


def test_what_a_person_did_took_back_and_leaves_open(store: Store) -> None:
    a, b, c, d = add_images(store, ["a", "b", "c", "d"])
    for name in ("Ada", "Ben"):
        store.write(lambda db, name=name: ensure_annotator(db, name))
    _say(store, "Ben", a, Verdict.ACCEPT, "2026-01-01")
    _say(store, "Ben", b, Verdict.REJECT, "2026-01-01")
    _say(store, "Ben", c, Verdict.ACCEPT, "2026-01-02")
    store.write(lambda db: apply_ops(db, "Ben", [UndoOp(new_uuid())], "2026-01-02T11:00:00.000Z"))
    _say(store, "Ada", d, Verdict.UNSURE, "2026-01-02")
    store.write(lambda db: handouts.hand_out(db, {"state": "all"}, "Ben", "Ada"))
    store.write(lambda db: notes.add_note(db, "Ben", a, new_uuid(), "open it is"))
    store.write(lambda db: notes.add_note(db, "Ben", b, new_uuid(), "settled"))
    store.write(lambda db: notes.set_resolved(db, "Ada", b, True))
    found = store.read(lambda db: hand_over(db, "Ben", "Ben"))
    assert found.answers == {("accept", 3): 1, ("reject", None): 1}
    assert found.days == (Day("2026-01-01", 2, 0), Day("2026-01-02", 1, 1))
    assert (found.taken_back, found.independent, found.claimed, found.awaited) == (1, 0, 0, 0)
    assert [note.text for note in found.notes] == ["open it is"]
    (handout,) = found.handouts
    assert (handout.letter, handout.given_by, handout.left) == ("A", "Ada", 2)


def test_who_may_hand_nothing_out_knows_a_hand_out_by_its_letter(store: Store) -> None:
    """A search is called like a class, and a face may want an answer of somebody who does not know that."""
    add_images(store, ["a", "b"], source="/pout")
    for name in ("Ada", "Ben", "Cyd"):
        store.write(lambda db, name=name: ensure_annotator(db, name))
    first = store.write(lambda db: handouts.hand_out(db, {"source": "1"}, "Ben", "Ada"))
    store.write(lambda db: handouts.hand_out(db, {"source": "1"}, "Cyd", "Ada"))
    store.write(lambda db: handouts.hand_out(db, {"state": "undecided"}, "Ben", "Ada"))
    told = [(one.letter, one.query) for one in store.read(lambda db: hand_over(db, "Ben", "Ben")).handouts]
    assert told == [("A", None), ("B", None)]
    told = [(one.letter, one.query) for one in store.read(lambda db: hand_over(db, "Ben", "Ada")).handouts]
    assert told == [("A", {"source": "1"}), ("B", {"state": "undecided"})]
    store.write(lambda db: handouts.take_back(db, first, "Ada"))
    (left,) = store.read(lambda db: hand_over(db, "Ben", "Ben")).handouts
    assert left.letter == "B", "its letter stays while others go"
    tables = words.tables(store.read(lambda db: hand_over(db, "Ben", "Ben")), {}, "en-US")
    assert ("hand-out B", "2 faces left") in dict(tables)["Left open"]


def test_what_others_still_answer_blindly_is_told_to_the_person_alone(store: Store) -> None:
    a, b = add_images(store, ["a", "b"])
    _say(store, "Ben", a, Verdict.ACCEPT, "2026-01-01")
    _say(store, "Ben", b, Verdict.REJECT, "2026-01-01")
    store.write(lambda db: db.execute("UPDATE face_state SET waiting = 'opinion' WHERE face_id = ?", [b]).rowcount)
    assert store.read(lambda db: hand_over(db, "Ben", "Ben")).answers == {("accept", 3): 1, ("reject", None): 1}
    others = store.read(lambda db: hand_over(db, "Ben", "Ada"))
    assert (others.answers, others.independent, others.awaited) == ({("accept", 3): 1}, 1, 1)
    assert store.read(lambda db: hand_over(db, "Nobody", "Ada")).answers == {}
