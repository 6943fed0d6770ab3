"""Exports that pages and scripts begin: one at a time in a workspace, each in a process of its own.

Neither a closed tab nor a stopped server ends one. What it is to be, how far it is and how it ended lie in the
workspace; a lock of the process says whether it lives.
"""

from __future__ import annotations

import os
import subprocess
import threading
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from db.base.clock import now_iso
from db.store.locks import export_run_lock_is_free, starter_is_gone, starting
from db.store.store import Store
from db.tables.access import export_runs
from db.tables.access.export_runs import Progress
from pages._server.command import command_line, environment
from pages._server.folders import roots
from pipeline.actions.release.accepted import check_name
from pipeline.actions.release.run import as_noted, error_noted, error_of
from pipeline.core.errors import BusyError, StorageError, UsageError, last_message
from pipeline.core.messages import Message, message
from pipeline.export.options import ExportOptions
from pipeline.export.split import SplitPlan

State = Literal["running", "done", "failed", "cancelled"]
_children: Final[dict[tuple[Path, str], subprocess.Popen[bytes]]] = {}
"""Of this server, by workspace and run."""
_guard: Final = threading.Lock()


@dataclass(frozen=True, slots=True)
class Run:
    """One export. started_at: UTC, ISO 8601. release: its number in the list, files: crops in it; None until it is
    done. error: why it failed. progress: None where none was told. cancel: somebody asked it to stop.

    split_plan, options: what it is to be; None for a run of an earlier version.
    """

    id: str
    state: State
    name: str
    annotator: str
    started_at: str
    release: int | None = None
    files: int | None = None
    error: Message | None = None
    progress: Progress | None = None
    cancel: bool = False
    split_plan: SplitPlan | None = None
    options: ExportOptions | None = None


def start(
    store: Store,
    annotator: str,
    name: str,
    split_plan: SplitPlan,
    options: ExportOptions,
    *,
    out: Path | None = None,
    overwrite: bool = False,
) -> Run:
    """Begin one. out: the folder that it is written to, None for a zip in the workspace's `releases`. overwrite: an
    earlier export of Moue that is there may be replaced.

    Raises UsageError for a name that is none and for a folder that pages may not write to, BusyError while
    another one runs, StorageError where no process can be started.
    """
    name = check_name(name)
    if out is not None and (why := refusal(store.root, out)) is not None:
        raise UsageError(why)
    told: dict[str, Any] = {"state": export_runs.RUNNING, "name": name, "annotator": annotator, "at": now_iso()}
    told |= {
        "release": None,
        "files": None,
        "error": None,
        "out": None if out is None else str(out),
        "overwrite": overwrite,
    }
    with _guard:
        if (run := newest(store)) is not None and run.state == "running":
            raise BusyError(message("export_running"))
        run_id = str(uuid.uuid4())
        with starting(store.root, "export") as passed:
            store.write(lambda db: export_runs.note(db, run_id, {**told, **as_noted(split_plan, options)}))
            try:
                _children[store.root, run_id] = _spawn(store.root, run_id, passed)
            except OSError as e:
                reason = message("export_not_started", why=e.strerror or str(e))
                store.write(lambda db: export_runs.end(db, run_id, {"state": "failed", "error": error_noted(reason)}))
                raise StorageError(reason) from e
    return _found(store, run_id)


def refusal(root: Path, out: Path) -> Message | None:
    """Why no release may be written to `out`, None where one may: below the workspace's own `releases`, or where pages
    may read."""
    own = Path(os.path.realpath(root / "releases"))
    return None if Path(os.path.realpath(out)).is_relative_to(own) else roots.refusal(out)


def find(store: Store, run_id: str) -> Run | None:
    """The run as it is now, over also where that cannot be noted; None where nobody began it here, or so many others
    since."""
    kept = store.read(export_runs.known).get(run_id)
    if kept is None:
        return None
    if kept["state"] == export_runs.RUNNING and (why := _death(store.root, run_id, kept)) is not None:
        ended = {"state": "failed", "error": error_noted(why)}
        try:
            store.write(lambda db: export_runs.end(db, run_id, ended))  # what it said itself meanwhile stays
        except StorageError:  # no room, or no disk: the next look notes it
            return _run(run_id, {**kept, **ended}, None)
        _children.pop((store.root, run_id), None)
    return _found(store, run_id)


def newest(store: Store) -> Run | None:
    """The run that was begun last, as it is now."""
    known = list(store.read(export_runs.known))
    return find(store, known[-1]) if known else None


def cancel(store: Store, run_id: str) -> None:
    """Ask a run to stop; nothing of it is left then. One that is over stays as it is."""
    store.write(lambda db: export_runs.request_cancel(db, run_id))


def _spawn(root: Path, run_id: str, passed: tuple[int, ...]) -> subprocess.Popen[bytes]:
    """In a session of its own: neither a closed tab nor a stopped server ends it. passed: as `starting` gives them."""
    with _errors_of(root).open("wb") as errors:
        return subprocess.Popen(
            command_line("export", "--run", run_id, "--workspace", str(root)),
            cwd=os.getcwd(),
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            start_new_session=True,
            pass_fds=passed,
        )


def _death(root: Path, run_id: str, kept: Mapping[str, Any]) -> Message | None:
    """Why a run that is noted as running is over, None where it lives: its process is ours, holds the lock, or is
    being started."""
    if (child := _children.get((root, run_id))) is not None:
        if (code := child.poll()) is None:
            return None
        return (_said(root) if code > 0 else None) or message("export_interrupted")
    is_gone = kept.get("pid") is not None or starter_is_gone(root, "export", str(kept["at"]))
    return message("export_interrupted") if is_gone and export_run_lock_is_free(root) else None


def _found(store: Store, run_id: str) -> Run:
    return _run(run_id, *store.read(lambda db: (export_runs.known(db)[run_id], export_runs.progress_of(db, run_id))))


def _run(run_id: str, kept: Mapping[str, Any], progress: Progress | None) -> Run:
    error = None if kept["error"] is None else error_of(kept["error"])
    return Run(
        run_id, kept["state"], kept["name"], kept["annotator"], kept["at"], kept["release"], kept["files"],
        error, progress, bool(kept.get("cancel")),
        SplitPlan.of(**kept["split"]) if "split" in kept else None,
        ExportOptions.from_params(kept["options"]) if "options" in kept else None,
    )  # fmt: skip


def _errors_of(root: Path) -> Path:
    return root / ".locks" / "export.err"


def _said(root: Path) -> Message | None:
    """The last words of a process that ended without noting how."""
    try:
        return last_message(_errors_of(root).read_text("utf-8", "replace"))
    except OSError:
        return None
