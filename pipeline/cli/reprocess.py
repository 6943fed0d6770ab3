"""`reprocess`: look for faces or cut crops again, from the originals. Decisions stay with their faces."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import chain
from typing import Any, Final

from db.images import reprocess
from db.images.reprocess import DueImage, Processed
from db.store.store import Store
from pipeline.cli.arguments import checked
from pipeline.cli.intake import finish_new, working
from pipeline.cli.job import Report, run_as_job
from pipeline.core.records import STORED_OUTCOMES, ImageOutcome, ImageRef, KnownFace, Outcome, Settings
from pipeline.faces.match import is_moved, scaled
from pipeline.files.blobs import BlobStore
from pipeline.files.remote import original_place
from pipeline.run.coordinator import Batches, Progress, blobs_of, stored_outcome
from pipeline.run.executors import Executor, open_executor
from pipeline.run.process_image import crop_for

_PAGE: Final = 500
_PASSES: Final = 2
"""An image that somebody changed while it was looked at is looked at once more."""


@dataclass
class Task:
    """The images that were processed alike, and the settings that they get."""

    done_as: Processed
    before: Settings
    settings: Settings

    @property
    def look_again(self) -> bool:
        return detection(self.before) != detection(self.settings)


@dataclass
class Second:
    """What a second look needs at hand. in_flight: by SHA-256, which is each ref's location."""

    store: Store
    blobs: BlobStore
    report: Report
    progress: Progress
    in_flight: dict[str, DueImage] = field(default_factory=dict)
    failed: set[str] = field(default_factory=set)
    skipped: int = 0


def detection(settings: Settings) -> tuple[Any, ...]:
    """What decides which faces are found."""
    return settings.detector, tuple(sorted(settings.options)), settings.faces


def cmd_reprocess(args: argparse.Namespace, store: Store) -> int:
    with working(args, store):
        progress = Progress()
        names = ("detector", "options", "faces", "margin", "upright")
        params = {name: getattr(args, name) for name in names}
        return run_as_job(args, store, "reprocess", params, progress, lambda job: _again(args, store, job, progress))


def tasks_of(args: argparse.Namespace, done: list[Processed]) -> list[Task]:
    """What is to be done: nothing where an image is already as asked. Raises UsageError."""
    tasks = []
    for done_as in done:
        before = Settings.of_processing(done_as.processing, done_as.margin, done_as.detector)
        settings = checked(settings_after(before, args))
        if settings.processing != done_as.processing:
            tasks.append(Task(done_as, before, settings))
    return tasks


def settings_after(before: Settings, args: argparse.Namespace) -> Settings:
    """`before` with what was asked for. Another detector starts with its own default options."""
    changed = {
        name: value for name in ("detector", "faces", "margin", "upright") if (value := getattr(args, name)) is not None
    }
    settings = replace(before, **changed)
    if args.options or settings.detector != before.detector:
        settings = replace(settings, options=tuple(args.options))
    return settings


def _again(args: argparse.Namespace, store: Store, job_id: str, progress: Progress) -> None:
    tasks = tasks_of(args, store.read(reprocess.processed))
    report = Report(store, job_id, sum(task.done_as.images for task in tasks))
    second = Second(store, BlobStore(store.root), report, progress)
    executor = open_executor(args.executor)
    try:
        for task in tasks:
            for _ in range(_PASSES):
                second.skipped = 0
                _run_task(task, executor, second)
                if not second.skipped:
                    break
            else:
                print(f"moue: {second.skipped} photos changed all the time: start this again for them", file=sys.stderr)
        if second.failed:
            print(f"moue: {len(second.failed)} photos stay as they were; moue.log tells why", file=sys.stderr)
        finish_new(store, report, progress)
    finally:
        executor.close()
        report.close()


def _run_task(task: Task, executor: Executor, second: Second) -> None:
    batches = Batches(partial(_keep, task, second))
    for outcome in executor.outcomes(_refs(task, second), task.settings):
        second.progress.took(outcome)
        batches.add(outcome)
    batches.flush()


def _refs(task: Task, second: Second) -> Iterator[ImageRef]:
    """Walk the due images; those that fail stay due and lie behind the cursor, so none is met twice in a pass."""
    after = ""
    while page := second.store.read(partial(reprocess.due, done_as=task.done_as, after=after, size=_PAGE)):
        after = page[-1].sha256
        for image in page:
            path = original_place(second.store.root, image.original)
            second.in_flight[image.sha256] = image
            yield ImageRef(
                str(path),
                image.sha256,
                image.byte_size,
                spooled=image.storage == "stored",  # a cluster's workers may not see the workspace: its bytes are sent
                known=known_faces(image, task),
                look_again=task.look_again,
            )


def known_faces(image: DueImage, task: Task) -> tuple[KnownFace, ...]:
    """The image's faces with the crops that they shall have; one that a person placed keeps its middle."""
    known = []
    for due in image.faces:
        face = due.face
        cut_before = crop_for(face.landmarks, image.width, image.height, task.before)
        moved = is_moved(face.crop, cut_before)
        if moved:
            crop = scaled(face.crop, task.settings.margin / task.before.margin)
        else:
            crop = crop_for(face.landmarks, image.width, image.height, task.settings) or face.crop
        known.append(KnownFace(replace(face, crop=crop), due.pinned or moved, moved))
    return tuple(known)


def _keep(task: Task, second: Second, batch: list[ImageOutcome]) -> None:
    """Store a batch: files first, then the rows. What could not be read again stays as it is."""
    ready = []
    for outcome in batch:
        image = second.in_flight.pop(outcome.ref.location)
        if outcome.outcome in STORED_OUTCOMES and outcome.sha256 == image.sha256:
            # A crop that somebody moved meanwhile is not written over: that image is looked at once more.
            now = second.store.read(partial(reprocess.due_image, sha256=image.sha256))
            if now is not None and now.seen == image.seen:
                ready.append((stored_outcome(outcome, task.settings, image.storage, image.original), image))
            else:
                second.skipped += 1
        elif image.sha256 not in second.failed:
            changed = outcome.outcome in STORED_OUTCOMES
            second.failed.add(image.sha256)
            second.progress.counts[Outcome.UNAVAILABLE if changed else outcome.outcome] += 1
            why = "its bytes have changed since it was collected" if changed else outcome.reason
            logging.warning("%s was not processed again: %s", image.original, why)
    second.blobs.put_many(chain.from_iterable(blobs_of(stored) for stored, _ in ready))
    done = second.store.write(lambda db: [reprocess.replace_faces(db, stored, image.seen) for stored, image in ready])
    for (stored, image), replaced in zip(ready, done, strict=True):
        if not replaced:
            second.skipped += 1
            continue
        second.progress.counts[stored.outcome.outcome] += 1
        second.progress.faces += len({f.face_id for f in stored.outcome.faces} - image.seen.keys())
    second.report(second.progress)
