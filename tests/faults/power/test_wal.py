"""Which frames of a write-ahead log count: as SQLite itself says, asked with logs cut and damaged everywhere."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from tests.faults.power.wal import counts


def numbers(folder: Path, wal: bytes, database: bytes) -> list[int]:
    """What SQLite finds in the table with this log beside it."""
    (folder / "x.db").write_bytes(database)
    (folder / "x.db-wal").write_bytes(wal)
    (folder / "x.db-shm").unlink(missing_ok=True)
    with closing(sqlite3.connect(folder / "x.db")) as db:
        return [n for (n,) in db.execute("SELECT n FROM t ORDER BY n")]


def logged(folder: Path) -> tuple[bytes, bytes]:
    """A database and a log of three transactions, as they lie there while it is open."""
    with closing(sqlite3.connect(folder / "y.db", isolation_level=None)) as db:
        db.execute("PRAGMA page_size = 512")
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("CREATE TABLE t (n INTEGER, filler TEXT)")
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        for number in (1, 2, 3):
            db.execute("INSERT INTO t VALUES (?, ?)", [number, "x" * 700])
        return (folder / "y.db").read_bytes(), (folder / "y.db-wal").read_bytes()


def test_what_is_cut_or_damaged_is_read_as_what_counts_of_it(tmp_path: Path) -> None:
    database, wal = logged(tmp_path)
    assert numbers(tmp_path, wal, database) == [1, 2, 3]
    assert counts(wal) == wal
    seen: set[tuple[int, ...]] = set()
    for at in range(0, len(wal), 61):
        flipped = bytearray(wal)
        flipped[at] ^= 4
        for hurt in (wal[:at], wal[:at] + bytes(len(wal) - at), bytes(flipped)):
            found = numbers(tmp_path, hurt, database)
            assert found == numbers(tmp_path, counts(hurt), database), at
            seen.add(tuple(found))
    assert seen >= {(), (1,), (1, 2)}


def test_a_transaction_is_counted_from_its_last_byte_on(tmp_path: Path) -> None:
    database, wal = logged(tmp_path)
    lengths = sorted({len(counts(wal[:end])) for end in range(len(wal) + 1)})
    assert len(lengths) == 4
    assert [numbers(tmp_path, wal[:length], database) for length in lengths] == [[], [1], [1, 2], [1, 2, 3]]
    assert counts(wal[: lengths[2] - 1]) == wal[: lengths[1]]
