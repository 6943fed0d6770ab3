"""The exports that scripts began over HTTP: how each ended is told also after the server was started anew."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from sqlite_utils.db import Database as Db

MOST_KEPT: Final = 50
"""Runs that are remembered, the newest ones."""
_KEY: Final = "export_runs"


def known(db: Db) -> dict[str, dict[str, Any]]:
    """By id, in the order in which they were begun."""
    row = db.execute("SELECT value FROM meta WHERE key = ?", [_KEY]).fetchone()
    found: dict[str, dict[str, Any]] = {} if row is None else json.loads(row[0])
    return found


def note(db: Db, run_id: str, run: Mapping[str, Any]) -> None:
    """Keep how a run is now, as JSON knows it. Inside a write."""
    runs = {**known(db), run_id: dict(run)}
    kept = dict(list(runs.items())[-MOST_KEPT:])
    sql = "INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value"
    db.execute(sql, [_KEY, json.dumps(kept)])
