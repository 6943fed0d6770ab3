"""What the actions that bring photos in share: the workspace's usual settings, and what follows the photos."""

from __future__ import annotations

from db.images import reprocess
from db.store.store import Store
from db.tables import classes
from pipeline.actions.job import JobReport
from pipeline.actions.near_duplicates import update_near_duplicates
from pipeline.actions.rules import apply_rules
from pipeline.core.records import Settings
from pipeline.run.coordinator import Progress


def usual_settings(store: Store) -> Settings:
    """The settings that most photos of the workspace were processed with; the defaults where there are none."""
    done = store.read(reprocess.processed)
    return Settings.of_processing(done[0].processing, done[0].margin) if done else Settings()


def class_names(store: Store) -> frozenset[str]:
    """The names of the workspace's classes, archived ones left out."""
    return frozenset(spec.name for spec in store.read(classes.list_classes))


def finish_new(store: Store, report: JobReport, progress: Progress) -> None:
    """What follows the photos of a run: near copies are found, and the rules that are switched on look at new faces."""
    report.phase(progress, "comparing")
    with progress.clock("compare"):
        update_near_duplicates(store, lambda done, total: report.phase(progress, "comparing"))
    apply_rules(store, lambda done: report.phase(progress, "rules"))
