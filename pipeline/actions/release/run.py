"""An export that a page or a script began, made by a process of its own: what it is to hold lies in the workspace, and
so does how far it is, whether somebody cancelled it, and how it ended."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from db.store.locks import export_run_lock
from db.store.store import Store
from db.tables import roles
from db.tables.access import export_runs
from db.tables.access.export_runs import Progress
from pipeline.actions.job import CancelledError
from pipeline.actions.release.accepted import plan_release
from pipeline.actions.release.record import Release
from pipeline.actions.releases import write_folder, write_zip
from pipeline.core.errors import MoueError, UsageError
from pipeline.core.messages import Message, message, message_of
from pipeline.export.options import ExportOptions
from pipeline.export.split import SplitPlan

LOOK_S: Final = 0.25
"""Seconds between two looks whether it is cancelled, each of which tells how far it is."""


def as_noted(split_plan: SplitPlan, options: ExportOptions) -> dict[str, Any]:
    """What a release is to be, as a run keeps it."""
    return {"split": split_plan.params, "options": options.params}


def settings_noted(run: Mapping[str, Any]) -> tuple[SplitPlan, ExportOptions]:
    """From what `as_noted` gave."""
    return SplitPlan.of(**run["split"]), ExportOptions.from_params(run["options"])


def error_noted(error: Message | None) -> list[Any] | None:
    """As a run keeps why it failed: code, parameters and English words."""
    return None if error is None else [error.code, error.json_params(), error.text]


def error_of(noted: Sequence[Any]) -> Message:
    """From what `error_noted` gave; earlier versions had no words."""
    code, params, text = (*noted, "")[:3]
    return message_of(text, code, params)


def carry_out(store: Store, run_id: str) -> bool:
    """Make the release that the run asks for, and note how it ended; whether it was made.

    Raises UsageError for a run that is unknown or over, BusyError while another process makes one.
    """
    with export_run_lock(store.root):
        run = store.read(export_runs.known).get(run_id)
        if run is None or run["state"] != export_runs.RUNNING:
            raise UsageError(message("run_unknown", name=run_id))
        store.write(lambda db: export_runs.note(db, run_id, {"pid": os.getpid()}))
        ended: dict[str, Any] = {"state": "failed", "error": error_noted(message("export_interrupted"))}
        try:
            made = _made(store, run_id, run)
            ended = {"state": "done", "release": made.release_id, "files": made.files}
        except CancelledError:
            ended = {"state": "cancelled"}
        except MoueError as e:
            ended = {"state": "failed", "error": error_noted(e.message)}
        finally:
            logging.info("export %s: %s", run_id, ended)
            store.write(lambda db: export_runs.end(db, run_id, ended))
    return bool(ended["state"] == "done")


def _made(store: Store, run_id: str, run: Mapping[str, Any]) -> Release:
    tell = Reporter(store, run_id)
    tell("plan", 0, 0)
    store.read(lambda db: roles.require(db, run["annotator"], "export"))
    plan = plan_release(store, run["name"], *settings_noted(run))
    tell("plan", 1, 1)
    if run["out"] is None:
        return write_zip(store, plan, run["name"], run["annotator"], tell)
    out, overwrite = Path(run["out"]), bool(run["overwrite"])
    return write_folder(store, plan, out, run["name"], run["annotator"], overwrite=overwrite, tell=tell)


class Reporter:
    """Tells how far an export is, and ends it where somebody cancelled it: see `pipeline.export.write.Tell`."""

    def __init__(self, store: Store, run_id: str) -> None:
        self._store, self._run = store, run_id
        self._doing, self._at = "", 0.0

    def __call__(self, doing: str, done: int, of: int) -> None:
        """Raises CancelledError."""
        now = time.monotonic()
        if doing == self._doing and now - self._at < LOOK_S and doing != "plan":
            return
        self._doing, self._at = doing, now
        if self._store.read(lambda db: export_runs.is_cancelled(db, self._run)):
            raise CancelledError(message("export_cancelled"))
        self._store.write(lambda db: export_runs.note_progress(db, self._run, Progress(doing, done, of)))
