"""What pages and claims read costs no more where faces and answers are many: there may be a million.

SQLite knows nothing of how many rows a table has, and left to itself it begins with all accepted faces where it could
begin with three draws, or goes through all that a person decided where one face is asked about.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from db.decisions import redo
from db.decisions.log import apply_ops
from db.decisions.ops import RedoOp, UndoOp
from db.projection import answer_log, columns
from db.reads import decision_sums
from db.reads.groups import split_groups
from db.store.store import Db, Store
from db.suggest import comparison
from db.suggest.stop import standing
from db.team import gold, handover
from db.team.blind import VisibleFaces
from tests.db.make import add_images, decide, new_uuid

READS: dict[str, Callable[[Db], object]] = {
    "what was drawn at random": standing,
    "what suggesters are compared by": lambda db: comparison.compare(db, "moue"),
    "what is hidden": lambda db: VisibleFaces(db, "Ann"),
    "which second opinions are open": lambda db: db.execute(decision_sums.HIDDEN_SQL).fetchone(),
    "what is new of the log": lambda db: db.execute(decision_sums.NEW_SQL, [0, 2]).fetchone(),
    "what counts otherwise in the log": lambda db: db.execute(
        decision_sums.OLD_SQL,
        {"faces": "[1, 2]", "last": db.execute("SELECT max(seq) - 2 FROM decisions").fetchone()[0]},
    ).fetchall(),
    "what somebody hands over": lambda db: handover.hand_over(db, "Ben", "Ann"),
    "what two people both answered": lambda db: answer_log.read_common(db, "Ben", "Cem"),
    "which gold a claim may have": lambda db: db.execute(gold.PICK_SQL, {"who": "Dan"}).fetchall(),
    "how right people are on gold": gold.accuracies,
    "which photos of an export belong together": split_groups,
    "what a redo reverses": lambda db: redo.undo_to_redo(db, "Ann"),
}


@pytest.mark.parametrize("name", READS)
def test_as_many_steps_of_sqlite_with_many_faces_and_answers_as_with_few(store: Store, name: str) -> None:
    def answer(who: str, names: list[str]) -> list[str]:
        faces = add_images(store, names)
        store.write(lambda db: apply_ops(db, who, [decide(db, face) for face in faces]))
        return faces

    def settle() -> None:
        """Somebody took back and made anew last; what waits to be put into columns is bounded, and read besides."""
        store.write(lambda db: apply_ops(db, "Ann", [UndoOp(new_uuid())]))
        store.write(lambda db: apply_ops(db, "Ann", [RedoOp(new_uuid())]))
        store.write(columns.compact)

    def steps(db: Db) -> int:
        """In hundreds of instructions of its virtual machine."""
        READS[name](db)  # once so that the schema is read
        counted: list[None] = []
        db.conn.set_progress_handler(lambda: counted.append(None), 100)
        READS[name](db)
        db.conn.set_progress_handler(None, 0)
        return len(counted)

    known = answer("Ben", ["a", "b"])
    store.write(lambda db: apply_ops(db, "Cem", [decide(db, face) for face in known]))
    for face in known:
        store.write(lambda db, face=face: gold.make_gold(db, face, "Lee"))
    answer("Ann", ["c"])
    served = [(face, "Ann", "2026-01-31T09:05:07.123Z") for face in known]
    sql = "INSERT INTO gold_served (face_id, annotator, served_at) VALUES (?, ?, ?)"
    store.write(lambda db: db.conn.executemany(sql, served).rowcount)
    settle()
    before = store.read(steps)
    answer("Dan", [f"one {n}" for n in range(200)])
    answer("Ann", [f"another {n}" for n in range(200)])
    answer("Ann", ["d"])
    settle()
    assert store.read(steps) <= before + 2
