"""What the commands that bring photos in share: their settings, the workspace's lock, and what follows the photos."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from db.decisions import rules
from db.images import reprocess
from db.store.locks import job_lock
from db.store.store import Store
from db.tables import classes, jobs
from pipeline.actions.near_duplicates import update_near_duplicates
from pipeline.cli.arguments import settings_of
from pipeline.cli.job import Report
from pipeline.core.errors import UsageError
from pipeline.core.records import Settings
from pipeline.files.blobs import BlobStore
from pipeline.run.coordinator import Progress
from pipeline.sources.zips import clear_spool

DETECTION: Final = ("detector", "options", "faces", "margin", "upright", "class_name")
"""The arguments that each of these commands has, for a job's parameters."""


def chosen_settings(args: argparse.Namespace, store: Store) -> Settings:
    """What the arguments ask for; crops are cut as most photos of the workspace are. Raises UsageError."""
    done = store.read(reprocess.processed)
    usual = Settings.of_processing(done[0].processing, done[0].margin) if done else Settings()
    return settings_of(args, usual)


def class_names(args: argparse.Namespace, store: Store) -> frozenset[str]:
    """The workspace's classes. Raises UsageError where `--class` is none of them."""
    names = frozenset(spec.name for spec in store.read(classes.list_classes))
    check_class(args.class_name, names)
    return names


def check_class(name: str | None, names: frozenset[str]) -> None:
    """Raises UsageError where a class is asked for that the workspace does not have."""
    if name and name not in names:
        raise UsageError(f"no class is called {name!r}; there are {', '.join(sorted(names))}")


def spool_of(store: Store) -> Path:
    """Where photos lie that are on their way in and not files of somebody's own."""
    return store.root / ".incoming" / "members"


@contextmanager
def working(args: argparse.Namespace, store: Store) -> Iterator[None]:
    """Hold the workspace's lock; clear up behind a run that was killed, and behind this one. Raises BusyError."""
    with job_lock(store.root):
        if store.write(lambda db: jobs.recover(db, True, keep=args.job)):
            BlobStore(store.root).sweep()
        try:
            yield
        finally:
            clear_spool(spool_of(store))


def params_of(args: argparse.Namespace, *names: str) -> dict[str, Any]:
    """A job's parameters: what its page shows, and what starts it again."""
    return {name: getattr(args, name) for name in (*DETECTION, *names)}


def finish_new(store: Store, report: Report, progress: Progress) -> None:
    """What follows the photos of a run: near copies are found, and the rules that are switched on look at new faces."""
    report.tell(progress, "comparing")
    with progress.clock("compare"):
        update_near_duplicates(store, lambda done, total: report.tell(progress, "comparing"))
    while store.write(rules.settle):
        report.tell(progress, "rules")
