"""The locks of a workspace: locks of the operating system on files in `.locks`, which end with their process.

in-use.lock   shared by everybody who has the database open; whoever exchanges the database holds it alone
migrate.lock  the schema is being changed, or the database being opened
job.lock      the one job that a workspace may have
server.lock   the one server
job-start.lock, export-start.lock  shared by whoever starts such a process, and by that process until it ends
export.lock   a release is being written
export-run.lock  the one export that a page or a script began, from its plan to its end
upload.lock   a release is on its way to another place
suggest.lock  suggestions are being computed
people.lock   people are being told apart by looks
recount.lock  faces are being counted anew under another consensus rule
files.lock    one file is written whose row follows, or files are deleted whose rows are gone: moments
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Final, Literal

from filelock import FileLock, Timeout

from db.base.clock import now_iso
from pipeline.core.durable import make_folder
from pipeline.core.errors import BusyError, StorageError
from pipeline.core.messages import Message, message, os_message
from pipeline.core.system.calls import has_locks, try_lock

Started = Literal["job", "export"]
_FOLDER: Final = ".locks"
_PATIENCE_S: Final = 1.0
"""Seconds to wait for a lock: a page that asks whether the job lock is free holds it for a moment."""
_MIGRATE_PATIENCE_S: Final = 60.0
EXPORT_PATIENCE_S: Final = 60.0
_FILES_PATIENCE_S: Final = 30.0
_FILES_POLL_S: Final = 0.005
_STARTS_S: Final = 120.0
"""Longer than any process takes from its start to its first lock."""
_ALONE_S: Final = 0.1
"""Longer than anybody holds the in-use lock to see whether they are alone."""
_POLL_S: Final = 0.05


def job_lock(root: Path, patience_s: float | None = None) -> AbstractContextManager[None]:
    """Hold the job lock of the workspace `root`. Raises BusyError while another living process holds it."""
    patience_s = _PATIENCE_S if patience_s is None else patience_s
    return _locked(root, "job.lock", patience_s, message("job_elsewhere", root=root))


def job_lock_is_free(root: Path) -> bool:
    """Whether no living process runs a job on the workspace `root`."""
    return _is_free(_locked(root, "job.lock", 0, message("job_elsewhere", root=root)))


@contextmanager
def starting(root: Path, what: Started) -> Iterator[tuple[int, ...]]:
    """Say that a process is being started, from before it is noted. Yields the descriptors to pass on to it: it says so
    itself from then on, until it ends; none where the system has no such locks. Raises StorageError, BusyError."""
    descriptor = _opened(root, f"{what}-start.lock")
    try:
        _share(descriptor, root)
        yield (descriptor,) if has_locks() else ()
    finally:
        os.close(descriptor)


def starter_is_gone(root: Path, what: Started, since: str | None = None) -> bool:
    """Whether neither who started such a process lives, nor the process. Without such locks two minutes after `since`
    (UTC, ISO 8601) tell it."""
    if not has_locks():
        return since is not None and since < now_iso(_STARTS_S)
    descriptor = _opened(root, f"{what}-start.lock")
    try:
        try_lock(descriptor)
    except BlockingIOError:
        return False
    finally:
        os.close(descriptor)
    return True


def export_lock(root: Path, patience_s: float | None = None) -> AbstractContextManager[None]:
    """Hold the lock under which releases are written. Raises BusyError where another one takes more than a minute."""
    patience_s = EXPORT_PATIENCE_S if patience_s is None else patience_s
    return _locked(root, "export.lock", patience_s, message("export_busy", root=root))


def export_run_lock(root: Path, patience_s: float | None = None) -> AbstractContextManager[None]:
    """Hold the lock of the export that a page or a script began. Raises BusyError while another process holds it."""
    patience_s = _PATIENCE_S if patience_s is None else patience_s
    return _locked(root, "export-run.lock", patience_s, message("export_running"))


def export_run_lock_is_free(root: Path) -> bool:
    """Whether no living process makes a release that a page or a script asked for."""
    return _is_free(export_run_lock(root, 0))


def upload_lock(root: Path, patience_s: float = 0.0) -> AbstractContextManager[None]:
    """Hold the lock under which releases are sent. Raises BusyError while another process does that."""
    return _locked(root, "upload.lock", patience_s, message("upload_busy", root=root))


def suggest_lock(root: Path, patience_s: float = 0.0) -> AbstractContextManager[None]:
    """Hold the lock under which suggestions are computed. Raises BusyError while another process does that."""
    return _locked(root, "suggest.lock", patience_s, message("suggest_busy", root=root))


def suggest_lock_is_free(root: Path) -> bool:
    """Whether no living process computes suggestions for the workspace `root`."""
    return _is_free(suggest_lock(root))


def people_lock(root: Path, patience_s: float = 0.0) -> AbstractContextManager[None]:
    """Hold the lock under which people are told apart by looks. Raises BusyError while another process does that."""
    return _locked(root, "people.lock", patience_s, message("people_busy", root=root))


def people_lock_is_free(root: Path) -> bool:
    """Whether no living process tells the people of the workspace `root` apart."""
    return _is_free(people_lock(root))


def recount_lock(root: Path, patience_s: float = 0.0) -> AbstractContextManager[None]:
    """Hold the lock under which faces are counted anew. Raises BusyError while another process does that."""
    return _locked(root, "recount.lock", patience_s, message("recount_busy", root=root))


def recount_lock_is_free(root: Path) -> bool:
    """Whether nobody counts the faces of the workspace `root` anew."""
    return _is_free(recount_lock(root))


def files_lock(root: Path) -> AbstractContextManager[None]:
    """Hold the lock under which a file is written before its row, or files are deleted behind theirs.

    Jobs do not need it: they hold the job lock, as does whoever deletes. Raises BusyError.
    """
    return _locked(root, "files.lock", _FILES_PATIENCE_S, message("files_busy", root=root), _FILES_POLL_S)


def migration_lock(root: Path) -> AbstractContextManager[None]:
    """Hold the lock under which the schema is changed. Raises BusyError where that takes others a minute."""
    return _locked(root, "migrate.lock", _MIGRATE_PATIENCE_S, message("migration_busy", root=root))


@contextmanager
def server_lock(root: Path) -> Iterator[None]:
    """Hold the server's lock of the workspace `root`, made where there is none. Raises BusyError while another server
    holds it."""
    try:
        make_folder(root, inside=None)
    except OSError as e:
        raise StorageError(os_message(e, "workspace_not_made", root=root)) from e
    with _locked(root, "server.lock", 0, message("server_busy", root=root)):
        yield


@contextmanager
def exchange_lock(root: Path) -> Iterator[None]:
    """Hold all locks that users of the database hold, so that it may be replaced. Raises BusyError, naming the user."""
    with ExitStack() as stack:
        try:
            stack.enter_context(server_lock(root))
        except BusyError as e:
            raise BusyError(message("server_in_way", root=root)) from e
        stack.enter_context(job_lock(root))
        stack.enter_context(migration_lock(root))
        descriptor = _opened(root, "in-use.lock")
        stack.callback(os.close, descriptor)
        try:
            try_lock(descriptor)
        except BlockingIOError as e:
            raise BusyError(message("database_in_use", root=root)) from e
        yield


class InUse:
    """A share of the in-use lock, until `release` or the end of the process."""

    def __init__(self, root: Path) -> None:
        """Raises BusyError while the database is being exchanged."""
        self._descriptor: int | None = _opened(root, "in-use.lock")
        if not self._take(shared=True, patience_s=_ALONE_S):
            self.release()
            raise BusyError(message("restore_running", root=root))

    def is_alone(self, patience_s: float = 0.0) -> bool:
        """Whether nobody else, in this process or another, has the database open. For who holds the migration lock.

        The share is let go of for a moment; whoever would exchange the database needs the migration lock too.
        """
        alone = self._take(shared=False, patience_s=patience_s)
        self._take(shared=True, patience_s=_ALONE_S)
        return alone

    def _take(self, *, shared: bool, patience_s: float) -> bool:
        until = time.monotonic() + patience_s
        while self._descriptor is not None:
            with suppress(BlockingIOError):
                try_lock(self._descriptor, shared=shared)
                return True
            if time.monotonic() >= until:
                break
            time.sleep(_FILES_POLL_S)
        return False

    def release(self) -> None:
        """A second call does nothing."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def _is_free(lock: AbstractContextManager[None]) -> bool:
    try:
        with lock:
            return True
    except BusyError:
        return False


@contextmanager
def _locked(root: Path, name: str, patience_s: float, busy: Message, poll_s: float = _POLL_S) -> Iterator[None]:
    """Not in a folder that is gone: it would be made anew, and look as if it were a workspace."""
    lock = FileLock(root / _FOLDER / name, timeout=patience_s, thread_local=False)
    try:
        (root / _FOLDER).mkdir(exist_ok=True)
        before = root.stat()
        lock.acquire(poll_interval=poll_s)
        _check_not_made_anew(root, before, lock)
    except Timeout as e:
        raise BusyError(busy) from e
    except FileNotFoundError as e:
        raise StorageError(message("workspace_gone", root=root)) from e
    except OSError as e:
        raise StorageError(os_message(e, "workspace_unwritable", root=root)) from e
    try:
        yield
    finally:
        lock.release()


def _check_not_made_anew(root: Path, before: os.stat_result, lock: FileLock) -> None:
    """The library makes the folders of its file: where the workspace went a moment before, they are taken back.

    Raises FileNotFoundError there.
    """
    with suppress(FileNotFoundError):
        if os.path.samestat(before, root.stat()):
            return
    lock.release()
    Path(lock.lock_file).unlink(missing_ok=True)
    with suppress(OSError):  # not empty: somebody else's
        (root / _FOLDER).rmdir()
        root.rmdir()
    raise FileNotFoundError(root)


def _share(descriptor: int, root: Path) -> None:
    """Whoever asks whether somebody has it holds it for a moment. Raises BusyError."""
    until = time.monotonic() + _PATIENCE_S
    while True:
        try:
            return try_lock(descriptor, shared=True)
        except BlockingIOError as e:
            if time.monotonic() >= until:
                raise BusyError(message("files_busy", root=root)) from e
        time.sleep(_FILES_POLL_S)


def _opened(root: Path, name: str) -> int:
    try:
        (root / _FOLDER).mkdir(exist_ok=True)
        return os.open(root / _FOLDER / name, os.O_RDWR | os.O_CREAT, 0o644)
    except FileNotFoundError as e:
        raise StorageError(message("workspace_gone", root=root)) from e
    except OSError as e:
        raise StorageError(os_message(e, "workspace_unwritable", root=root)) from e
