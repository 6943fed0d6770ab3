from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable

import pytest

from db.decisions import chain
from db.decisions.log import apply_ops, verify_chain
from db.decisions.ops import UndoOp
from db.decisions.verify import verify
from db.projection.face_state import rebuild_state
from db.store.store import Db, Store
from pipeline.core.records import Verdict
from tests.db.make import add_images, decide, new_uuid


@pytest.fixture
def decided(store: Store) -> Store:
    """Five rows in the log: accept, accept, reject, undo of the reject, unsure."""
    faces = add_images(store, ["a", "b", "c"])
    store.write(lambda db: apply_ops(db, "Ann", [decide(db, faces[0]), decide(db, faces[1])]))
    store.write(
        lambda db: apply_ops(
            db,
            "Jürgen 张",
            [decide(db, faces[2], Verdict.REJECT), UndoOp(new_uuid()), decide(db, faces[2], Verdict.UNSURE)],
        )
    )
    return store


def tamper(store: Store, *statements: str) -> None:
    """Change the log behind Moue's back: without its triggers, and with the projection made to fit."""

    def work(db: Db) -> None:
        db.execute("DROP TRIGGER decisions_no_update")
        db.execute("DROP TRIGGER decisions_no_delete")
        for sql in statements:
            db.execute(sql)
        db.execute("CREATE TRIGGER decisions_no_update BEFORE UPDATE ON decisions BEGIN SELECT RAISE(ABORT, 'no'); END")
        db.execute("CREATE TRIGGER decisions_no_delete BEFORE DELETE ON decisions BEGIN SELECT RAISE(ABORT, 'no'); END")
        rebuild_state(db)

    store.write(work)


def test_an_honest_log_has_no_findings(decided: Store) -> None:
    assert decided.read(verify_chain) == []


def test_the_hash_is_what_the_documentation_says(decided: Store) -> None:
    """Computed here anew, from the rows as SQLite gives them."""
    previous = "0" * 64
    for row in decided.read(lambda db: list(db.query("SELECT * FROM decisions ORDER BY seq"))):
        stored, before = row.pop("hash"), row.pop("prev_hash")
        assert before == previous
        assert (row.pop("kind"), row.pop("unseen"), row.pop("context")) == ("", None, None)  # covered where they differ
        text = json.dumps(row, sort_keys=True, separators=(",", ":"))
        assert hashlib.sha256((previous + text).encode("ascii")).hexdigest() == stored
        previous = stored


@pytest.mark.parametrize(
    ("sql", "finding"),
    [
        ("UPDATE decisions SET class_id = 1 WHERE seq = 2", "decision 2: changed"),
        ("UPDATE decisions SET took_ms = 1 WHERE seq = 1", "decision 1: changed"),
        ("UPDATE decisions SET kind = 'adjudication' WHERE seq = 1", "decision 1: changed"),
        ("UPDATE decisions SET unseen = 'x' WHERE seq = 2", "decision 2: changed"),
        ("UPDATE decisions SET context = '{}' WHERE seq = 4", "decision 4: changed"),
        ("UPDATE decisions SET annotator = 'Ann' WHERE seq = 5", "decision 5: changed"),
        ("DELETE FROM decisions WHERE seq = 2", "decision 2: missing"),
        ("DELETE FROM decisions WHERE seq = 5", "missing at the end"),
        ("DELETE FROM decisions WHERE seq > 3", "missing at the end"),
        (
            "INSERT INTO decisions (seq, uuid, step, annotator, face_id, sha256, verdict, class_id, reason, undoes, at,"
            " took_ms, prev_hash, hash)"
            " SELECT 6, 'new', step, annotator, face_id, sha256, verdict, class_id, reason, NULL,"
            " at, took_ms, hash, substr(hash, 2) || '0' FROM decisions WHERE seq = 5",
            "decision 6: changed",
        ),
    ],
)
def test_tampering_is_found(decided: Store, sql: str, finding: str) -> None:
    tamper(decided, sql)
    assert any(finding in text for text in decided.read(verify_chain))


def test_a_row_forged_with_a_fitting_hash_breaks_the_link_to_the_next(decided: Store) -> None:
    def forge(db: Db) -> None:
        from db.decisions.chain import row_hash

        row = next(db.query("SELECT * FROM decisions WHERE seq = 2"))
        row["class_id"] = 1
        db.execute("DROP TRIGGER decisions_no_update")
        db.execute("UPDATE decisions SET class_id = 1, hash = ? WHERE seq = 2", [row_hash(row["prev_hash"], row)])

    decided.write(forge)
    findings = decided.read(verify_chain)
    assert any("decision 3: not chained" in text for text in findings)
    assert any("the trigger decisions_no_update is gone" in text for text in decided.read(verify))


def test_emptying_the_log_is_found(decided: Store) -> None:
    tamper(decided, "DELETE FROM decisions WHERE undoes IS NOT NULL", "DELETE FROM decisions")
    assert any("missing at the end" in text for text in decided.read(verify_chain))


def test_one_decision_is_taken_back_at_most_once(decided: Store) -> None:
    def twice(db: Db) -> None:
        db.execute(
            "INSERT INTO decisions (seq, uuid, step, annotator, face_id, sha256, verdict, class_id, reason, undoes, at,"
            " took_ms, prev_hash, hash) SELECT 6, 'new', step, annotator, face_id, sha256, verdict, class_id, reason,"
            " undoes, at, took_ms, hash, substr(hash, 2) || '0' FROM decisions WHERE seq = 4"
        )

    with pytest.raises(sqlite3.IntegrityError, match="undoes"):
        decided.write(twice)


def test_refused_and_repeated_ops_leave_the_chain_alone(decided: Store) -> None:
    head: Callable[[Db], object] = lambda db: db.execute("SELECT max(seq) FROM decisions").fetchone()  # noqa: E731
    before = decided.read(head)
    decided.write(lambda db: apply_ops(db, "Eve", [UndoOp(new_uuid()), UndoOp("bad")]))
    assert decided.read(head) == before
    assert decided.read(verify_chain) == []


def test_what_was_the_head_holds_until_the_log_is_another_one(decided: Store) -> None:
    seq, digest = decided.read(chain.head)
    (face,) = add_images(decided, ["d"])
    decided.write(lambda db: apply_ops(db, "Ann", [decide(db, face)]))
    assert decided.read(lambda db: chain.holds(db, seq, digest))
    assert decided.read(lambda db: chain.holds(db, 0, chain.FIRST_HASH)), "every log begins with nothing"
    assert not decided.read(lambda db: chain.holds(db, seq + 1, digest))
    assert not decided.read(lambda db: chain.holds(db, seq + 2, digest))
