"""Shared by all actions that add photos: the workspace's usual settings, and the work after the photos are stored."""

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
from pipeline.actions.people.told import apply_levels
from pipeline.actions.rules import apply_rules
from pipeline.core.errors import BusyError, MoueError
from pipeline.core.records import LOOKS, Settings
from pipeline.run.coordinator import Progress

SOON: Final = 100_000_000
"""Pairs of images up to which a comparison counts as quick: a few seconds, as 1,000 images among 100,000 take."""


def usual_settings(store: Store) -> Settings:
    """The settings with which most photos of the workspace were processed; the defaults if there are none."""
    done = store.read(reprocess.processed)
    if not done:
        return Settings()
    usual = Settings.of_processing(done[0].processing, done[0].margin, done[0].detector)
    return replace(usual, looks=LOOKS)


def class_names(store: Store) -> frozenset[str]:
    """The names of the workspace's classes, archived ones left out."""
    return frozenset(spec.name for spec in store.read(classes.list_classes))


def finish_new(store: Store, report: JobReport, progress: Progress) -> None:
    """The work after a run's photos are stored: find near copies, and apply the active rules to new faces."""
    report.phase(progress, "comparing")
    with progress.clock("compare"):
        update_near_duplicates(store, lambda done, total: report.phase(progress, "comparing"))
    apply_rules(store, lambda done: report.phase(progress, "rules"))
    apply_levels(store)


@contextmanager
def finished(store: Store, report: JobReport, progress: Progress) -> Iterator[None]:
    """Context manager around a run: calls `finish_new` at its end, also if the run is cancelled or fails.

    After a cancel or failure a long comparison (see `SOON`) is left to the next export or run, as it is after a kill;
    `status` and the Duplicates page say how many photos are not compared yet.
    """
    with finished_early(store):
        yield
    finish_new(store, report, progress)


@contextmanager
def finished_early(store: Store) -> Iterator[None]:
    """Context manager around a run, or one round of it, that compares and applies rules if it is cancelled or fails.

    A long comparison (see `SOON`) is left to the next run or export.
    """
    try:
        yield
    except MoueError:
        try:
            if _is_soon_done(store):
                update_near_duplicates(store)
            apply_rules(store)
            apply_levels(store)
        except MoueError as e:  # why the run ended is what its caller must hear
            logging.warning("the new photos were not compared after the run ended early: %s", e)
        raise


def _is_soon_done(store: Store) -> bool:
    return store.read(near_pairs.waiting) * store.read(near_pairs.hashed) <= SOON


def catch_up(store: Store) -> None:
    """At the server's start: compare the photos of a killed run and apply rules to them, if that is quick.

    If it would take longer (see `SOON`), an export or the next run does it, and the Duplicates page says how many
    photos are not compared yet. Does nothing while a job runs.
    """
    if not store.read(near_pairs.waiting) or not _is_soon_done(store):
        return
    with suppress(BusyError), job_lock(store.root):
        update_near_duplicates(store)
        apply_rules(store)
