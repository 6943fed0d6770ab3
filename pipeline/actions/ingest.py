"""Ingests files, folders, zips and videos as images, faces and crops: one job for any number of sources."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain

from db.images import images
from db.images.ledger import DatabaseLedger
from db.store.store import Db, Store
from pipeline.actions.intake import finished
from pipeline.actions.job import JobEnd, JobReport, JobRequest, run_job, workspace_held
from pipeline.core.errors import UsageError
from pipeline.core.messages import message
from pipeline.core.records import Settings
from pipeline.files.blobs import BlobStore
from pipeline.run.coordinator import Progress, RunContext, run
from pipeline.run.executors import open_executor
from pipeline.sources.plan import SourcePlan
from pipeline.sources.walk import count_files, iter_source


@dataclass(frozen=True, slots=True)
class IngestOptions:
    """Options of an ingest. executor: serial, processes:N or dask:…; copy: copy originals into the workspace.

    source_kind, source_name: kind and name of the source if it is not called after its folder.
    """

    settings: Settings
    executor: str = "processes"
    copy: bool = False
    source_kind: str | None = None
    source_name: str | None = None


def as_uploads(store: Store, plans: Sequence[SourcePlan]) -> list[SourcePlan]:
    """The plans marked as uploads, whose folders `ingest` empties and deletes. Raises UsageError for other folders."""
    incoming = store.root.resolve() / ".incoming"
    unexpected = [plan.root for plan in plans if not plan.folder.is_relative_to(incoming)]
    if unexpected:
        raise UsageError(message("upload_not_ours", place=unexpected[0]))
    return [replace(plan, owned=True) for plan in plans]


def ingest(store: Store, plans: Sequence[SourcePlan], options: IngestOptions, request: JobRequest) -> JobEnd | None:
    """Ingest the files of each plan, source by source; see `run_job`. Raises BusyError, StorageError, ModelError."""
    progress = Progress()
    with workspace_held(store, request.job_id):
        return run_job(store, request, progress, partial(ingest_all, store, plans, options, request, progress))


def ingest_all(
    store: Store,
    plans: Sequence[SourcePlan],
    options: IngestOptions,
    request: JobRequest,
    progress: Progress,
    job_id: str,
) -> None:
    """The work of `ingest`, for a job that does more; the caller holds `workspace_held`."""
    report = JobReport(store, job_id, _number_of_files(plans), request.show)
    executor = open_executor(options.executor)
    try:
        with finished(store, report, progress):
            for (kind, location), group in _by_source(plans).items():
                named = (options.source_kind or kind, options.source_name or location)
                source = store.write(partial(_ensure_source, *named))
                ledger = DatabaseLedger(store, source, job_id)
                context = RunContext(options.settings, BlobStore(store.root), ledger, options.copy, report)
                refs = chain.from_iterable(iter_source(plan, ledger) for plan in group)
                run(refs, executor, context, progress)
                for plan in group:
                    if plan.owned:
                        shutil.rmtree(plan.folder, ignore_errors=True)
    finally:
        executor.close()


def _number_of_files(plans: Sequence[SourcePlan]) -> int | None:
    """How many photos the plans hold; None where that is not known before a video is decoded."""
    return None if any(plan.video for plan in plans) else sum(map(count_files, plans))


def _ensure_source(kind: str, location: str, db: Db) -> int:
    return images.ensure_source(db, kind, location)


def _by_source(plans: Sequence[SourcePlan]) -> dict[tuple[str, str], list[SourcePlan]]:
    """Single files of one folder are one source, or a shell's `*.jpg` would make hundreds."""
    groups: dict[tuple[str, str], list[SourcePlan]] = {}
    for plan in plans:
        kind, location = ("video", str(plan.root)) if plan.video else (plan.kind, plan.source_location)
        groups.setdefault((kind, location), []).append(plan)
    return groups
