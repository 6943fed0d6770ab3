"""Exports that scripts begin: one at a time in a workspace, in a thread of its own, into a zip in its `releases`."""

from __future__ import annotations

import logging
import threading
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, Literal

from db.base.clock import now_iso
from db.store.store import Store
from db.tables.access import export_runs
from pipeline.actions.release.accepted import check_name
from pipeline.actions.releases import write_zip
from pipeline.core.errors import BusyError, MoueError
from pipeline.core.messages import Message, message, message_of
from pipeline.workspace import plan_release

State = Literal["running", "done", "failed"]
_running: Final[dict[Path, str]] = {}
"""The run of this server, by workspace."""
_guard: Final = threading.Lock()
_log: Final = logging.getLogger("moue.export")


@dataclass(frozen=True, slots=True)
class Run:
    """One export. release: its number in the list, files: crops in it; None until it is done. error: why it failed."""

    id: str
    state: State
    name: str
    annotator: str
    started_at: str
    release: int | None = None
    files: int | None = None
    error: Message | None = None


def start(store: Store, annotator: str, name: str, options: Mapping[str, Any]) -> Run:
    """Begin one. options: see `pipeline.workspace.plan_release`. Raises ExportError for a name that is none, BusyError
    while another one runs."""
    run = Run(str(uuid.uuid4()), "running", check_name(name), annotator, now_iso())
    with _guard:
        if store.root in _running:
            raise BusyError(message("export_running"))
        _running[store.root] = run.id
    try:
        _note(store, run)
        threading.Thread(target=_work, args=(store, run, options), name=f"export {run.id}", daemon=True).start()
    except BaseException:
        _running.pop(store.root, None)
        raise
    return run


def find(store: Store, run_id: str) -> Run | None:
    """The run as it is now; None where no script began it here, or so many others since."""
    kept = store.read(export_runs.known).get(run_id)
    if kept is None:
        return None
    code, params = kept["error"] or (None, None)
    error = None if code is None else message_of("", code, params)
    run = Run(run_id, kept["state"], kept["name"], kept["annotator"], kept["at"], kept["release"], kept["files"], error)
    if run.state == "running" and _running.get(store.root) != run_id:  # of a server that ended
        return replace(run, state="failed", error=message("export_interrupted"))
    return run


def _work(store: Store, run: Run, options: Mapping[str, Any]) -> None:
    ended = replace(run, state="failed", error=message("export_ended"))
    try:
        plan = plan_release(store, run.name, options)
        made = write_zip(store, plan, run.name, run.annotator)
        ended = replace(run, state="done", release=made.release_id, files=made.files)
    except MoueError as e:
        ended = replace(run, state="failed", error=e.message)
    finally:
        if ended.state == "failed":
            _log.warning("the export %s failed: %s", run.id, ended.error)
        try:
            _note(store, ended)
        finally:
            _running.pop(store.root, None)


def _note(store: Store, run: Run) -> None:
    error = None if run.error is None else [run.error.code, run.error.json_params()]
    told: dict[str, Any] = {"state": run.state, "name": run.name, "annotator": run.annotator, "at": run.started_at}
    told |= {"release": run.release, "files": run.files, "error": error}
    store.write(lambda db: export_runs.note(db, run.id, told))
