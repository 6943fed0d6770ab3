"""What a server keeps of each answer as long as it runs: a team gives hundreds of thousands in a month."""

from __future__ import annotations

import pickle

from db.base.packed_columns import pack
from db.decisions.log import apply_ops
from db.reads.decision_sums import DecisionSums, sums_of
from db.store.store import Store
from db.team.agreement import Agreement, agreement_of
from tests.db.make import add_images, decide


def test_what_is_kept_for_progress_does_not_grow_with_the_answers(store: Store) -> None:
    """Two minutes are one quarter of an hour, and all looks took as long."""
    faces = add_images(store, [f"photo {n}" for n in range(40)])

    def answer(some: list[str], minute: int) -> DecisionSums:
        at = f"2026-01-31T12:{minute:02}:00.000Z"
        store.write(lambda db: apply_ops(db, "Ann", [decide(db, face) for face in some], at))
        return sums_of(store)

    few, many = answer(faces[:4], 1), answer(faces[4:], 2)
    assert (few.decisions.tolist(), many.decisions.tolist()) == ([4], [40])
    assert pack(few).nbytes == pack(many).nbytes


def test_what_is_told_of_agreement_does_not_grow_with_the_answers(store: Store) -> None:
    faces = add_images(store, [f"photo {n}" for n in range(40)])

    def answer(some: list[str]) -> Agreement:
        for who in ("Ann", "Ben"):
            store.write(lambda db, who=who: apply_ops(db, who, [decide(db, face) for face in some]))
        return agreement_of(store, independent=False)

    few, many = answer(faces[:4]), answer(faces[4:])
    assert (few.summary.faces, many.summary.faces) == (4, 40)
    assert len(pickle.dumps(many)) < len(pickle.dumps(few)) + 72, "a column of the 72 answers more would take more"
