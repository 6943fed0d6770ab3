"""Vectors in memory: what a reader gets is what is stored, whatever changed, and only changed blocks are read."""

from __future__ import annotations

import sqlite3
import struct
from pathlib import Path

import numpy as np
import pytest

from db.images.erase import erase
from db.projection import looks
from db.store.store import Db, Store
from tests.db.fresh import open_fresh
from tests.db.make import add_images, sha_of
from tests.db.suggest.make import seq_of

NAMES = [f"n{number}" for number in range(4)]


def put(db: Db, seq: int, number: float, basis: int = 1) -> None:
    data = struct.pack("<48e", *(number,) * 48)
    db.execute("INSERT OR REPLACE INTO descriptors VALUES (?, ?, ?)", [seq, basis, data])


@pytest.fixture
def seqs(store: Store) -> list[int]:
    faces = add_images(store, NAMES)

    def work(db: Db) -> list[int]:
        db.execute("INSERT INTO descriptor_bases VALUES (1, 'one', 1, x'00')")
        found = [seq_of(db, face) for face in faces]
        for seq in found:
            put(db, seq, float(seq))
        return found

    return store.write(work)


def as_stored(db: Db) -> dict[int, float]:
    """By seq the first number of each vector of the newest basis, decoded another way than by the code under test."""
    sql = "SELECT seq, data FROM descriptors WHERE basis_id = (SELECT max(id) FROM descriptor_bases) AND data <> x''"
    return {seq: struct.unpack("<48e", data)[0] for seq, data in db.execute(sql)}


def in_memory(db: Db) -> dict[int, float]:
    found = looks.stored(db)
    return {int(seq): float(found.rows[seq, 0]) for seq in np.flatnonzero(found.known)}


def check(store: Store) -> dict[int, float]:
    wanted, found = store.read(lambda db: (as_stored(db), in_memory(db)))
    assert found == wanted
    return found


def test_every_way_of_changing_is_seen(store: Store, seqs: list[int]) -> None:
    assert check(store) == {seq: float(seq) for seq in seqs}
    store.write(lambda db: put(db, seqs[0], 9.0))
    assert check(store)[seqs[0]] == 9.0
    store.write(lambda db: db.execute("UPDATE descriptors SET data = x'' WHERE seq = ?", [seqs[1]]))
    assert seqs[1] not in check(store)
    store.write(lambda db: db.execute("UPDATE faces SET crop_x = crop_x + 1 WHERE seq = ?", [seqs[2]]))
    assert seqs[2] not in check(store), "another crop: its vector went by a trigger"
    store.write(lambda db: erase(db, sha_of("n3")))
    assert seqs[3] not in check(store), "the row went with its face"
    store.write(lambda db: db.execute("INSERT INTO descriptor_bases VALUES (2, 'two', 1, x'00')"))
    assert check(store) == {}
    store.write(lambda db: put(db, seqs[0], 4.0, basis=2))
    assert check(store) == {seqs[0]: 4.0}
    store.write(lambda db: db.execute("DELETE FROM descriptors"))
    assert check(store) == {}


def test_only_blocks_that_changed_are_read_again(store: Store, seqs: list[int]) -> None:
    check(store)

    def read(db: Db) -> tuple[int, dict[int, float]]:
        asked: list[str] = []
        db.conn.set_trace_callback(asked.append)
        found = in_memory(db)
        db.conn.set_trace_callback(None)
        return sum("FROM descriptors WHERE seq" in sql for sql in asked), found

    assert store.read(read)[0] == 0
    store.write(lambda db: put(db, seqs[0], 2.5))
    blocks, found = store.read(read)
    assert (blocks, found[seqs[0]]) == (1, 2.5)


def test_an_older_snapshot_gets_what_was_there_then(store: Store, seqs: list[int]) -> None:
    """A reader whose snapshot began before a change must not get what another one put into memory behind it."""

    def read(db: Db) -> tuple[dict[int, float], dict[int, float]]:
        db.execute("SELECT count(*) FROM descriptors").fetchone()
        with sqlite3.connect(store.file) as other:
            other.execute("UPDATE descriptors SET data = ? WHERE seq = ?", [struct.pack("<48e", *(7.0,) * 48), seqs[0]])
        return in_memory(db), as_stored(db)

    check(store)
    found, wanted = store.read(read)
    assert found == wanted == {seq: float(seq) for seq in seqs}
    assert check(store)[seqs[0]] == 7.0


def test_the_arrays_are_nobody_s_to_change(store: Store, seqs: list[int]) -> None:
    found = store.read(looks.stored)
    with pytest.raises(ValueError, match="read-only"):
        found.rows[seqs[0]] = 1


def test_two_workspaces_are_kept_apart(store: Store, seqs: list[int], tmp_path: Path) -> None:
    with open_fresh(tmp_path / "other") as other:
        check(store)
        assert check(other) == {}
        assert check(store) == {seq: float(seq) for seq in seqs}
