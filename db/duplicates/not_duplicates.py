"""Which group a photo is in now, and the pairs that people said are not the same photo."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from sqlite_utils.db import Database as Db

from db.base import paging
from db.base.paging import Page
from db.decisions.ops import FaceState, face_states
from db.reads.details import ImageInfo, image_info
from db.schema.kept_results import kept

_NEWEST: Final = (
    "t.same = 0",
    "NOT EXISTS (SELECT 1 FROM pair_verdicts v WHERE v.a = t.a AND v.b = t.b AND v.id > t.id)",
    # a pair that is no longer near, by other views or hashes, is not listed
    "EXISTS (SELECT 1 FROM near_pairs p WHERE p.a = t.a AND p.b = t.b)",
)


@dataclass(frozen=True, slots=True)
class NotDuplicatePair:
    """One near pair (images by hash, the smaller one first) whose newest verdict is "not the same".

    phash, dhash: bits of 256 that differ. at: UTC, ISO 8601. states: of the faces of both, by face id.
    """

    a: ImageInfo
    b: ImageInfo
    phash: int
    dhash: int
    annotator: str
    at: str
    states: dict[str, FaceState]


def groups_of(db: Db, shas: Iterable[str]) -> tuple[int, ...]:
    """The numbers of the groups that these images are in now, ascending."""
    sql = "SELECT DISTINCT group_id FROM duplicate_members WHERE sha256 IN (SELECT value FROM json_each(?)) ORDER BY 1"
    return tuple(number for (number,) in db.execute(sql, [json.dumps(list(shas))]))


def count_not_duplicates(db: Db) -> int:
    """How many pairs `not_duplicate_page` has in all."""
    return kept(db, _count, "near_pairs", "pair_verdicts")


def _count(db: Db) -> int:
    (number,) = db.execute(f"SELECT count(*) FROM pair_verdicts t WHERE {' AND '.join(_NEWEST)}").fetchone()
    return int(number)


def not_duplicate_page(
    db: Db, size: int, after: str | None = None, before: str | None = None
) -> Page[NotDuplicatePair]:
    """At most `size` pairs behind the cursor `after` or in front of `before`, as they were said. Raises UsageError."""
    columns = (
        *("t.a", "t.b", "t.annotator", "t.at"),
        "(SELECT p.phash FROM near_pairs p WHERE p.a = t.a AND p.b = t.b) AS phash",
        "(SELECT p.dhash FROM near_pairs p WHERE p.a = t.a AND p.b = t.b) AS dhash",
    )
    listed = paging.Listing("pair_verdicts", ("id",), columns, "", _NEWEST)
    page = paging.fetch(db, listed, size, after, before, count_not_duplicates(db))
    items: list[NotDuplicatePair] = []
    for row in page.items:
        a, b = image_info(db, row.pop("a")), image_info(db, row.pop("b"))
        if a is not None and b is not None:
            states = face_states(db, [face.face_id for face in (*a.faces, *b.faces)])
            items.append(NotDuplicatePair(a=a, b=b, states={state.face_id: state for state in states}, **row))
    return page.with_items(items)
