"""`ingest`: files, folders and zips to images, faces and crops, as a job that can be watched, paused and cancelled."""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from itertools import chain
from typing import Any

from db.base.paths import to_text
from db.images import images
from db.images.ledger import DatabaseLedger
from db.store.store import Store
from pipeline.cli.intake import chosen_settings, class_names, finish_new, params_of, spool_of, working
from pipeline.cli.job import Report, run_as_job
from pipeline.cli.watch import watch_folder, watched
from pipeline.core.errors import UsageError
from pipeline.core.records import Settings
from pipeline.files.blobs import BlobStore
from pipeline.run.coordinator import Progress, RunContext, run
from pipeline.run.executors import open_executor
from pipeline.sources.sources import SourcePlan, count_files, iter_source, plan_source


def cmd_ingest(args: argparse.Namespace, store: Store) -> int:
    settings = chosen_settings(args, store)
    names = class_names(args, store)
    proposable = names if args.propose_classes else frozenset[str]()
    options = {
        "class_name": args.class_name,
        "class_names": proposable,
        "frames": args.frames,
    }
    plans = [replace(plan_source(path, spool_of(store), settings.max_bytes), **options) for path in args.paths]
    if args.source_kind:
        plans = owned_by(store, plans)
    params = params_of(args, "copy", "frames", "propose_classes", "source_kind", "source_name", "watch")
    params["paths"] = [to_text(str(p.root)) for p in plans]
    progress = Progress()
    folder = watched(plans) if args.watch else None

    def work(job: str) -> None:
        if folder is not None:
            watch_folder(args, store, folder, settings, job, progress)
        else:
            ingest_all(args, store, plans, settings, job, progress, sum(map(count_files, plans)))

    with working(args, store):
        return run_as_job(args, store, "ingest", params, progress, work)


def owned_by(store: Store, plans: Sequence[SourcePlan]) -> list[SourcePlan]:
    """The same as uploads, which the run empties and removes. Raises UsageError for what lies elsewhere."""
    incoming = store.root.resolve() / ".incoming"
    strange = [plan.root for plan in plans if not plan.folder.is_relative_to(incoming)]
    if strange:
        raise UsageError(f"{strange[0]} is no upload of this workspace; leave --source-kind and --source-name out")
    return [replace(plan, owned=True) for plan in plans]


def ingest_all(
    args: argparse.Namespace,
    store: Store,
    plans: Sequence[SourcePlan],
    settings: Settings,
    job_id: str,
    progress: Progress,
    total: int | None,
) -> None:
    """Work through the plans, source by source. total: how many files they hold, None where that is not known."""
    executor = open_executor(args.executor)
    report = Report(store, job_id, total)
    try:
        for (kind, location), group in _by_source(plans).items():
            named = (args.source_kind or kind, args.source_name or location)
            source = store.write(partial(_ensure_source, *named))
            ledger = DatabaseLedger(store, source, job_id)
            context = RunContext(settings, BlobStore(store.root), ledger, args.copy, report)
            refs = chain.from_iterable(iter_source(plan, ledger) for plan in group)
            run(refs, executor, context, progress)
            for chosen in group:
                if chosen.owned:
                    shutil.rmtree(chosen.folder, ignore_errors=True)
        finish_new(store, report, progress)
    finally:
        executor.close()
        report.close()


def _ensure_source(kind: str, location: str, db: Any) -> int:
    return images.ensure_source(db, kind, location)


def _by_source(plans: Sequence[SourcePlan]) -> dict[tuple[str, str], list[SourcePlan]]:
    """Single files of one folder are one source, or a shell's `*.jpg` would make hundreds."""
    groups: dict[tuple[str, str], list[SourcePlan]] = {}
    for chosen in plans:
        kind, place = ("video", str(chosen.root)) if chosen.video else (chosen.kind, chosen.place)
        groups.setdefault((kind, place), []).append(chosen)
    return groups
