"""`ingest --watch`: a folder that something else fills, followed until somebody says stop."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, ClassVar

from db.base.clock import now_iso
from db.images import images
from db.images.ledger import DatabaseLedger
from db.store.store import Store
from pipeline.cli.intake import finish_new
from pipeline.cli.job import CancelledError, Report
from pipeline.core.errors import UsageError
from pipeline.core.records import Settings
from pipeline.files.blobs import BlobStore
from pipeline.run.coordinator import Progress, RunContext, run
from pipeline.run.executors import open_executor
from pipeline.sources.sources import SourcePlan
from pipeline.sources.watch import OWNER_ENDED, Watcher, rounds


class OwnerEndedError(CancelledError):
    """The server that began to watch is gone, and with it whoever could have stopped this."""

    state: ClassVar[str] = "interrupted"


class WatchReport(Report):
    """A report that also ends the work with its owner: a watch has no end of its own, so it must not be left behind.

    owner: the process that started this one, None where nobody's end matters.
    """

    def __init__(self, store: Store, job_id: str, owner: int | None, more: Callable[[], Mapping[str, Any]]) -> None:
        super().__init__(store, job_id, None, more)
        self._owner = owner

    def end_if_asked(self) -> None:
        """Raises CancelledError after Cancel, OwnerEndedError once the owner is gone."""
        super().end_if_asked()
        if self._owner is not None and os.getppid() != self._owner:  # orphans get another parent
            raise OwnerEndedError(OWNER_ENDED)


def watched(plans: list[SourcePlan]) -> SourcePlan:
    """The one folder to watch. Raises UsageError where it is none, or not one."""
    if len(plans) != 1:
        raise UsageError("one folder can be watched at a time: give one PATH")
    Watcher(plans[0])  # it knows what can be watched
    return plans[0]


def watch_folder(
    args: argparse.Namespace, store: Store, plan: SourcePlan, settings: Settings, job_id: str, progress: Progress
) -> None:
    """Take each file once it has settled, until the job is cancelled or interrupted. Raises CancelledError."""
    executor = open_executor(args.executor)
    watcher, came = Watcher(plan), ""

    def more() -> dict[str, Any]:
        return {"waiting": watcher.waiting, "came_at": came}

    report = WatchReport(store, job_id, args.watch_owner, more)

    def stop() -> bool:
        report.end_if_asked()
        return False

    source = store.write(partial(images.ensure_source, kind=plan.kind, location=plan.place))
    context = RunContext(
        settings, BlobStore(store.root), DatabaseLedger(store, source, job_id), args.copy, report
    )  # fmt: skip
    try:
        for refs in rounds(watcher, args.watch, stop):
            done, faces = progress.done, progress.faces
            run(refs, executor, context, progress)
            if progress.faces > faces:
                finish_new(store, report, progress)
            if progress.done > done:
                came = now_iso()
                report(progress)
    finally:
        executor.close()
        report.close()
