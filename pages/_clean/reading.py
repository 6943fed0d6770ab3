"""One page of Clean's list, read from the database."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any, Final

from db.reads.files import clean_page, newest_file
from db.team.blind import without_blind
from pages._clean import rows
from pages._server import workspace
from pipeline.core.errors import UsageError

SIZE: Final = 25


def fetch(outcome: str, source_id: int | None, who: str, where: Mapping[str, str]) -> dict[str, Any]:
    """One page of rows, its place among all of them, and its cursors."""
    store = workspace.get_store()
    newest = store.read(newest_file)
    try:
        page = store.read(lambda db: clean_page(db, outcome or None, source_id, SIZE, **where))
    except UsageError:  # a cursor of another list
        page = store.read(lambda db: clean_page(db, outcome or None, source_id, SIZE))
    if where and (not page.items or page.total <= SIZE):
        page = store.read(lambda db: clean_page(db, outcome or None, source_id, SIZE))
    return {
        "asked": (outcome, source_id),
        "rows": [
            row
            for row in store.read(lambda db: without_blind(db, who, [rows.row(item) for item in page.items]))
            if row["location"] or source_id is None  # being in this list would tell the source that was left out
        ],
        "page_key": uuid.uuid4().hex,
        "cursors": {"prev": page.first, "next": page.last},
        "first": page.position + 1,
        "last": page.position + len(page.items),
        "total": page.total,
        "has_next": page.has_next,
        "has_prev": page.has_prev,
        "newest": newest,
    }
