"""What happened, newest first: the audit's rows together with the decisions, these summed up by step.

Both logs are read a piece at a time from their ends, so that a page costs the same however long they are.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from sqlite_utils.db import Database as Db

from db.tables import audit

DECISIONS: Final = "decisions"
"""The action of entries that are steps of decisions."""
PIECE: Final = 500
"""Rows of either log that are read for a page."""
_END: Final = 1 << 62


@dataclass(frozen=True, slots=True)
class Entry:
    """What somebody did. at: UTC ISO 8601; of a step its last decision's.

    params of DECISIONS: {"decided", "adjudicated", "taken_back"}: how many faces. What was decided is not told here:
    the other people of a face whose answers are to be independent may read this.
    """

    at: str
    annotator: str
    action: str
    params: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Cursor:
    """Rows before these seqs come next."""

    decision: int = _END
    audit: int = _END


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is listed. annotator, action: "" for all. since, until: UTC ISO 8601, the second one excluded; "": open."""

    annotator: str = ""
    action: str = ""
    since: str = ""
    until: str = ""


def entries(db: Db, wanted: Wanted, cursor: Cursor = Cursor()) -> tuple[list[Entry], Cursor | None]:
    """The next entries, newest first, and where the ones behind them begin: None at the end.

    A step whose decisions lie in two pieces is listed in both.
    """
    decisions = _decisions(db, wanted, cursor.decision)
    rows = _audit_rows(db, wanted, cursor.audit)
    floor = max([piece[-1][1] for piece in (decisions, rows) if len(piece) == PIECE], default="")
    decisions, rows = ([row for row in piece if row[1] >= floor] for piece in (decisions, rows))
    found = [*_steps(decisions), *(Entry(at, who, action, params) for _, at, who, action, params in rows)]
    found.sort(key=lambda one: one.at, reverse=True)
    if not floor:
        return found, None
    return found, Cursor(_least(decisions, cursor.decision), _least(rows, cursor.audit))


def all_entries(read: Callable[[Callable[[Db], Any]], Any], wanted: Wanted) -> Iterator[Entry]:
    """Every entry, newest first. read: `Store.read`, called for each piece, so that no long read holds the log back."""
    cursor: Cursor | None = Cursor()
    while cursor is not None:
        found, cursor = read(partial(entries, wanted=wanted, cursor=cursor))
        yield from found


def table(read: Callable[[Callable[[Db], Any]], Any], wanted: Wanted) -> Iterator[tuple[str, str, str, str]]:
    """The heads of a table of all entries, and its rows: at, who, action, params as JSON."""
    yield "at", "who", "action", "params"
    for one in all_entries(read, wanted):
        yield one.at, one.annotator, one.action, json.dumps(one.params, sort_keys=True, ensure_ascii=False)


def actions(db: Db) -> list[str]:
    """The actions that the audit has, in alphabetical order."""
    return [action for (action,) in db.execute("SELECT DISTINCT action FROM audit ORDER BY action")]


def _steps(rows: list[tuple[Any, ...]]) -> list[Entry]:
    found: dict[tuple[str, str], tuple[str, dict[str, set[str]]]] = {}
    for _, at, annotator, step, verdict, kind, face in rows:
        what = "taken_back" if verdict == "undo" else "adjudicated" if kind else "decided"
        faces = found.setdefault((annotator, step), (at, {}))[1]
        faces.setdefault(what, set()).add(face)
    return [
        Entry(at, annotator, DECISIONS, {what: len(ids) for what, ids in faces.items()})
        for (annotator, _), (at, faces) in found.items()
    ]


def _decisions(db: Db, wanted: Wanted, before: int) -> list[tuple[Any, ...]]:
    if wanted.action not in ("", DECISIONS):
        return []
    conditions, params = _conditions(db, "decisions", wanted, before)
    sql = f"SELECT seq, at, annotator, step, verdict, kind, face_id FROM decisions WHERE {conditions}"
    return db.execute(f"{sql} ORDER BY seq DESC LIMIT {PIECE}", params).fetchall()


def _audit_rows(db: Db, wanted: Wanted, before: int) -> list[tuple[Any, ...]]:
    if wanted.action == DECISIONS:
        return []
    conditions, params = _conditions(db, "audit", wanted, before)
    if wanted.action:
        conditions, params = f"{conditions} AND action = ?", [*params, wanted.action]
    sql = (
        f"SELECT seq, at, annotator, action, params, head FROM audit WHERE {conditions} ORDER BY seq DESC LIMIT {PIECE}"
    )
    found = [audit.row_of(row) for row in db.execute(sql, params)]
    return [(row.seq, row.at, row.annotator, row.action, row.params) for row in found]


def _conditions(db: Db, table: str, wanted: Wanted, before: int) -> tuple[str, list[Any]]:
    """Times grow with the rows' numbers, so a day is found by halving, without an index."""
    upto = min(before, first_from(db, table, wanted.until)) if wanted.until else before
    after = first_from(db, table, wanted.since) if wanted.since else 0
    conditions, params = "seq < ? AND seq >= ?", [upto, after]
    return (
        (f"{conditions} AND annotator = ?", [*params, wanted.annotator]) if wanted.annotator else (conditions, params)
    )


def first_from(db: Db, table: str, at: str) -> int:
    """The seq of the first row of that time or later; one behind the last where there is none."""
    low, high = 1, 1 + int(db.execute(f"SELECT ifnull(max(seq), 0) FROM {table}").fetchone()[0])
    while low < high:
        middle = (low + high) // 2
        row = db.execute(f"SELECT at FROM {table} WHERE seq >= ? ORDER BY seq LIMIT 1", [middle]).fetchone()
        low, high = (low, middle) if row is None or row[0] >= at else (middle + 1, high)
    return low


def _least(rows: list[tuple[Any, ...]], otherwise: int) -> int:
    return int(rows[-1][0]) if rows else otherwise
