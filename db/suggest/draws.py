"""What the random draws tell: of faces that chance chose, how many people labelled as was suggested before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlite_utils.db import Database as Db

_SQL: Final = """
SELECT count(*), ifnull(sum(answered), 0), ifnull(sum(answered AND class_id = suggested), 0) FROM (
  SELECT t.class_id, r.class_id AS suggested,
    t.verdict = 'accept' AND (json_extract(d.context, '$.confirmed') IS NULL
      OR json_extract(d.context, '$.confirmed.in_batch')) AS answered
  FROM random_draws r JOIN faces f ON f.id = r.face_id AND f.removed_at IS NULL
  JOIN face_state t ON t.face_id = r.face_id LEFT JOIN decisions d ON d.uuid = t.decision_uuid
  WHERE r.class_id IS NOT NULL)
"""


@dataclass(frozen=True, slots=True)
class Draws:
    """drawn: faces that a batch drew at random and that had a suggestion then. answered: those that carry a class by
    now, given face by face or in a batch whose faces were looked at. right: those whose class is the one that was
    suggested."""

    drawn: int
    answered: int
    right: int


def count_draws(db: Db) -> Draws:
    """Reads the drawn faces alone."""
    return Draws(*map(int, db.execute(_SQL).fetchone()))
