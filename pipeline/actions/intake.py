"""What the actions that bring photos in share: the workspace's usual settings, and what follows the photos."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

from db.duplicates import near_pairs
from db.images import reprocess
from db.store.locks import job_lock
from db.store.store import Store
from db.tables import classes
from pipeline.actions.job import JobReport
from pipeline.actions.near_duplicates import update_near_duplicates
from pipeline.actions.rules import apply_rules
from pipeline.core.errors import BusyError, MoueError
from pipeline.core.records import Settings
from pipeline.run.coordinator import Progress

SOON: Final = 1000
"""So many images are compared at once though nobody waits for it: a second or two among 100,000."""


def usual_settings(store: Store) -> Settings:
    """The settings that most photos of the workspace were processed with; the defaults where there are none."""
    done = store.read(reprocess.processed)
    return Settings.of_processing(done[0].processing, done[0].margin, done[0].detector) if done else Settings()


def class_names(store: Store) -> frozenset[str]:
    """The names of the workspace's classes, archived ones left out."""
    return frozenset(spec.name for spec in store.read(classes.list_classes))


def finish_new(store: Store, report: JobReport, progress: Progress) -> None:
    """What follows the photos of a run: near copies are found, and the rules that are switched on look at new faces."""
    report.phase(progress, "comparing")
    with progress.clock("compare"):
        update_near_duplicates(store, lambda done, total: report.phase(progress, "comparing"))
    apply_rules(store, lambda done: report.phase(progress, "rules"))


@contextmanager
def finished(store: Store, report: JobReport, progress: Progress) -> Iterator[None]:
    """Around the photos of a run: `finish_new` follows them, and what a cancelled or failed run did is finished, too.

    Where more than `SOON` images wait then, and after a kill, `catch_up` does it: at the server's start, before an
    export, or at the end of the next run.
    """
    try:
        yield
    except MoueError:
        try:
            if store.read(near_pairs.waiting) <= SOON:
                update_near_duplicates(store)
                apply_rules(store)
        except MoueError as e:  # why the run ended is what its caller must hear
            logging.warning("the new photos were not compared after the run ended early: %s", e)
        raise
    finish_new(store, report, progress)


def catch_up(store: Store) -> None:
    """At the server's start: what a run that was killed left is compared and looked at by rules, where it is little.

    Where more than `SOON` images wait, an export or the next run does it. A job that runs comes to its own end.
    """
    if not 0 < store.read(near_pairs.waiting) <= SOON:
        return
    with suppress(BusyError), job_lock(store.root):
        update_near_duplicates(store)
        apply_rules(store)
