"""What a server keeps of each answer as long as it runs: a team gives hundreds of thousands in a month."""

from __future__ import annotations

import pickle

import numpy as np
import numpy.typing as npt

from db.base.packed_columns import pack
from db.decisions.log import apply_ops
from db.projection.answer_log import AnswerLog
from db.reads.progress_log import Log
from db.store.store import Store
from db.team.agreement import Agreement, agreement_of
from tests.db.make import add_images, decide

MANY = 1_000_000
NAMES = tuple(f"person {n}" for n in range(100))
MOST_BYTES = 20


def upto(most: int, least: int = 0) -> npt.NDArray[np.int64]:
    return np.linspace(least, most, MANY).astype(np.int64)


def test_an_answer_of_a_million_takes_few_bytes() -> None:
    flags = np.ones(MANY, bool)
    days, milliseconds, minutes = 30_000, 600_000, 30_000 * 1440
    answers = AnswerLog(MANY, NAMES, upto(MANY), upto(99), upto(40), upto(2), upto(days), upto(MANY, -1), flags)
    told = Log(MANY, "", "[]", NAMES, upto(MANY), upto(99), upto(40), upto(minutes), upto(milliseconds), flags)
    assert pack(answers).nbytes <= MOST_BYTES * MANY
    assert pack(told).nbytes <= MOST_BYTES * MANY


def test_what_is_told_of_agreement_does_not_grow_with_the_answers(store: Store) -> None:
    faces = add_images(store, [f"photo {n}" for n in range(40)])

    def answer(some: list[str]) -> Agreement:
        for who in ("Ann", "Ben"):
            store.write(lambda db, who=who: apply_ops(db, who, [decide(db, face) for face in some]))
        return agreement_of(store, independent=False)

    few, many = answer(faces[:4]), answer(faces[4:])
    assert (few.summary.faces, many.summary.faces) == (4, 40)
    assert len(pickle.dumps(many)) < len(pickle.dumps(few)) + 72, "a column of the 72 answers more would take more"
