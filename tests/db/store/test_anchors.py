from __future__ import annotations

import re
import sqlite3
from pathlib import Path

from db.decisions.log import apply_ops
from db.decisions.ops import UndoOp
from db.store import anchors
from db.store.backup import backup
from db.store.store import Store
from db.tables import audit
from tests.db.make import add_images, decide, new_uuid

LINE = re.compile(r"\d+ [0-9a-f]{64} \d{4}-\d\d-\d\dT\S+Z (closed|backup|release|verified|restored)")


def lines(root: Path) -> list[str]:
    file = root / ".anchors"
    return file.read_text("ascii").splitlines() if file.exists() else []


def test_the_end_of_the_log_is_noted_when_it_has_moved(tmp_path: Path) -> None:
    with Store.open(tmp_path / "w") as store:
        (face,) = add_images(store, ["a"])
    assert lines(tmp_path / "w") == []  # nobody decided yet
    with Store.open(tmp_path / "w") as store:
        store.write(lambda db: apply_ops(db, "Ann", [decide(db, face)]))
        backup(store, tmp_path / "b.db")
    Store.open(tmp_path / "w").close()
    (first,) = lines(tmp_path / "w")
    assert LINE.fullmatch(first)
    assert first.split()[0] == "1"
    assert first.endswith("backup")
    with Store.open(tmp_path / "w") as store:
        store.write(lambda db: apply_ops(db, "Ann", [UndoOp(new_uuid()), decide(db, face)]))
        (newest,) = store.read(
            lambda db: db.execute("SELECT seq || ' ' || hash FROM decisions WHERE seq = 3").fetchone()
        )
    assert lines(tmp_path / "w")[0] == first
    (second,) = lines(tmp_path / "w")[1:]
    assert second.startswith(f"{newest} ")
    assert second.endswith("closed")
    with Store.open(tmp_path / "w") as store:
        assert store.read(lambda db: anchors.check(db, store.root)) == []


def test_a_line_that_a_crash_cut_off_is_no_finding_and_the_next_one_is_whole(store: Store) -> None:
    (face,) = add_images(store, ["a"])
    store.write(lambda db: apply_ops(db, "Ann", [decide(db, face)]))
    store.note_head("verified")
    whole = (store.root / ".anchors").read_bytes()
    for cut in range(1, len(whole)):
        (store.root / ".anchors").write_bytes(whole[:cut])
        assert store.read(lambda db: anchors.check(db, store.root)) == []
        store.note_head("verified")
        assert LINE.fullmatch(lines(store.root)[-1]), cut
        assert store.read(lambda db: anchors.check(db, store.root)) == []


def test_zeros_that_a_power_cut_left_for_a_line_are_no_finding_and_the_next_one_is_whole(store: Store) -> None:
    """The file had grown, and of its last line there was nothing yet, or the first bytes."""
    faces = add_images(store, ["a", "b"])
    store.write(lambda db: apply_ops(db, "Ann", [decide(db, faces[0])]))
    store.note_head("verified")
    first = (store.root / ".anchors").read_bytes()
    store.write(lambda db: apply_ops(db, "Ann", [decide(db, faces[1])]))
    store.note_head("verified")
    second = (store.root / ".anchors").read_bytes()[len(first) :]
    for there in range(len(second)):
        (store.root / ".anchors").write_bytes(first + second[:there] + bytes(len(second) - there))
        assert store.read(lambda db: anchors.check(db, store.root)) == []
        store.note_head("verified")
        assert LINE.fullmatch(lines(store.root)[-1]), there
        assert store.read(lambda db: anchors.check(db, store.root)) == []


def test_a_zero_within_a_line_is_told(store: Store) -> None:
    """No power cut leaves it: a flipped bit makes one of the space."""
    (face,) = add_images(store, ["a"])
    store.write(lambda db: apply_ops(db, "Ann", [decide(db, face)]))
    store.note_head("verified")
    line = (store.root / ".anchors").read_bytes()
    (store.root / ".anchors").write_bytes(line.replace(b" ", b"\0", 1))
    assert store.read(lambda db: anchors.check(db, store.root)) == [".anchors, line 1: not written by Moue"]


def test_lines_of_somebody_else_are_told(store: Store) -> None:
    (store.root / ".anchors").write_text("hello\n999999999999999999999 " + "0" * 64 + " x closed\n", "utf-8")
    told = store.read(lambda db: anchors.check(db, store.root))
    assert len(told) == 2
    assert "line 1" in told[0]
    assert "999999999999999999999" in told[1]


def test_work_goes_on_where_the_file_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / ".anchors").mkdir()
    with Store.open(tmp_path) as store:
        (face,) = add_images(store, ["a"])
        assert store.write(lambda db: apply_ops(db, "Ann", [decide(db, face)]))[0].status == "saved"
    assert (tmp_path / ".anchors").is_dir()


def test_a_workspace_without_notes_contradicts_nothing(store: Store, tmp_path: Path) -> None:
    assert store.read(lambda db: anchors.check(db, tmp_path / "no notes here")) == []


def test_the_audit_s_end_is_noted_beside_it_and_a_cut_is_found(store: Store) -> None:
    """Also where the database's own note of the end was changed with it."""
    for action in ("setting", "export"):
        store.write(lambda db, action=action: audit.append(db, "Ada", action))
    store.note_head("verified")
    assert store.read(lambda db: anchors.check(db, store.root)) == []
    assert (store.root / ".anchors-audit").read_text("ascii").startswith("2 ")
    first = store.read(lambda db: db.execute("SELECT hash FROM audit WHERE seq = 1").fetchone()[0])
    with sqlite3.connect(store.file) as conn:
        conn.execute("DROP TRIGGER audit_no_delete")
        for trigger in [n for (n,) in conn.execute("SELECT name FROM sqlite_master WHERE name GLOB 'digest_meta*'")]:
            conn.execute(f'DROP TRIGGER "{trigger}"')
        conn.execute("DELETE FROM audit WHERE seq = 2")
        conn.execute("UPDATE meta SET value = ? WHERE key = 'audit_head'", [f"1:{first}"])
    assert store.read(audit.verify_links) == []
    (found,) = store.read(lambda db: anchors.check(db, store.root))
    assert found.startswith("audit row 2 is gone")
