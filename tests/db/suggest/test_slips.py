"""The queue of possible slips: what it is found from, who sees what of it, and what "kept" means."""

from __future__ import annotations

import pytest

from db.decisions.log import apply_ops
from db.decisions.ops import DecideOp, UndoOp
from db.images.erase import erase
from db.store.store import Db, Store
from db.suggest import slips
from db.suggest.slips import Slip
from pipeline.core.errors import DecisionError
from pipeline.core.records import Verdict
from tests.db.make import add_images, decide, new_uuid, sha_of
from tests.db.near_copies import add_copies, near_pair
from tests.db.suggest.make import replace_slips

NONE, POUT, SMILE = 1, 2, 3


def say(store: Store, person: str, face: str, class_id: int | None) -> None:
    verdict = Verdict.REJECT if class_id is None else Verdict.ACCEPT
    store.write(lambda db: apply_ops(db, person, [decide(db, face, verdict, class_id)]))


def slip(face: str, *, to: int = NONE, examples: dict[int, list[str]] | None = None) -> Slip:
    return Slip(face, SMILE, to, 0.2, 0.7, 1, examples or {})


def stored(store: Store, *found: Slip) -> None:
    store.write(lambda db: replace_slips(db, found))


def queue(store: Store, who: str = "Ann") -> list[str]:
    found = store.read(lambda db: slips.batch(db, who, 100))
    assert found.left == len(found.items)
    return [one.face_id for one in found.items]


def test_who_says_otherwise_is_counted_and_the_label_itself_is_no_witness(store: Store) -> None:
    alone, differing, agreeing, rejected = add_images(store, ["a", "b", "c", "d"])
    for who, face, what in (("Ann", alone, SMILE), ("Ann", differing, POUT), ("Ben", differing, SMILE),
                            ("Ann", agreeing, SMILE), ("Ben", agreeing, SMILE), ("Ann", rejected, None)):  # fmt: skip
        say(store, who, face, what)
    found = {one.face_id: one for one in store.read(slips.labelled)}
    assert set(found) == {alone, differing, agreeing}
    assert dict(found[alone].witnesses) == {}
    assert (found[differing].class_id, found[differing].witnesses) == (SMILE, {POUT: 1, SMILE: 0})
    assert found[agreeing].witnesses == {SMILE: 1}


def test_near_copies_that_disagree_are_witnesses_against_each_other(store: Store) -> None:
    one, other = add_copies(store, ["a", "b"], [near_pair("a", "b")])
    say(store, "Ann", one, SMILE)
    say(store, "Ann", other, NONE)
    assert {found.face_id: found.witnesses for found in store.read(slips.labelled)} == {
        one: {NONE: 1},
        other: {SMILE: 1},
    }


def test_gold_and_what_was_settled_hold_no_slips(store: Store) -> None:
    gold, settled, face = add_images(store, ["a", "b", "c"])
    for one in (gold, settled, face):
        say(store, "Ann", one, SMILE)
    stored(store, slip(gold), slip(settled), slip(face))
    op = DecideOp(new_uuid(), new_uuid(), settled, sha_of("b"), Verdict.ACCEPT, SMILE, kind="adjudication")
    store.write(lambda db: apply_ops(db, "Ann", [op]))
    store.write(lambda db: db.execute("INSERT INTO gold VALUES (?, 'accept', 3, NULL, 'Ann', '2026')", [gold]))
    assert [one.face_id for one in store.read(slips.labelled)] == [face]
    assert queue(store) == [face]


def test_a_change_takes_it_out_and_its_undo_brings_it_back(store: Store) -> None:
    first, second = add_images(store, ["a", "b"])
    for face in (first, second):
        say(store, "Ann", face, SMILE)
    stored(store, slip(second), slip(first))
    assert queue(store) == [second, first]
    say(store, "Ann", second, NONE)
    assert queue(store) == [first]
    store.write(lambda db: apply_ops(db, "Ann", [UndoOp(new_uuid())]))
    assert queue(store) == [second, first]


def test_what_was_kept_stays_away_until_its_label_changes(store: Store) -> None:
    (face,) = add_images(store, ["a"])
    say(store, "Ann", face, SMILE)
    stored(store, slip(face))
    store.write(lambda db: slips.keep(db, "Ben", face, SMILE))
    assert queue(store) == []
    stored(store, slip(face))  # found again by the next training
    assert queue(store) == []
    rows = store.read(lambda db: db.execute("SELECT class_id, annotator, at > '2026' FROM kept_labels").fetchall())
    assert rows == [(SMILE, "Ben", 1)]
    say(store, "Ann", face, NONE)
    stored(store, Slip(face, NONE, SMILE, 0.2, 0.7, 0, {}))
    assert queue(store) == [face]


def test_the_next_training_hears_of_what_was_kept(store: Store) -> None:
    """It would take the place of others in a queue of limited length."""
    first, second = add_images(store, ["a", "b"])
    for face in (first, second):
        say(store, "Ann", face, SMILE)
    store.write(lambda db: slips.keep(db, "Ben", first, SMILE))
    assert {one.face_id: one.kept for one in store.read(slips.labelled)} == {first: True, second: False}
    say(store, "Ann", first, NONE)
    assert not any(one.kept for one in store.read(slips.labelled))


def test_a_queue_is_written_in_parts_over_the_one_before(store: Store) -> None:
    faces = add_images(store, ["a", "b", "c"])
    for face in faces:
        say(store, "Ann", face, SMILE)
    stored(store, slip(faces[0]), slip(faces[1], examples={SMILE: [faces[0]]}))
    for place, face in enumerate((faces[2], faces[1])):
        store.write(lambda db, place=place, face=face: slips.put_slips(db, [slip(face)], place, "2027"))
    store.write(lambda db: slips.forget_older(db, "2027"))
    assert queue(store) == [faces[2], faces[1]]
    assert store.read(lambda db: db.execute("SELECT count(*) FROM slip_examples").fetchone()) == (0,)


def test_only_who_kept_it_takes_that_back(store: Store) -> None:
    (face,) = add_images(store, ["a"])
    say(store, "Ann", face, SMILE)
    stored(store, slip(face))
    store.write(lambda db: slips.keep(db, "Ben", face, SMILE))
    store.write(lambda db: slips.take_back(db, "Ann", face))
    assert queue(store) == []
    store.write(lambda db: slips.take_back(db, "Ben", face))
    assert queue(store) == [face]


def test_a_label_that_is_not_there_cannot_be_kept(store: Store) -> None:
    (face,) = add_images(store, ["a"])
    for _ in range(2):
        with pytest.raises(DecisionError, match="another label"):
            store.write(lambda db: slips.keep(db, "Ben", face, SMILE))
        say(store, "Ann", face, NONE)


def test_blind_faces_are_neither_in_the_queue_nor_examples_of_it(store: Store) -> None:
    """A gold face that lies before somebody as if it were undecided, and its label."""
    face, example, hidden = add_images(store, ["a", "b", "c"])
    for one in (face, example, hidden):
        say(store, "Ann", one, SMILE)
    stored(store, slip(hidden), slip(face, examples={SMILE: [hidden, example]}))

    def serve(db: Db) -> None:
        db.execute("INSERT INTO annotators (name, created_at) VALUES ('Ben', '2026')")
        db.execute("INSERT INTO gold VALUES (?, 'accept', 3, NULL, 'Ann', '2026')", [hidden])
        db.execute("INSERT INTO gold_served VALUES (?, 'Ben', '2026')", [hidden])

    store.write(serve)
    assert queue(store, "Ben") == [face]
    (item,) = store.read(lambda db: slips.batch(db, "Ben", 10)).items
    assert [one.face_id for one in item.examples[SMILE]] == [example]


def test_an_open_second_opinion_is_not_told(store: Store) -> None:
    (face,) = add_images(store, ["a"])
    store.write(lambda db: db.execute("INSERT INTO second_opinions VALUES (?, 2, 'share', '2026-01-31')", [face]))
    say(store, "Ann", face, SMILE)
    stored(store, slip(face))
    assert store.read(slips.labelled) == []
    assert (queue(store, "Ann"), queue(store, "Ben")) == ([], [])


def test_examples_are_those_that_still_carry_the_class_three_at_most(store: Store) -> None:
    face, *others = add_images(store, ["a", "b", "c", "d", "e", "f"])
    for one in (face, *others):
        say(store, "Ann", one, SMILE)
    stored(store, slip(face, examples={SMILE: others}))
    say(store, "Ann", others[1], NONE)
    (item,) = store.read(lambda db: slips.batch(db, "Ann", 10)).items
    assert [one.face_id for one in item.examples[SMILE]] == [others[0], others[2], others[3]]


def test_batches_go_on_behind_a_place_and_begin_again_at_the_end(store: Store) -> None:
    faces = add_images(store, ["a", "b", "c"])
    for one in faces:
        say(store, "Ann", one, SMILE)
    stored(store, *map(slip, faces))

    def after(place: int) -> list[str]:
        return [one.face_id for one in store.read(lambda db: slips.batch(db, "Ann", 2, place)).items]

    assert (after(-1), after(1), after(2)) == (faces[:2], faces[2:], faces[:2])


def test_an_erased_photo_leaves_nothing_behind(store: Store) -> None:
    face, example = add_images(store, ["a", "b"])
    for one in (face, example):
        say(store, "Ann", one, SMILE)
    stored(store, slip(face, examples={SMILE: [example]}), slip(example))
    store.write(lambda db: slips.keep(db, "Ann", example, SMILE))
    store.write(lambda db: erase(db, sha_of("b")))
    for table, left in (("possible_slips", 1), ("slip_examples", 0), ("kept_labels", 0)):
        sql = f"SELECT count(*) FROM {table}"
        assert store.read(lambda db, sql=sql: db.execute(sql).fetchone()[0]) == left, table
    stored(store, slip(face, examples={SMILE: [example]}), slip(example))  # found before it was erased
    assert queue(store) == [face]
