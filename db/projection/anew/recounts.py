"""Whether faces wait to be counted anew behind a change of the consensus rule, and under which rules they may stand
until then: one value in `meta`. `db.projection.anew.recount` counts them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlite_utils.db import Database as Db

from db.base.meta import forget_value, put_value, value_of
from db.tables.consensus_rules import ConsensusRule, find_rule

AT_ONCE: Final = 500
"""Answered faces up to which a change counts them within its own write."""
_KEY: Final = "consensus_recount"
_ANSWERED_SQL: Final = "SELECT count(DISTINCT face_id) FROM answers"
_NUMBER_SQL: Final = "SELECT count(*) + count(undone_at) FROM consensus_rules"


@dataclass(frozen=True, slots=True)
class Recount:
    """changes: of each change that waits its number, and the id of the change whose rule held before it (0: the rule at
    first), the oldest first. left: faces that are still to be counted, at most."""

    changes: tuple[tuple[int, int], ...]
    left: int

    @property
    def number(self) -> int:
        """Of the newest change."""
        return self.changes[-1][0]


def waiting(db: Db) -> Recount | None:
    """None where all faces are counted under the rule that holds."""
    kept = value_of(db, _KEY)
    if kept is None:
        return None
    said = json.loads(kept)
    return Recount(tuple((number, before) for number, before in said["changes"]), said["left"])


def answered(db: Db) -> int:
    """How many faces have answers. Reads all answers: not for a write."""
    return int(db.execute(_ANSWERED_SQL).fetchone()[0])


def begin(db: Db, before: int, left: int) -> None:
    """Note that faces have to be counted anew under the rule that was just chosen. Inside the write of the change.

    before: the id of the change whose rule held, 0 for the rule at first. left: how many that may be, see `answered`.
    """
    found = waiting(db)
    (number,) = db.execute(_NUMBER_SQL).fetchone()
    _put(db, [*(found.changes if found else ()), (number, before)], left)


def note_left(db: Db, left: int) -> None:
    """Note how many faces are left. Inside a write."""
    if (found := waiting(db)) is not None:
        _put(db, found.changes, left)


def earlier_rules(db: Db) -> list[ConsensusRule]:
    """The rules under which faces may still stand that wait to be counted anew."""
    found = waiting(db)
    return [find_rule(db, before) for before in sorted({before for _, before in found.changes})] if found else []


def end(db: Db, number: int) -> None:
    """All faces are counted that were found when change `number` was the newest. Inside a write.

    A later change keeps its own note: what it changes is found and counted behind this.
    """
    found = waiting(db)
    later = [one for one in found.changes if one[0] > number] if found else []
    if found is not None and later:
        _put(db, later, found.left)
    else:
        end_all(db)


def end_all(db: Db) -> None:
    """The whole projection was computed anew under the rule that holds. Inside a write."""
    forget_value(db, _KEY)


def _put(db: Db, changes: Sequence[tuple[int, int]], left: int) -> None:
    put_value(db, _KEY, json.dumps({"changes": changes, "left": left}))
