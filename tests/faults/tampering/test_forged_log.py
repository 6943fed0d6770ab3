"""Whoever cuts or rewrites the decision log as one who knows the code: what tells of it, and what cannot."""

from __future__ import annotations

from pathlib import Path

import pytest

from db.decisions import chain
from db.decisions.log import apply_ops
from db.decisions.verify import verify
from db.projection.face_state import rebuild_state
from db.store import anchors
from db.store import backup as backups
from db.store.backup import backup
from db.store.store import Db, Store
from tests.db.make import decide
from tests.faults.tampering.conftest import findings


def forge(root: Path, keep: int, *, releases_too: bool = True, audit_too: bool = True) -> None:
    """Cut the log behind decision `keep` as one who knows the code: head, states, columns and digests all fit again."""

    def cut(db: Db) -> None:
        guards = "SELECT name, sql FROM sqlite_master WHERE name GLOB 'decisions_no_*' OR name GLOB 'audit_no_*'"
        triggers = db.execute(guards).fetchall()
        for name, _ in triggers:
            db.execute(f"DROP TRIGGER {name}")
        db.execute("PRAGMA defer_foreign_keys = ON")
        db.execute("DELETE FROM decisions WHERE seq > ?", [keep])
        if audit_too:
            db.execute("DELETE FROM audit")
        for _, sql in triggers:
            db.execute(sql)
        if releases_too:
            db.execute("DELETE FROM releases")
        if audit_too:
            db.execute("DELETE FROM meta WHERE key = 'audit_head'")
        chain.remember_head(db)
        rebuild_state(db)

    with Store.open(root) as store:
        store.write(cut)


def forget_anchors(root: Path) -> None:
    for name in (".anchors", ".anchors-audit"):
        (root / name).unlink(missing_ok=True)


def test_the_audit_holds_the_log_that_its_rows_were_written_after(root: Path) -> None:
    forge(root, 1, audit_too=False)
    forget_anchors(root)
    assert all(text.startswith("audit ") for text in findings(root))
    assert any("the decision log that it was written after" in text for text in findings(root))


@pytest.mark.parametrize("keep", [0, 1, 3])
def test_a_log_cut_off_by_one_who_knows_the_code_is_told_by_the_anchors(root: Path, keep: int) -> None:
    forge(root, keep)
    assert any("it was the newest one" in text for text in findings(root))
    forget_anchors(root)
    assert findings(root) == []  # what an unkeyed chain cannot show: README says so


def test_a_release_remembers_the_log_that_it_was_made_from(root: Path) -> None:
    forge(root, 1, releases_too=False)
    forget_anchors(root)
    assert findings(root) == ["the decisions that release 1 was made from are not the present ones"]


def test_a_log_written_anew_by_one_who_knows_the_code_is_told_by_the_anchors_and_by_backups(
    root: Path, tmp_path: Path
) -> None:
    with Store.open(root) as store:
        (newest,) = store.read(lambda db: db.execute("SELECT max(seq) FROM decisions").fetchone())
        backup(store, tmp_path / "b.db")
    forge(root, 1)
    with Store.open(root) as store:
        faces = store.read(lambda db: [face for (face,) in db.execute("SELECT face_id FROM face_state")])
        while store.read(chain.head)[0] < newest:
            store.write(lambda db: apply_ops(db, "Mallory", [decide(db, faces[0])]))
    assert any("was written anew" in text for text in findings(root))
    forget_anchors(root)
    with Store.open(root) as store:
        seq, digest = backups.read_head(tmp_path / "b.db") or (0, "")
        assert store.read(lambda db: anchors.check_anchor(db, seq, digest, "in b.db")) != []
        assert store.read(verify) == []
