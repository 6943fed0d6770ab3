"""`ingest --watch`: a folder that something else fills, followed until somebody says stop."""

from __future__ import annotations

import argparse
from functools import partial

from db import images
from db.connect import Store
from db.ledger import DatabaseLedger
from pipeline.blobs import BlobStore
from pipeline.command_intake import finish_new
from pipeline.command_jobs import Report
from pipeline.errors import UsageError
from pipeline.executors import open_executor
from pipeline.records import Settings
from pipeline.run import Progress, RunContext, run
from pipeline.sources import SourcePlan
from pipeline.watch import Watcher, watch


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
    report = Report(store, job_id, None)
    source = store.write(partial(images.ensure_source, kind=plan.kind, location=plan.place))
    context = RunContext(
        settings, BlobStore(store.root), DatabaseLedger(store, source, job_id), args.copy, report
    )  # fmt: skip
    try:
        for refs in watch(plan, args.watch):
            before = progress.faces
            run(refs, executor, context, progress)  # its report looks for a cancel, an empty round's too
            if progress.faces > before:
                finish_new(store, report, progress)
                report(progress)
    finally:
        executor.close()
        report.close()
