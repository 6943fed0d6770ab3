"""Labels as they were: each head of a log that grew is asked for again at its end."""

from __future__ import annotations

from db.base.clock import now_iso
from db.decisions import consensus
from db.decisions.log import apply_ops
from db.decisions.ops import UndoOp
from db.store.past_labels import Past, labels_at
from db.store.store import Db, Store
from db.tables.consensus_rules import ConsensusRule
from pipeline.core.records import Verdict
from tests.db.make import add_images, decide, new_uuid

Head = tuple[int, str, dict[str, int]]


def head(store: Store) -> Head:
    """(seq, time, labels) as they are."""
    sql = """
    SELECT face_id, CASE verdict WHEN 'accept' THEN class_id ELSE 0 END FROM face_state
    WHERE verdict IN ('accept', 'reject')
    """

    def read(db: Db) -> Head:
        seq = db.execute("SELECT ifnull(max(seq), 0) FROM decisions").fetchone()[0]
        return seq, now_iso(), dict(db.execute(sql).fetchall())

    return store.read(read)


def test_every_head_of_a_log_gives_the_labels_of_its_time(store: Store) -> None:
    one, two, three = add_images(store, ["a", "b", "c"])
    heads = [head(store)]

    def say(who: str, face: str, verdict: Verdict, class_id: int | None) -> None:
        op = store.read(lambda db: decide(db, face, verdict, class_id))
        store.write(lambda db: apply_ops(db, who, [op]))
        heads.append(head(store))

    say("Ann", one, Verdict.ACCEPT, 1)
    say("Ann", two, Verdict.ACCEPT, 2)
    say("Ben", two, Verdict.REJECT, None)
    say("Ben", three, Verdict.ACCEPT, 3)
    say("Cem", one, Verdict.ACCEPT, 4)
    store.write(lambda db: apply_ops(db, "Cem", [UndoOp(new_uuid())]))
    heads.append(head(store))
    assert len({tuple(sorted(labels.items())) for _, _, labels in heads}) == 6
    for seq, at, labels in heads:
        assert labels_at(store.root, seq, at).labels == labels


def test_the_answers_of_then_are_counted(store: Store) -> None:
    one, two = add_images(store, ["a", "b"])
    heads = [head(store)]
    for who, face, verdict, class_id in (
        ("Ann", one, Verdict.ACCEPT, 1), ("Ben", one, Verdict.ACCEPT, 1), ("Cem", one, Verdict.REJECT, None),
        ("Ben", one, Verdict.ACCEPT, 2), ("Ann", two, Verdict.UNSURE, None),
    ):  # fmt: skip
        op = store.read(lambda db, f=face, v=verdict, c=class_id: decide(db, f, v, c))
        store.write(lambda db, w=who, o=op: apply_ops(db, w, [o]))
        heads.append(head(store))
    expected = [
        {}, {one: {1: 1}}, {one: {1: 2}}, {one: {1: 2, 0: 1}}, {one: {1: 1, 2: 1, 0: 1}},
        {one: {1: 1, 2: 1, 0: 1}, two: {-1: 1}},
    ]  # fmt: skip
    assert [labels_at(store.root, seq, at).votes for seq, at, _ in heads] == expected


def test_the_rule_of_then_holds(store: Store) -> None:
    (face,) = add_images(store, ["a"])
    for who, class_id in (("Ann", 1), ("Ben", 1), ("Cem", 2)):
        op = store.read(lambda db, said=class_id: decide(db, face, Verdict.ACCEPT, said))
        store.write(lambda db, name=who, said=op: apply_ops(db, name, [said]))
    before = head(store)
    assert before[2] == {face: 2}
    while now_iso() == before[1]:
        """The clock has milliseconds."""
    store.write(lambda db: consensus.set_rule(db, ConsensusRule("majority", 2), "Ann"))
    after = head(store)
    assert after[2] == {face: 1}
    assert labels_at(store.root, *before[:2]).labels == {face: 2}
    assert labels_at(store.root, *after[:2]).labels == {face: 1}


def test_nothing_is_left_and_nothing_changes(store: Store) -> None:
    (face,) = add_images(store, ["a"])
    op = store.read(lambda db: decide(db, face, Verdict.ACCEPT, 1))
    store.write(lambda db: apply_ops(db, "Ann", [op]))
    files = sorted(path.name for path in store.root.iterdir())
    assert labels_at(store.root, 0, "2026-01-01T00:00:00.000Z") == Past({}, {})
    assert sorted(path.name for path in store.root.iterdir()) == files
    assert head(store)[2] == {face: 1}
