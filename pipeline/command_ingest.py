"""`ingest`: files, folders and zips to images, faces and crops, as a job that can be watched, paused and cancelled."""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from itertools import chain
from typing import Any

from db import classes, images, jobs, rework, rules
from db.connect import Store
from db.ledger import DatabaseLedger
from db.locks import job_lock
from db.paths import to_text
from pipeline.arguments import settings_of
from pipeline.blobs import BlobStore
from pipeline.command_duplicates import update_duplicates
from pipeline.command_jobs import Report, run_as_job
from pipeline.errors import UsageError
from pipeline.executors import open_executor
from pipeline.records import Settings
from pipeline.run import Progress, RunContext, run
from pipeline.sources import SourcePlan, count_files, iter_source, plan_source
from pipeline.zips import clear_spool


def cmd_ingest(args: argparse.Namespace, store: Store) -> int:
    done = store.read(rework.processed)
    usual = Settings.of_processing(done[0].processing, done[0].margin) if done else Settings()
    settings = settings_of(args, usual)
    names = {spec.name for spec in store.read(classes.list_classes)}
    if args.class_name and args.class_name not in names:
        raise UsageError(f"no class is called {args.class_name!r}; there are {', '.join(sorted(names))}")
    spool = store.root / ".incoming" / "members"
    proposable = frozenset(names) if args.propose_classes else frozenset[str]()
    options = {"class_name": args.class_name, "class_names": proposable, "owned": bool(args.source_kind)}
    plans = [replace(plan_source(path, spool, settings.max_bytes), **options) for path in args.paths]
    incoming = store.root.resolve() / ".incoming"
    strange = [p.root for p in plans if p.owned and not p.folder.is_relative_to(incoming)]
    if strange:  # what is owned is emptied and removed
        raise UsageError(f"{strange[0]} is no upload of this workspace; leave --source-kind out")
    with job_lock(store.root):
        if store.write(lambda db: jobs.recover(db, True, keep=args.job)):
            BlobStore(store.root).sweep()
        try:
            return _run_job(args, store, plans, settings)
        finally:
            clear_spool(spool)


def _run_job(args: argparse.Namespace, store: Store, plans: Sequence[SourcePlan], settings: Settings) -> int:
    options = (
        "detector",
        "options",
        "faces",
        "margin",
        "upright",
        "copy",
        "propose_classes",
        "class_name",
        "source_kind",
        "source_name",
    )
    params = {"paths": [to_text(str(p.root)) for p in plans]} | {name: getattr(args, name) for name in options}
    progress = Progress()
    return run_as_job(
        args, store, "ingest", params, progress, lambda job: _ingest_all(args, store, plans, settings, job, progress)
    )


def _ingest_all(
    args: argparse.Namespace,
    store: Store,
    plans: Sequence[SourcePlan],
    settings: Settings,
    job_id: str,
    progress: Progress,
) -> None:
    executor = open_executor(args.executor)
    report = Report(store, job_id, sum(map(count_files, plans)))
    try:
        for (kind, location), group in _by_source(plans).items():
            named = (args.source_kind or kind, args.source_name or location)
            source = store.write(partial(_ensure_source, *named))
            ledger = DatabaseLedger(store, source, job_id)
            context = RunContext(settings, BlobStore(store.root), ledger, args.copy, report)
            run(chain.from_iterable(map(iter_source, group)), executor, context, progress)
            for chosen in group:
                if chosen.owned:
                    shutil.rmtree(chosen.folder, ignore_errors=True)
        finish_new(store, report, progress)
    finally:
        executor.close()
        report.close()


def finish_new(store: Store, report: Report, progress: Progress) -> None:
    """What follows the photos of a run: near copies are found, and the rules that are switched on look at new faces."""
    report.tell(progress, "comparing")
    with progress.clock("compare"):
        update_duplicates(store, lambda: report.tell(progress, "comparing"))
    while store.write(rules.settle):
        report.tell(progress, "rules")


def _ensure_source(kind: str, location: str, db: Any) -> int:
    return images.ensure_source(db, kind, location)


def _by_source(plans: Sequence[SourcePlan]) -> dict[tuple[str, str], list[SourcePlan]]:
    """Single files of one folder are one source, or a shell's `*.jpg` would make hundreds."""
    groups: dict[tuple[str, str], list[SourcePlan]] = {}
    for chosen in plans:
        groups.setdefault((chosen.kind, chosen.place), []).append(chosen)
    return groups
