"""Watches a folder that another program fills, and ingests new files until the job is cancelled."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, ClassVar

from db.base.clock import now_iso
from db.images import images
from db.images.ledger import DatabaseLedger
from db.store.store import Store
from pipeline.actions.ingest import IngestOptions
from pipeline.actions.intake import finish_new, finished_early
from pipeline.actions.job import CancelledError, JobEnd, JobReport, JobRequest, run_job, workspace_held
from pipeline.core.errors import UsageError
from pipeline.core.messages import message
from pipeline.core.outcome import STORED_OUTCOMES, Outcome
from pipeline.files.blobs import BlobStore
from pipeline.run.coordinator import Progress, RunContext, run
from pipeline.run.executors import open_executor
from pipeline.sources.plan import SourcePlan
from pipeline.sources.walk import ref_of_folder
from pipeline.sources.watch import OWNER_ENDED, Watcher, rounds


class OwnerEndedError(CancelledError):
    """The server that started the watch has ended, so that nobody could cancel it any more."""

    state: ClassVar[str] = "interrupted"


class WatchReport(JobReport):
    """A `JobReport` that also ends the watch once its owner has ended; a watch would run on for ever.

    owner: the id of the process that started this one, None to run without an owner.
    """

    def __init__(
        self,
        store: Store,
        job_id: str,
        show: Callable[[int, int | None], object],
        owner: int | None,
        more: Callable[[], Mapping[str, Any]],
    ) -> None:
        super().__init__(store, job_id, None, show, more)
        self._owner = owner

    def end_if_asked(self) -> None:
        """Raises CancelledError after Cancel, OwnerEndedError once the owner is gone."""
        super().end_if_asked()
        if self._owner is not None and os.getppid() != self._owner:  # orphans get another parent
            raise OwnerEndedError(OWNER_ENDED)


def watch_folder(
    store: Store,
    plans: Sequence[SourcePlan],
    options: IngestOptions,
    request: JobRequest,
    seconds: float,
    owner: int | None = None,
) -> JobEnd | None:
    """Ingest each file of the one folder in `plans` once it no longer changes, until the job is ended.

    seconds: between two scans of it. owner: the process with whose end the watch ends. See `run_job`. Raises UsageError
    where it is not one folder, BusyError, StorageError, ModelError.
    """
    if len(plans) != 1:
        raise UsageError(message("watch_one_folder"))
    watch = _Watch(store, Watcher(plans[0]), options, request, seconds, owner)
    with workspace_held(store, request.job_id):
        return run_job(store, request, watch.progress, watch.follow)


@dataclass
class _Watch:
    """One folder that is followed. came_at: when something was last taken, "" while nothing was."""

    store: Store
    watcher: Watcher
    options: IngestOptions
    request: JobRequest
    seconds: float
    owner: int | None
    came_at: str = ""
    progress: Progress = field(default_factory=Progress)

    def follow(self, job_id: str) -> None:
        """Until the job is cancelled or interrupted. Raises CancelledError."""
        store, plan, progress = self.store, self.watcher.plan, self.progress
        executor = open_executor(self.options.executor)
        report = WatchReport(store, job_id, self.request.show, self.owner, self._metrics)

        def stop() -> bool:
            report.end_if_asked()
            return False

        source = store.write(partial(images.ensure_source, kind=plan.kind, location=plan.source_location))
        ledger = DatabaseLedger(store, source, job_id)
        context = RunContext(self.options.settings, BlobStore(store.root), ledger, self.options.copy, report)
        try:
            for refs in rounds(self.watcher, self.seconds, stop):
                done, readable = progress.done, _readable(progress)
                with finished_early(store):  # also of the last round, which a cancel ends
                    run(refs, executor, context, progress)
                    if progress.done > done:
                        finish_new(store, report, progress)
                if progress.done > done:
                    if _readable(progress) > readable:
                        ledger.forget_failure(ref_of_folder(plan))  # it was empty, once
                    self.came_at = now_iso()
                    report(progress)
        finally:
            executor.close()

    def _metrics(self) -> dict[str, Any]:
        return {"waiting": self.watcher.waiting, "came_at": self.came_at}


def _readable(progress: Progress) -> int:
    """How many photos came out of the folder so far."""
    return sum(progress.counts[outcome] for outcome in (*STORED_OUTCOMES, Outcome.ALREADY_PRESENT))
