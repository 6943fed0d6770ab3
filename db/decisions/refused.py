"""Ops that were refused: noted once each, so that people see how many of their presses went nowhere."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Final

from sqlite_utils.db import Database as Db

from db.decisions.ops import OpResult

_NOTE_SQL: Final = "INSERT INTO refused_ops (key, annotator, code, at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING"


def note(db: Db, annotator: str, results: Sequence[OpResult], at: str) -> None:
    """Note what was refused of a batch. at: UTC ISO 8601 with milliseconds. Inside a write."""
    for one in results:
        if one.status == "refused":
            code = one.message.code if one.message is not None else ""
            db.execute(_NOTE_SQL, [_key(annotator, one.uuid), annotator, code, at])


def by_person(db: Db) -> dict[str, int]:
    """How many ops of each person were refused; who had none is not in it."""
    return dict(db.execute("SELECT annotator, count(*) FROM refused_ops GROUP BY annotator").fetchall())


def _key(annotator: str, uuid: str) -> str:
    return hashlib.sha256(f"{annotator}\n{uuid}".encode("utf-8", "surrogatepass")).hexdigest()[:32]
