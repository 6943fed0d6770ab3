"""Who had claimed faces before the migration still has them."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from db.base.clock import now_seconds
from db.projection.filters import ReviewFilter
from db.store.store import Store
from db.team import claims
from tests.db.schema.test_released import opened


def test_a_claim_of_before_keeps_others_from_its_face(tmp_path: Path) -> None:
    file = opened("0032_told_together", tmp_path)
    with sqlite3.connect(file) as conn:
        sql = "SELECT face_id FROM face_state WHERE verdict IS NULL AND n_answers = 0 ORDER BY seq"
        conn.create_function("moue_digest", -1, lambda *_: bytes(32))
        conn.execute("DELETE FROM second_opinions")
        conn.execute("DELETE FROM handouts")
        undecided = [face for (face,) in conn.execute(sql)]
        assert undecided
        conn.execute(
            "INSERT INTO claims (face_id, annotator, batch, place, expires_at) VALUES (?, 'Ann', 'b', 0, ?)",
            [undecided[0], now_seconds() + 300],
        )
    conn.close()
    with Store.open(tmp_path) as store:
        rows = store.read(lambda db: db.execute("SELECT c.seq = f.seq FROM claims c JOIN faces f ON f.id = c.face_id"))
        assert rows.fetchall() == [(1,)]
        assert undecided[0] not in store.write(lambda db: claims.claim_next(db, "Ben", ReviewFilter())).faces
        store.write(lambda db: claims.release(db, "Ann", "b"))
        assert undecided[0] in store.write(lambda db: claims.claim_next(db, "Ben", ReviewFilter())).faces
