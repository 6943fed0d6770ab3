"""What the stop rule looks at: how the random draws were answered, and how doubtful what is left is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from sqlite_utils.db import Database as Db

from db.projection import columns
from db.projection.columns import Column, Faces
from db.projection.suggestions import CONFIDENCE
from pipeline.core.metrics import MISSING

_DRAWS_SQL: Final = """
SELECT t.seq, t.verdict = 'accept' AND t.class_id = r.class_id FROM random_draws r
CROSS JOIN face_state t ON t.face_id = r.face_id CROSS JOIN decisions d ON d.uuid = t.decision_uuid
WHERE r.class_id IS NOT NULL AND t.verdict IN ('accept', 'reject')
  AND (json_extract(d.context, '$.confirmed') IS NULL OR json_extract(d.context, '$.confirmed.in_batch'))
  AND json_extract(d.context, '$.off_screen') IS NULL
"""
"""A rejected face would have been a wrong label, had its suggestion been confirmed. In this order: SQLite, which does
not know that draws are few, else begins with all accepted ones."""


@dataclass(frozen=True, slots=True)
class Standing:
    """doubts: (m,) float64 of the random draws that were answered face by face, 0 (sure) to 1; right: (m,) bool,
    whether the class was the one suggested when it was drawn. left: (n,) doubts of the undecided faces. accepted: faces
    that carry a class."""

    doubts: npt.NDArray[np.float64]
    right: npt.NDArray[np.bool_]
    left: npt.NDArray[np.float64]
    accepted: int


def standing(db: Db) -> Standing:
    """Reads two columns and the drawn faces."""
    faces = Faces(db)
    state, doubt = faces.column("state"), _doubt(faces.column("margin"))
    rows = [row for row in db.execute(_DRAWS_SQL) if row[0] < faces.length]
    return Standing(
        doubt[np.array([seq for seq, _ in rows], np.intp)],
        np.array([bool(right) for _, right in rows], bool),
        doubt[state == columns.UNDECIDED],
        int(np.count_nonzero(state > columns.ACCEPTED)),
    )


def _doubt(margin: Column) -> npt.NDArray[np.float64]:
    """1 less the lead before the next class; 1 where nothing is suggested."""
    found: npt.NDArray[np.float64] = np.where(margin == MISSING, 1.0, 1.0 - margin / CONFIDENCE)
    return found
