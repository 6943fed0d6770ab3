"""The numbers of faces by their ids."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from db.base import face_seqs
from db.store.store import Db


@pytest.mark.parametrize("few", [0, 1000])
def test_ids_that_begin_alike_are_told_apart(monkeypatch: pytest.MonkeyPatch, few: int) -> None:
    """Ids are looked for by their first half; what is asked for may be none of those that begin so."""
    monkeypatch.setattr(face_seqs, "_FEW", few)
    with closing(sqlite3.connect(":memory:")) as conn:
        conn.execute("CREATE TABLE faces (seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE)")
        ids = ["0" * 31 + "1", "0" * 31 + "2", "f" * 32]
        conn.executemany("INSERT INTO faces VALUES (?, ?)", zip((9, 7, 8), ids, strict=True))
        wanted = [ids[2], ids[1], "0" * 31 + "3", ids[0], ids[1], "f" * 31 + "0"]
        found = face_seqs.seqs_of(Db(conn, execute_plugins=False), "".join(wanted))
    assert found.tolist() == [8, 7, face_seqs.GONE, 9, 7, face_seqs.GONE]
