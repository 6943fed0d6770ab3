from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from db.decisions.log import apply_ops
from db.decisions.verify import verify
from db.store.store import Store
from tests.db.behind import behind_moue
from tests.db.images.test_images import record
from tests.db.make import add_images, decide, make_outcome


@pytest.fixture
def filled(store: Store) -> Store:
    faces = add_images(store, ["a", "b", "c"])
    record(store, make_outcome("n", faces=0))
    store.write(lambda db: apply_ops(db, "Ann", [decide(db, faces[0]), decide(db, faces[1])]))
    return store


def test_a_sound_workspace_has_no_findings(filled: Store) -> None:
    assert filled.read(verify) == []


@pytest.mark.parametrize(
    ("sql", "finding"),
    [
        ("UPDATE images SET outcome = 'no_face' WHERE outcome = 'added'", "is `no_face` and has a face"),
        ("UPDATE images SET outcome = 'added' WHERE outcome = 'no_face'", "is `added` and has no face"),
        ("UPDATE sightings SET sha256 = NULL WHERE id = 2", "there is no image of it"),
        ("UPDATE face_state SET class_id = 1 WHERE verdict = 'accept'", "rebuild the state"),
        ("UPDATE face_state SET source_id = 99", "points to a row of sources"),
        ("UPDATE faces SET sha256 = (SELECT sha256 FROM images WHERE outcome = 'no_face')", "another image"),
    ],
)
def test_a_contradiction_is_found(filled: Store, sql: str, finding: str) -> None:
    conn = behind_moue(filled.root)  # a tool that knows nothing of foreign keys
    conn.execute(sql)
    conn.close()
    assert any(finding in text for text in filled.read(verify))


def test_a_damaged_page_is_found(filled: Store, tmp_path: Path) -> None:
    filled.close()
    data = bytearray(filled.file.read_bytes())
    conn = sqlite3.connect(filled.file)
    (page,) = conn.execute("SELECT rootpage FROM sqlite_master WHERE name = 'decisions_face'").fetchone()
    (size,) = conn.execute("PRAGMA page_size").fetchone()
    conn.close()
    data[(page - 1) * size : page * size] = bytes(data[(page - 1) * size : (page - 1) * size + 8]) + b"\xa5" * (
        size - 8
    )
    filled.file.write_bytes(bytes(data))
    with Store.open(filled.root) as store:
        findings = store.read(verify)
    assert findings
    assert findings[0].startswith("SQLite: ")
