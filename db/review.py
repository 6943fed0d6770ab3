"""What the review page shows: faces by state, one page at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal

from sqlite_utils.db import Database as Db

from db import keyset
from pipeline.errors import UsageError

_VERDICTS: Final = {"accepted": "accept", "rejected": "reject", "unsure": "unsure"}
_ORDERS: Final = {"import": ("seq",), "proposal": ("proposal_rank", "seq")}


@dataclass(frozen=True, slots=True)
class ReviewFilter:
    """Which faces, in which order.

    state: undecided, accepted, rejected, unsure, all or `class:<id>` (accepted with that class). proposal: a class id
    that the image's folder proposes. order: import (as they came) or proposal (grouped by proposed class, none last).
    """

    state: str = "undecided"
    source_id: int | None = None
    proposal: int | None = None
    order: Literal["import", "proposal"] = "import"


@dataclass(frozen=True, slots=True)
class ReviewItem:
    """One card. verdict is None while the face is undecided; proposal is a class id, never a decision."""

    face_id: str
    sha256: str
    crop_version: str
    verdict: str | None
    class_id: int | None
    reason: str | None
    annotator: str | None
    proposal: int | None


@dataclass(frozen=True, slots=True)
class ReviewPage:
    """One page of cards. total: all that pass the filter now; position: those before this page.

    first, last: cursors for `before` and `after`, opaque, "" where there is nothing at all.
    """

    items: tuple[ReviewItem, ...]
    total: int
    position: int
    first: str
    last: str
    has_next: bool
    has_prev: bool


def review_page(
    db: Db, flt: ReviewFilter, size: int, after: str | None = None, before: str | None = None
) -> ReviewPage:
    """At most `size` faces behind the cursor `after` or in front of `before`. Raises UsageError for a bad filter.

    Faces decided meanwhile drop out of the filter without moving the others: no undecided one is skipped.
    """
    page = keyset.fetch(db, listing(flt), size, after, before)
    items = tuple(ReviewItem(**row) for row in page.rows)
    return ReviewPage(items, page.total, page.position, page.first, page.last, page.has_next, page.has_prev)


def listing(flt: ReviewFilter) -> keyset.Listing:
    """The filter as conditions on `face_state`. Raises UsageError."""
    where: list[str] = []
    params: list[Any] = []
    if flt.source_id is not None:
        where.append("t.source_id = ?")
        params.append(flt.source_id)
    if flt.proposal is not None:
        where.append("t.proposal = ?")
        params.append(flt.proposal)
    if flt.state == "undecided":
        where.append("t.verdict IS NULL")
    elif flt.state in _VERDICTS:
        where.append("t.verdict = ?")
        params.append(_VERDICTS[flt.state])
    elif flt.state.startswith("class:") and flt.state[6:].isdecimal():
        where.append("t.verdict = 'accept' AND t.class_id = ?")
        params.append(int(flt.state[6:]))
    elif flt.state != "all":
        raise UsageError(f"{flt.state!r} is no filter: undecided, accepted, rejected, unsure, all or class:<number>")
    if flt.order not in _ORDERS:
        raise UsageError(f"{flt.order!r} is no order: import or proposal")
    columns = (
        *("t.face_id", "f.sha256", "f.crop_version", "t.verdict", "t.class_id"),
        *("t.reason", "t.annotator", "t.proposal"),
    )
    return keyset.Listing(
        "face_state", _ORDERS[flt.order], columns, "CROSS JOIN faces f ON f.id = t.face_id", tuple(where), tuple(params)
    )
