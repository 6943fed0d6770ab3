from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable

import pytest

from db.decisions.log import apply_ops
from db.decisions.verify import verify
from db.store.store import DATABASE_NAME, Store
from db.tables import audit
from tests.db.make import add_images, decide


def _filled(store: Store) -> None:
    face = add_images(store, ["a"])[0]
    store.write(lambda db: audit.append(db, "Ada", "setting", {"name": "x", "to": 1}))
    store.write(lambda db: apply_ops(db, "Ada", [decide(db, face)]))
    store.write(lambda db: audit.append(db, "Bén", "export"))
    store.write(lambda db: audit.append(db, audit.COMMAND_LINE, "backup"))


def _tamper(store: Store, sql: str) -> None:
    """By another program, which takes the triggers off first."""
    with sqlite3.connect(store.root / DATABASE_NAME) as conn:
        names = [name for (name,) in conn.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")]
        for name in names:
            if name.startswith(("audit_", "digest_meta", "decisions_")):
                conn.execute(f'DROP TRIGGER "{name}"')
        conn.execute(sql)


def test_each_row_is_chained_to_the_one_before_and_to_the_decisions(store: Store) -> None:
    _filled(store)
    rows = store.read(
        lambda db: db.execute(
            "SELECT seq, at, annotator, action, params, head, prev_hash, hash FROM audit ORDER BY seq"
        ).fetchall()
    )
    decision = store.read(lambda db: db.execute("SELECT hash FROM decisions WHERE seq = 1").fetchone()[0])
    assert [row[5] for row in rows] == ["0:" + "0" * 64, f"1:{decision}", f"1:{decision}"]
    before = "0" * 64
    for seq, at, annotator, action, params, head, prev_hash, digest in rows:
        told = {"action": action, "annotator": annotator, "at": at, "head": head, "params": params, "seq": seq}
        text = json.dumps(told, separators=(",", ":"), sort_keys=True)
        assert prev_hash == before
        assert digest == hashlib.sha256(f"{before}{text}".encode()).hexdigest()
        before = digest
    assert store.read(verify) == []


def test_what_is_not_kept_is_not_told(store: Store) -> None:
    def work(db: object) -> None:
        audit.append(db, "Ada", "erase")  # type: ignore[arg-type]
        raise RuntimeError("the disk is full")

    with pytest.raises(RuntimeError):
        store.write(work)
    assert store.read(lambda db: list(audit.rows(db))) == []


@pytest.mark.parametrize("action", ["", "Two words", "UPPER", "x" * 41])
def test_an_action_is_a_slug(store: Store, action: str) -> None:
    with pytest.raises(ValueError, match="slug"):
        store.write(lambda db: audit.append(db, "Ada", action))


@pytest.mark.parametrize(
    ("sql", "finding"),
    [
        ("UPDATE audit SET annotator = 'Eve' WHERE seq = 2", "audit 2: changed after it was written"),
        ("UPDATE audit SET at = '2020' WHERE seq = 1", "audit 1: changed after it was written"),
        ("DELETE FROM audit WHERE seq = 2", "audit 2: missing"),
        ("DELETE FROM audit WHERE seq = 3", "rows are missing at the end of the audit"),
        ("DELETE FROM decisions WHERE seq = 1", "audit 2: the decision log that it was written after"),
    ],
)
def test_verify_finds_what_another_program_did(store: Store, sql: str, finding: str) -> None:
    _filled(store)
    _tamper(store, sql)
    assert any(found.startswith(finding) for found in store.read(verify)), store.read(verify)


def test_a_head_of_a_log_that_was_written_anew_is_found(store: Store) -> None:
    """Also where whoever did it made the audit's own hashes and Moue's note of its end anew."""
    _filled(store)

    def forge(sqlite: sqlite3.Connection) -> None:
        before = "0" * 64
        for seq, at, who, action, params, head in sqlite.execute(
            "SELECT seq, at, annotator, action, params, head FROM audit ORDER BY seq"
        ).fetchall():
            head = "1:" + "a" * 64 if seq == 2 else head
            row = {"seq": seq, "at": at, "annotator": who, "action": action, "params": params, "head": head}
            digest = audit.row_hash(before, row)
            sqlite.execute(
                "UPDATE audit SET head = ?, prev_hash = ?, hash = ? WHERE seq = ?", [head, before, digest, seq]
            )
            before = digest
        sqlite.execute("UPDATE meta SET value = ? WHERE key = 'audit_head'", [f"3:{before}"])

    with sqlite3.connect(store.root / DATABASE_NAME) as conn:
        for trigger in ("audit_no_update", "digest_meta_update"):
            conn.execute(f"DROP TRIGGER IF EXISTS {trigger}")
        forge(conn)
    assert "audit 2: the decision log that it was written after is not the present one" in store.read(verify)


def test_it_is_append_only(store: Store) -> None:
    _filled(store)
    for sql in ("UPDATE audit SET annotator = 'Eve'", "DELETE FROM audit"):
        change: Callable[..., object] = lambda db, sql=sql: db.execute(sql)  # noqa: E731
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            store.write(change)
