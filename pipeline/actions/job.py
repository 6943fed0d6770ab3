"""Jobs: long work, one at a time in a workspace; progress, Pause and Cancel go through the database."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, Final

from db.base.clock import now_iso
from db.store.deletions import try_delete_listed
from db.store.locks import files_lock, job_lock, starter_is_gone
from db.store.store import Store
from db.tables import file_deletions, jobs
from pipeline.core.errors import MoueError
from pipeline.core.messages import Message, message
from pipeline.files.blobs import BlobStore, Kind
from pipeline.files.unnamed import Span, is_left, unnamed_files
from pipeline.run.coordinator import Progress
from pipeline.sources.zips import clear_spool

PAUSE_SECONDS: Final = 0.5
_MADE_AGAIN: Final[tuple[Kind, ...]] = ("images", "crops", "thumbs")


class CancelledError(MoueError):
    """Somebody pressed Cancel on the page. state: the final state of the job."""

    state: ClassVar[str] = "cancelled"


@dataclass(frozen=True, slots=True)
class JobRequest:
    """How a job is recorded and how its progress is reported.

    params: the options that a page shows and with which the job can be started again. job_id: the id under which a page
    has queued the job, None for a new job. show: called with (images done, total or None) after each batch.
    """

    kind: str
    params: Mapping[str, Any]
    job_id: str | None = None
    show: Callable[[int, int | None], object] = lambda done, total: None


@dataclass(frozen=True, slots=True)
class JobEnd:
    """How a job ended. state: done, cancelled or interrupted. message: why it ended early, None where it is done."""

    job_id: str
    state: str
    message: Message | None
    progress: Progress


class JobReport:
    """Writes a run's counts to the database, and passes Pause and Cancel from there to the run.

    total: number of images, None if unknown. more: further figures of this kind of job beside the outcomes.
    """

    def __init__(
        self,
        store: Store,
        job_id: str,
        total: int | None,
        show: Callable[[int, int | None], object],
        more: Callable[[], Mapping[str, Any]] = dict[str, Any],
    ) -> None:
        self._store, self._job, self._total, self._show, self._more = store, job_id, total, show, more
        self._rested_s = 0.0
        self._since: dict[str, Any] = {}

    def __call__(self, progress: Progress) -> None:
        self._show(progress.done, self._total)
        self._note(progress)
        self._wait_while_paused()

    def phase(self, progress: Progress, name: str) -> None:
        """Record a phase after the photos, which the page shows as what is being done now."""
        self._note(progress, phase=name)
        self._wait_while_paused()

    def _note(self, progress: Progress, **phase: str) -> None:
        if progress.stages and not self._since:  # a photo was worked on: what came before is the workers' start
            self._since = {"since": now_iso(), "since_done": progress.done, "since_rested": self._rested_s}
        counts = {**counts_of(progress), **self._more(), **self._since, **phase}
        self._store.write(lambda db: jobs.progress(db, self._job, self._total, progress.done, counts))

    def _wait_while_paused(self) -> None:
        """The workers finish what they have, and wait. Raises CancelledError."""
        while True:
            self.end_if_asked()
            if not self._store.read(lambda db: jobs.is_paused(db, self._job)):
                return
            time.sleep(PAUSE_SECONDS)
            self._rested_s += PAUSE_SECONDS
            self._store.write(lambda db: jobs.rested(db, self._job, PAUSE_SECONDS))

    def end_if_asked(self) -> None:
        """Raises CancelledError once somebody pressed Cancel."""
        if self._store.read(lambda db: jobs.is_cancelled(db, self._job)):
            raise CancelledError(message("job_cancelled"))


def counts_of(progress: Progress) -> dict[str, int | str]:
    """Number of images by outcome, and of new faces, as they are stored with a job."""
    return {**{str(k): v for k, v in progress.counts.items()}, "faces": progress.faces}


def spool_folder(store: Store) -> Path:
    """The folder for photos that are being taken in and have no file of their own: zip members, frames, downloads."""
    return store.root / ".incoming" / "members"


@contextmanager
def workspace_held(store: Store, job_id: str | None) -> Iterator[None]:
    """Hold the workspace's job lock, and delete what a killed job, and at the end this one, left. Raises BusyError.

    job_id: the job that is about to start; it is not mistaken for a dead one.
    """
    with job_lock(store.root):
        _remove_leftovers(store, job_id)
        gone = starter_is_gone(store.root, "job")
        store.write(lambda db: jobs.recover(db, True, keep=job_id, starter_gone=gone))
        try_delete_listed(store)  # of a process that was killed after this one had opened the workspace
        try:
            yield
        finally:
            clear_spool(spool_folder(store))


def _remove_leftovers(store: Store, job_id: str | None) -> None:
    """Remove what jobs left whose process died: unfinished files, and what can be made again and no row names.

    An original is left where it is: the run that is done again takes it up.
    """
    spans = [Span.of(*span) for span in store.read(partial(jobs.newest_interrupted_spans, keep=job_id))]
    blobs = BlobStore(store.root)
    blobs.sweep_thumbs()
    if not spans:
        return
    blobs.sweep()
    unnamed = partial(_unnamed_of, store)
    since = min(span.start for span in spans)
    for name in unnamed_files(store.root, unnamed, None, _MADE_AGAIN, since):
        if is_left(store.root / name, spans):
            (store.root / name).unlink(missing_ok=True)


def _unnamed_of(store: Store, names: Sequence[str]) -> list[str]:
    with files_lock(store.root):  # a crop that is being drawn has its row now
        there = [name for name in names if os.path.isfile(store.root / name)]
        return store.read(partial(file_deletions.unnamed, paths=there))


def run_job(store: Store, request: JobRequest, progress: Progress, work: Callable[[str], object]) -> JobEnd | None:
    """Call `work(job id)` as a job; the caller holds `workspace_held`.

    Ctrl-C and a page's Cancel end it as cancelled, the end of its owner as interrupted; a MoueError ends it as failed
    and is passed on. Returns None where somebody pressed Cancel before this process was there: nothing was done.
    """
    if request.job_id and store.read(lambda db: jobs.is_cancelled(db, str(request.job_id))):
        return None
    job_id = store.write(
        lambda db: jobs.start_job(db, request.kind, request.params, os.getpid(), job_id=request.job_id)
    )
    state = "failed"
    reason: Message | None = None
    try:
        work(job_id)
        state = "done"
    except (KeyboardInterrupt, CancelledError) as e:
        state = e.state if isinstance(e, CancelledError) else "cancelled"
        reason = e.message if isinstance(e, CancelledError) else message("job_interrupted")
    except MoueError as e:
        reason = e.message
        raise
    finally:
        logging.info("%s %s: %s %s", request.kind, job_id, state, counts_of(progress))
        store.write(lambda db: jobs.finish(db, job_id, state, reason))
    return JobEnd(job_id, state, reason, progress)
