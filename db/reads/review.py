"""What the review page shows: faces by state, metrics and source, one page at a time."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from sqlite_utils.db import Database as Db

from db.base import paging
from db.base.paging import Page
from db.base.quality_columns import QUALITY_COLUMNS, quality_of
from db.projection import suggestions
from db.projection.columns import Faces
from db.projection.filters import ReviewFilter, keys, matching
from db.projection.suggestions import Suggestion
from pipeline.core.metrics import MISSING, QualityMetrics

ITEMS_SQL: Final = f"""
SELECT t.face_id, f.sha256, f.crop_version, t.verdict, t.class_id, t.reason, t.annotator, t.proposal,
  t.decision_uuid, EXISTS (SELECT 1 FROM notes n WHERE n.face_id = t.face_id)
    AND NOT EXISTS (SELECT 1 FROM resolved_notes r WHERE r.face_id = t.face_id), t.seq, {QUALITY_COLUMNS}
FROM json_each(?) j CROSS JOIN face_state t ON t.seq = j.value CROSS JOIN faces f ON f.seq = t.seq
LEFT JOIN face_quality q ON q.seq = t.seq ORDER BY j.key
"""


@dataclass(frozen=True, slots=True)
class ReviewItem:
    """One card. verdict is None while the face is undecided; proposal is a class id, never a decision.

    decision: the UUID of the decision that counts. noted: somebody wrote a note on it, which is open. suggestion: what
    the suggester in force proposes, never a decision.
    """

    face_id: str
    sha256: str
    crop_version: str
    verdict: str | None
    class_id: int | None
    reason: str | None
    annotator: str | None
    proposal: int | None
    decision: str | None = None
    noted: bool = False
    quality: QualityMetrics | None = None
    suggestion: Suggestion | None = None


def review_page(
    db: Db,
    flt: ReviewFilter,
    size: int,
    after: str | None = None,
    before: str | None = None,
    faces: Faces | None = None,
) -> Page[ReviewItem]:
    """At most `size` faces behind the cursor `after` or in front of `before`. Raises UsageError for a bad filter.

    Faces decided meanwhile drop out of the filter without moving the others: no undecided one is skipped. faces: the
    columns as the reader may see them, else as they are.
    """
    faces = faces or Faces(db)
    page = paging.window(*keys(faces, flt.order, matching(faces, flt)), size, after, before)
    return page.with_items(_items(db, page.items))


def newest_face(db: Db) -> int:
    """The seq of the newest face, 0 where there is none."""
    (seq,) = db.execute("SELECT ifnull(max(seq), 0) FROM faces").fetchone()
    return int(seq)


def review_newer(db: Db, flt: ReviewFilter, after: int, faces: Faces | None = None) -> int:
    """How many faces pass the filter that are newer than the one with the seq `after`. Raises UsageError for a bad
    filter."""
    return int(np.count_nonzero(matching(faces or Faces(db), flt) > after))


def proposal_counts(db: Db) -> dict[int, int]:
    """For each class that folders propose: how many faces."""
    faces = Faces(db)
    proposals = faces.column("proposal")[matching(faces, ReviewFilter("all"))]
    counts = np.bincount(proposals[proposals != MISSING])
    return {number: count for number, count in enumerate(counts.tolist()) if count}


def review_items(db: Db, face_ids: Sequence[str]) -> tuple[ReviewItem, ...]:
    """The cards of these faces, in this order; those that are not listed are left out."""
    sql = "SELECT t.seq FROM json_each(?) j CROSS JOIN face_state t ON t.face_id = j.value ORDER BY j.key"
    return _items(db, [seq for (seq,) in db.execute(sql, [json.dumps(list(face_ids))])])


def _items(db: Db, seqs: Sequence[int]) -> tuple[ReviewItem, ...]:
    rows = db.execute(ITEMS_SQL, [json.dumps(seqs)])
    suggested = suggestions.of_faces(db, seqs)
    return tuple(ReviewItem(*(*row[:9], bool(row[9]), quality_of(row[11:]), suggested.get(row[10]))) for row in rows)
