"""What the grid shows is read from the database here: one page of a list, and how many have come to it since."""

from __future__ import annotations

from collections.abc import Mapping

from db.decisions.changes import newest_seq
from db.projection.filters import ReviewFilter
from db.projection.suggestions import in_force
from db.reads.review import newest_face, review_newer, review_page
from db.store.store import Db
from db.team import blind
from pages._review.batch import Found


def read_page(db: Db, flt: ReviewFilter, size: int, who: str, where: Mapping[str, str]) -> Found:
    """The page that `where` begins. Raises UsageError for a cursor of another list."""
    page = review_page(db, flt, size, **where, faces=blind.VisibleFaces(db, who))
    items = blind.visible_items(db, who, page.items)
    return Found(page.with_items(items), newest_seq(db), newest_face(db), in_force(db))


def count_new(db: Db, flt: ReviewFilter, who: str, after: int) -> int:
    """How many faces of the list have come since the page was read, whose newest face was `after`."""
    return review_newer(db, flt, after, blind.VisibleFaces(db, who)) if newest_face(db) > after else 0
