"""The exports that pages and scripts began: what each is to hold, how far it is and how it ended, also after the server
was started anew."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlite_utils.db import Database as Db

from db.base.meta import put_value, value_of

MOST_KEPT: Final = 50
"""Runs that are remembered, the newest ones."""
RUNNING: Final = "running"
_KEY: Final = "export_runs"
_PROGRESS: Final = "export_progress"


@dataclass(frozen=True, slots=True)
class Progress:
    """doing: what is done now, as `Tell` says it; done of so many."""

    doing: str
    done: int
    of: int


def known(db: Db) -> dict[str, dict[str, Any]]:
    """By id, in the order in which they were begun."""
    found: dict[str, dict[str, Any]] = _value(db, _KEY) or {}
    return found


def note(db: Db, run_id: str, changes: Mapping[str, Any]) -> None:
    """Keep what is known of a run, or changed in it, as JSON knows it. Inside a write."""
    runs = known(db)
    runs[run_id] = {**runs.get(run_id, {}), **changes}
    _put(db, _KEY, dict(list(runs.items())[-MOST_KEPT:]))


def end(db: Db, run_id: str, changes: Mapping[str, Any]) -> bool:
    """The same of one that runs; whether it did: an end that was told stays. Inside a write."""
    runs = known(db)
    if runs.get(run_id, {}).get("state") != RUNNING:
        return False
    note(db, run_id, changes)
    return True


def request_cancel(db: Db, run_id: str) -> None:
    """Ask a run to stop. Inside a write."""
    end(db, run_id, {"cancel": True})


def is_cancelled(db: Db, run_id: str) -> bool:
    """Whether somebody asked it to stop."""
    return bool(known(db).get(run_id, {}).get("cancel"))


def note_progress(db: Db, run_id: str, progress: Progress) -> None:
    """Apart from the runs: it is written twice a second. Inside a write."""
    _put(db, _PROGRESS, {"run": run_id, "doing": progress.doing, "done": progress.done, "of": progress.of})


def progress_of(db: Db, run_id: str) -> Progress | None:
    """How far the run was when that was last told; None where it was not, or another one's was since."""
    told = _value(db, _PROGRESS)
    if told is None or told["run"] != run_id:
        return None
    return Progress(told["doing"], told["done"], told["of"])


def _value(db: Db, key: str) -> Any:
    found = value_of(db, key)
    return None if found is None else json.loads(found)


def _put(db: Db, key: str, value: Any) -> None:
    put_value(db, key, json.dumps(value))
