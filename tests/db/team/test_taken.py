"""What is taken for a person, by the columns, is what one statement over the tables finds."""

from __future__ import annotations

import random

import pytest

from db.decisions.log import apply_ops
from db.decisions.ops import UndoOp
from db.projection.columns import Faces
from db.projection.filters import ReviewFilter
from db.store.store import Db, Store
from db.team import claims
from pipeline.core.records import Verdict
from tests.db.make import add_images, decide, new_uuid

PEOPLE = ("Ann", "Ben", "Cy", "Dee")
TAKEN = """
SELECT min(t.seq)
FROM claims c CROSS JOIN face_state t ON t.face_id = c.face_id LEFT JOIN second_opinions o ON o.face_id = c.face_id
WHERE c.annotator <> ? AND NOT EXISTS (
  SELECT 1 FROM answers a WHERE a.face_id = c.face_id AND a.annotator = c.annotator)
GROUP BY c.face_id HAVING count(*) + iif(o.wanted IS NULL, 0, t.n_answers) >= ifnull(o.wanted, 1)
"""
ALL = ReviewFilter(state="all")


def check(db: Db) -> int:
    taken = 0
    for who in PEOPLE:
        by_tables = {seq for (seq,) in db.execute(TAKEN, [who])}
        assert set(claims._taken(db, Faces(db), who).tolist()) == by_tables
        taken += len(by_tables)
    return taken


@pytest.mark.parametrize("seed", range(8))
def test_taken_is_what_the_tables_say(store: Store, seed: int) -> None:
    dice = random.Random(seed)
    faces = add_images(store, [f"photo {n}" for n in range(12)])
    some = [(face, dice.choice((2, 3))) for face in dice.sample(faces, seed)]
    sql = "INSERT INTO second_opinions VALUES (?, ?, 'share', '')"
    store.write(lambda db: db.conn.executemany(sql, some) and None)
    kept: list[tuple[str, str]] = []
    taken = 0
    for _ in range(60):
        who = dice.choice(PEOPLE)
        match dice.randrange(4):
            case 0 | 1:
                flt = dice.choice((ReviewFilter(), ALL))
                store.write(lambda db, who=who, flt=flt: claims.claim_next(db, who, flt, dice.randint(1, 5)))
            case 2:
                verdict = dice.choice((Verdict.ACCEPT, Verdict.REJECT, Verdict.UNSURE))
                op = store.read(lambda db, verdict=verdict: decide(db, dice.choice(faces), verdict))
                store.write(lambda db, who=who, op=op: apply_ops(db, who, [op]))
                kept.append((who, op.uuid))
            case _ if kept:
                whose, key = kept.pop(dice.randrange(len(kept)))
                store.write(lambda db, whose=whose, key=key: apply_ops(db, whose, [UndoOp(new_uuid(), key)]))
        taken += store.read(check)
    assert taken
