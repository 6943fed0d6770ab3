"""What the actions that bring photos in share: the workspace's usual settings, and what follows the photos."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
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
from pipeline.core.records import LOOKS, Settings
from pipeline.run.coordinator import Progress

SOON: Final = 100_000_000
"""So many pairs of images are compared at once though nobody waits: a few seconds, as 1,000 among 100,000 take."""


def usual_settings(store: Store) -> Settings:
    """The settings that most photos of the workspace were processed with; the defaults where there are none."""
    done = store.read(reprocess.processed)
    if not done:
        return Settings()
    usual = Settings.of_processing(done[0].processing, done[0].margin, done[0].detector)
    return replace(usual, looks=LOOKS)


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

    Where comparing would take long then (see `SOON`), and after a kill, an export or the end of the next run does it;
    `status` and the Duplicates page say how many photos wait.
    """
    with finished_early(store):
        yield
    finish_new(store, report, progress)


@contextmanager
def finished_early(store: Store) -> Iterator[None]:
    """Around the photos of a run, or of a round of one: what is left when it is cancelled or fails is made up for."""
    try:
        yield
    except MoueError:
        try:
            if _is_soon_done(store):
                update_near_duplicates(store)
            apply_rules(store)
        except MoueError as e:  # why the run ended is what its caller must hear
            logging.warning("the new photos were not compared after the run ended early: %s", e)
        raise


def _is_soon_done(store: Store) -> bool:
    return store.read(near_pairs.waiting) * store.read(near_pairs.hashed) <= SOON


def catch_up(store: Store) -> None:
    """At the server's start: what a run that was killed left is compared and looked at by rules, where it is little.

    Where it is more, see `SOON`, an export or the next run does it, and the Duplicates page says how many photos wait.
    A job that runs comes to its own end.
    """
    if not store.read(near_pairs.waiting) or not _is_soon_done(store):
        return
    with suppress(BusyError), job_lock(store.root):
        update_near_duplicates(store)
        apply_rules(store)
