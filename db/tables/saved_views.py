"""Saved views of the Review page: a name, and the parameters of the address that opens it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sqlite_utils.db import Database as Db

from db.base.clock import now_iso
from db.tables.annotators import ensure_annotator
from pipeline.core.errors import UsageError
from pipeline.core.messages import message
from pipeline.core.names import clean_name, find_name, invisible_in

LONGEST_NAME: Final = 60
_LONGEST_QUERY: Final = 4000


@dataclass(frozen=True, slots=True)
class View:
    """annotator: who saved it last, at UTC ISO 8601."""

    name: str
    query: Mapping[str, str]
    annotator: str
    at: str


def list_views(db: Db) -> list[View]:
    """All views of the workspace, by name."""
    rows = db.execute("SELECT name, query, annotator, at FROM views ORDER BY name").fetchall()
    return [View(name, json.loads(query), annotator, at) for name, query, annotator, at in rows]


def find_view(db: Db, name: str) -> View | None:
    """The view that a name means, in whatever case; None where there is none."""
    kept = find_name(name, [known for (known,) in db.execute("SELECT name FROM views ORDER BY name")])
    row = db.execute("SELECT name, query, annotator, at FROM views WHERE name = ?", [kept]).fetchone()
    return View(row[0], json.loads(row[1]), row[2], row[3]) if row else None


def save_view(db: Db, name: str, query: Mapping[str, str], annotator: str, *, overwrite: bool = False) -> str:
    """Keep a view and return its cleaned name. Inside a write.

    Raises UsageError for a bad name, for one that is taken unless `overwrite` says so (names that differ in case are
    one), and for a query that is too long to be an address.
    """
    cleaned = clean_name(name)
    if not 0 < len(cleaned) <= LONGEST_NAME or invisible_in(cleaned):
        raise UsageError(message("view_name", most=LONGEST_NAME))
    text = json.dumps(dict(query), sort_keys=True, ensure_ascii=False)
    if len(text) > _LONGEST_QUERY:
        raise UsageError(message("view_too_long", name=cleaned))
    taken = find_view(db, cleaned)
    if taken is not None and not overwrite:
        raise UsageError(message("view_name_taken", name=taken.name))
    if taken is not None:
        db.execute("DELETE FROM views WHERE name = ?", [taken.name])  # it may be spelt in another case
    db.execute(
        "INSERT INTO views (name, query, annotator, at) VALUES (?, ?, ?, ?)",
        [cleaned, text, ensure_annotator(db, annotator), now_iso()],
    )
    return cleaned


def delete_view(db: Db, name: str) -> None:
    """Forget a view. Inside a write. Raises UsageError where there is none of that name."""
    found = find_view(db, name)
    if found is None or not db.execute("DELETE FROM views WHERE name = ?", [found.name]).rowcount:
        raise UsageError(message("view_unknown", name=name))
