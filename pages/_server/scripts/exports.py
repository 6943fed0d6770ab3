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
from pipeline.actions.release.accepted import check_name
from pipeline.actions.releases import write_zip
from pipeline.core.errors import BusyError, MoueError
from pipeline.core.messages import Message, message
from pipeline.workspace import plan_release

State = Literal["running", "done", "failed"]
MOST_KEPT: Final = 50
"""Runs of a workspace that are remembered, until the server ends."""
_runs: Final[dict[Path, dict[str, Run]]] = {}
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
        known = _runs.setdefault(store.root, {})
        if any(one.state == "running" for one in known.values()):
            raise BusyError(message("export_running"))
        known[run.id] = run
        for old in list(known)[:-MOST_KEPT]:
            del known[old]
    threading.Thread(target=_work, args=(store, run, options), name=f"export {run.id}", daemon=True).start()
    return run


def find(store: Store, run_id: str) -> Run | None:
    """The run as it is now; None where this server did not begin it."""
    return _runs.get(store.root, {}).get(run_id)


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
        with _guard:
            _runs[store.root][run.id] = ended
