"""The matrix of answers from the whole log, and that what is kept of it is what comes of it."""

from __future__ import annotations

import numpy as np

from db.projection import answer_log, columns
from db.projection.columns import Faces
from db.store.store import Db, Store
from db.tables.classes import list_classes
from db.team.agreement import Agreement, agreement, agreement_of
from db.team.answers.matrix import AnswerMatrix, matrix, shown_now
from db.team.answers.sums import sums_of


def matrix_of(store: Store, *, independent: bool) -> AnswerMatrix:
    """Read anew; what is kept, brought up to date, tells the same."""
    found = store.read(lambda db: _matrix(db, independent))
    assert_alike(agreement_of(store, independent=independent), agreement(sums_of(found)))
    return found


def _matrix(db: Db, independent: bool) -> AnswerMatrix:
    log = answer_log.read(db)
    states = [columns.ACCEPTED + one.id for one in list_classes(db, archived=True)]
    return matrix(
        log, shown_now(Faces(db)), tuple(sorted(log.names)), (*states, columns.REJECTED, columns.UNSURE),
        independent=independent,
    )  # fmt: skip


def assert_alike(one: Agreement, other: Agreement) -> None:
    """All that is told."""
    assert (one.names, one.states, one.summary, one.weeks, one.given) == (
        other.names, other.states, other.summary, other.weeks, other.given,
    )  # fmt: skip
    assert np.array_equal(one.counted, other.counted)
    people = range(len(one.names))
    for mine in people:
        for theirs in people:
            assert np.array_equal(one.pairs.confusion(mine, theirs), other.pairs.confusion(mine, theirs))
