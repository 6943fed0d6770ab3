"""A backup put back from the page: the server stops as at SIGTERM, exchanges the database, and begins anew by itself.

What a server keeps in memory is of the database that goes. So none of it stays: the process becomes a new server, under
its number and with its arguments, and every open page comes back to that one.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import sys
import threading
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from db.base.clock import now_iso
from db.store import backup
from db.store.locks import export_run_lock, job_lock, upload_lock
from db.store.store import Store
from pages._server.upkeep import backups
from pipeline.actions.backups import rotation
from pipeline.actions.verify import restore_workspace
from pipeline.core.errors import BusyError, MoueError, UsageError
from pipeline.core.messages import Message, message, message_of
from pipeline.core.system.regular import read_regular

_HEADLESS: Final = "STREAMLIT_SERVER_HEADLESS"
"""Set for the server that begins anew: else it opens one more browser."""
_log: Final = logging.getLogger("moue.backup")


@dataclass(frozen=True, slots=True)
class _Request:
    root: Path
    file: Path
    by: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of the last one. at: UTC, ISO 8601. well: whether the backup is in place."""

    at: str
    well: bool
    said: Message


_asked: Final[list[_Request]] = []
"""What the server does at its end, instead of ending: one, or none."""
_guard: Final = threading.Lock()
_stays_down: Final = threading.Event()


def ask(store: Store, file: Path, by: str) -> None:
    """Stop the server, put the backup `file` of this workspace in the place of its database, begin anew.

    Returns at once. Raises UsageError (none of its backups), BusyError (photos are being collected, a release is being
    written or sent, a backup made: they would go on beside the exchange).
    """
    if file not in [one.file for one in rotation.kept(rotation.folder_of(store.root))]:
        raise UsageError(message("backup_missing", file=file.name))
    with _guard:  # of two people at once one is told that it is the other's
        if _asked:
            raise BusyError(message("restore_running", root=store.root.name))
        if backups.is_running(store.root):
            raise BusyError(message("database_in_use", root=store.root.name))
        with ExitStack() as free:
            for lock in (job_lock, export_run_lock, upload_lock):
                free.enter_context(lock(store.root, 0))
        backup.read_head(file)
        _asked.append(_Request(store.root, file, by))
    os.kill(os.getpid(), signal.SIGTERM)


def stay_down() -> None:
    """Somebody else told the server to end, too: it does what was asked for, and does not begin anew."""
    _stays_down.set()


def carry_out() -> bool:
    """At the server's end, when all is closed: do what was asked for. False where nothing was.

    Whatever comes of it is noted for the page, and the server begins anew: the database before is in place where the
    backup is not.
    """
    if not _asked:
        return False
    asked = _asked.pop()
    print(f"moue: putting {asked.file} back", file=sys.stderr, flush=True)
    try:
        done = restore_workspace(asked.file, asked.root, replace=True, by=asked.by)
    except MoueError as e:
        _note(asked.root, e.message, well=False)
    except Exception as e:  # noqa: BLE001 - a server that is gone would be worse than one that says so
        _log.exception("%s could not be put back", asked.file)
        _note(asked.root, message("backup_not_put_back", file=asked.file.name, why=e), well=False)
    else:
        aside = done.set_aside.name if done.set_aside else ""
        code = "backup_put_back_wrong" if done.findings else "backup_put_back"
        _note(asked.root, message(code, file=asked.file.name, folder=aside, n=len(done.findings)), well=True)
    return True


def start_anew() -> None:
    """Become a new server: the same command, with the same arguments. Nothing where it is to stay down."""
    if _stays_down.is_set():
        return
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], {**os.environ, _HEADLESS: "true"})  # noqa: S606


def last_outcome(root: Path) -> Outcome | None:
    """What came of the last one that was asked for; None where there was none."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        told = json.loads(read_regular(_noted(root)))
        said = message_of(str(told["text"]), told["code"], told["params"])
        return Outcome(str(told["at"]), bool(told["well"]), said)
    return None


def _note(root: Path, said: Message, *, well: bool) -> None:
    print(f"moue: {said}", file=sys.stderr, flush=True)
    told = {"at": now_iso(), "well": well, "text": str(said), "code": said.code, "params": said.json_params()}
    try:
        _noted(root).write_text(json.dumps(told, ensure_ascii=False), "utf-8")
    except OSError as e:
        _log.warning("what came of it cannot be noted for the page: %s", e)


def _noted(root: Path) -> Path:
    return root / ".locks" / "put-back.json"
