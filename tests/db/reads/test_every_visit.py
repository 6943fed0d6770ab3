"""What is read whenever a page is opened costs no more where faces and answers are many: there may be a million."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from db.decisions.log import apply_ops
from db.projection import columns
from db.reads import progress_log
from db.store.store import Db, Store
from db.suggest.stop import standing
from db.team import handover
from db.team.blind import VisibleFaces
from tests.db.make import add_images, decide

READS: dict[str, Callable[[Db], object]] = {
    "what was drawn at random": standing,
    "what is hidden": lambda db: VisibleFaces(db, "Ann"),
    "which second opinions are open": lambda db: db.execute(progress_log.OPEN_SQL).fetchone(),
    "what is new of the log": lambda db: db.execute(progress_log.LOG_SQL, [0, 2]).fetchone(),
    "what somebody hands over": lambda db: handover.hand_over(db, "Ben", "Ann"),
}


@pytest.mark.parametrize("name", READS)
def test_as_many_steps_of_sqlite_with_many_faces_and_answers_as_with_few(store: Store, name: str) -> None:
    def answer(who: str, names: list[str]) -> None:
        faces = add_images(store, names)
        store.write(lambda db: apply_ops(db, who, [decide(db, face) for face in faces]))
        store.write(columns.compact)  # what waits to be put into columns is bounded, and read besides

    def steps(db: Db) -> int:
        """In hundreds of instructions of its virtual machine."""
        READS[name](db)  # once so that the schema is read
        counted: list[None] = []
        db.conn.set_progress_handler(lambda: counted.append(None), 100)
        READS[name](db)
        db.conn.set_progress_handler(None, 0)
        return len(counted)

    answer("Ben", ["a", "b"])
    before = store.read(steps)
    answer("Ann", [f"photo {n}" for n in range(300)])
    assert store.read(steps) <= before + 2
