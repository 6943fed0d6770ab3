"""Whether enough faces were labelled one by one, and the rest may be confirmed page by page."""

from __future__ import annotations

from dataclasses import dataclass

from db.store.store import Db
from db.suggest.stop import standing
from pipeline.suggest import stopping
from pipeline.suggest.stopping import Accuracy


@dataclass(frozen=True, slots=True)
class Told:
    """accuracy: of suggestions on faces like those that are left, None: too few random draws are answered to say.
    correct: the share of correct labels, 0 to 1, that one may count on if all that are left were confirmed as
    suggested, None as above. may_stop: it is enough. accepted: faces that carry a class; left: undecided ones."""

    accuracy: Accuracy | None
    correct: float | None
    may_stop: bool
    accepted: int
    left: int


def tell(db: Db) -> Told:
    """What the random draws say now."""
    now = standing(db)
    comparable = stopping.comparable(now.doubts, now.left)
    found = stopping.accuracy(int(comparable.sum()), int(now.right[comparable].sum()))
    left = len(now.left)
    correct = None if found is None else stopping.correct_in_all(found, now.accepted, left)
    return Told(found, correct, stopping.may_stop(found, now.accepted, left), now.accepted, left)
