"""Processes all photos again with other settings, from the originals. Decisions stay with their faces."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from typing import Any, Final

from db.images import reprocess
from db.images.reprocess import PendingImage, Processed
from db.store.deletions import try_delete_listed
from db.store.store import Store
from pipeline.actions.intake import finished
from pipeline.actions.job import JobEnd, JobReport, JobRequest, run_job, workspace_held
from pipeline.core.border import Border
from pipeline.core.geometry import LandmarkModel
from pipeline.core.messages import message
from pipeline.core.outcome import STORED_OUTCOMES, Outcome
from pipeline.core.records import LOOKS, SEVERAL_LOOKS, FacesThatCount, ImageOutcome, ImageRef, KnownFace, Settings
from pipeline.faces.crop import placed
from pipeline.faces.detect import check_settings
from pipeline.faces.match import is_moved, scaled
from pipeline.files.blobs import BlobStore
from pipeline.files.remote import original_location
from pipeline.run.coordinator import Batches, Progress, blobs_of, stored_outcome
from pipeline.run.executors import Executor, open_executor
from pipeline.run.process_image import crop_for

_PAGE: Final = 500
_PASSES: Final = 2
"""An image that somebody changed while it was processed is processed once more."""


@dataclass(frozen=True, slots=True)
class Task:
    """Images that were processed with the same settings, and the new settings for them."""

    done_as: Processed
    before: Settings
    settings: Settings

    @property
    def detects(self) -> bool:
        """Whether the detector runs again; if not, only the crops of the known faces are cut again."""
        return detection(self.before) != detection(self.settings)


def detection(settings: Settings) -> tuple[Any, ...]:
    """The settings on which it depends which faces are found, and where their landmarks are."""
    looks = settings.looks if settings.detector == SEVERAL_LOOKS else 1
    return settings.detector, tuple(sorted(settings.options)), settings.faces, looks, settings.landmarks


@dataclass(frozen=True, slots=True)
class SettingsChange:
    """The settings to change; None keeps the one with which each photo was processed. options: of the detector.

    from_border: only photos whose crops were cut so; None: all.
    """

    detector: str | None = None
    options: tuple[tuple[str, float], ...] = ()
    faces: FacesThatCount | None = None
    margin: float | None = None
    upright: bool | None = None
    border: Border | None = None
    from_border: Border | None = None
    landmarks: LandmarkModel | None = None

    def applied_to(self, before: Settings) -> Settings:
        """The settings `before` with this change. Another detector starts with its own default options.

        Photos of a Moue that looked once are looked at anew, unless only the border is to change: that changes no face.
        """
        changed = {
            name: value
            for name in ("detector", "faces", "margin", "upright", "border", "landmarks")
            if (value := getattr(self, name)) is not None
        }
        only_border = changed.keys() == {"border"} and not self.options
        settings = replace(before, **changed, looks=before.looks if only_border else LOOKS)
        if self.options or settings.detector != before.detector:
            settings = replace(settings, options=self.options)
        return settings


@dataclass(frozen=True, slots=True)
class ReprocessEnd:
    """How the job ended (see `run_job`). failed: photos that could not be processed; the log file says why. unsettled:
    photos that somebody kept changing meanwhile. Both stay as they were."""

    job: JobEnd | None
    failed: int
    unsettled: int


def reprocess_all(store: Store, change: SettingsChange, executor: str, request: JobRequest) -> ReprocessEnd:
    """Process every photo again that was processed with other settings; decisions stay with their faces.

    Raises UsageError for settings that there are not, BusyError, StorageError, ModelError.
    """
    run = _ReprocessRun(store, request)
    with workspace_held(store, request.job_id):
        job = run_job(store, request, run.progress, partial(run.work, change, executor))
    return ReprocessEnd(job, len(run.failed), run.unsettled)


def tasks_of(change: SettingsChange, done: Sequence[Processed]) -> list[Task]:
    """The tasks for a change; images that have the wanted settings already are left out. Raises UsageError."""
    tasks = []
    for done_as in done:
        before = Settings.of_processing(done_as.processing, done_as.margin, done_as.detector)
        if change.from_border not in (None, before.border):
            continue
        settings = check_settings(change.applied_to(before))
        if settings.processing != done_as.processing:
            tasks.append(Task(done_as, before, settings))
    return tasks


def known_faces(image: PendingImage, task: Task) -> tuple[KnownFace, ...]:
    """The image's faces with the crops that they shall have; one that a person placed keeps its middle.

    Where the border is to be pushed, a placed crop moves only if it sticks out of the photo.
    """
    known = []
    for pending in image.faces:
        face = pending.face
        cut_before = crop_for(face.landmarks, image.width, image.height, task.before)
        moved = is_moved(face.crop, cut_before)
        if moved:
            crop = scaled(face.crop, task.settings.margin / task.before.margin)
            crop = placed(crop, image.width, image.height, task.settings.border)
        else:
            crop = crop_for(face.landmarks, image.width, image.height, task.settings) or face.crop
        known.append(KnownFace(replace(face, crop=crop), pending.pinned or moved, moved))
    return tuple(known)


class _ReprocessRun:
    """One run over all tasks. in_flight: images at the workers, by SHA-256, which is each ref's location.

    changed: images of this pass that somebody changed while they were looked at. unsettled: those that changed in
    every pass. failed: those that could not be read as they were.
    """

    def __init__(self, store: Store, request: JobRequest) -> None:
        self.progress = Progress()
        self.failed: set[str] = set()
        self.unsettled = 0
        self._store, self._blobs, self._show = store, BlobStore(store.root), request.show
        self._in_flight: dict[str, PendingImage] = {}
        self._changed = 0

    def work(self, change: SettingsChange, executor_name: str, job_id: str) -> None:
        tasks = tasks_of(change, self._store.read(reprocess.processed))
        self._report = JobReport(self._store, job_id, sum(task.done_as.images for task in tasks), self._show)
        executor = open_executor(executor_name)
        try:
            with finished(self._store, self._report, self.progress):
                for task in tasks:
                    for _ in range(_PASSES):
                        self._changed = 0
                        self._run_task(task, executor)
                        if not self._changed:
                            break
                    else:
                        self.unsettled += self._changed
        finally:
            executor.close()

    def _run_task(self, task: Task, executor: Executor) -> None:
        batches = Batches(partial(self._store_batch, task))
        for outcome in executor.outcomes(self._refs(task), task.settings):
            self.progress.add_timings(outcome)
            batches.add(outcome)
        batches.flush()

    def _refs(self, task: Task) -> Iterator[ImageRef]:
        """Walk the pending images; those that fail stay pending behind the cursor: none is met twice in a pass."""
        after = ""
        while page := self._store.read(partial(reprocess.pending, done_as=task.done_as, after=after, size=_PAGE)):
            after = page[-1].sha256
            for image in page:
                self._in_flight[image.sha256] = image
                yield ImageRef(
                    str(original_location(self._store.root, image.original)),
                    image.sha256,
                    image.byte_size,
                    spooled=image.storage == "stored",  # a cluster's workers may not see the workspace: bytes are sent
                    known=known_faces(image, task),
                    detect=task.detects,
                )

    def _store_batch(self, task: Task, batch: list[ImageOutcome]) -> None:
        """Files first, then the rows. What could not be read again stays as it is."""
        ready = []
        for outcome in batch:
            image = self._in_flight.pop(outcome.ref.location)
            if outcome.outcome in STORED_OUTCOMES and outcome.sha256 == image.sha256:
                # A crop that somebody moved meanwhile is not written over: that image is processed once more.
                now = self._store.read(partial(reprocess.pending_image, sha256=image.sha256))
                if now is not None and now.seen == image.seen:
                    ready.append((stored_outcome(outcome, task.settings, image.storage, image.original), image))
                else:
                    self._changed += 1
            elif image.sha256 not in self.failed:
                self._fail(outcome, image)
        self._blobs.put_many(chain.from_iterable(blobs_of(stored) for stored, _ in ready))
        done = self._store.write(
            lambda db: [reprocess.replace_faces(db, stored, image.seen) for stored, image in ready]
        )
        try_delete_listed(self._store)
        for (stored, image), replaced in zip(ready, done, strict=True):
            if not replaced:
                self._changed += 1
                continue
            self.progress.counts[stored.outcome.outcome] += 1
            self.progress.faces += len({f.face_id for f in stored.outcome.faces} - image.seen.keys())
        self._report(self.progress)

    def _fail(self, outcome: ImageOutcome, image: PendingImage) -> None:
        changed = outcome.outcome in STORED_OUTCOMES
        self.failed.add(image.sha256)
        self.progress.counts[Outcome.UNAVAILABLE if changed else outcome.outcome] += 1
        why = message("bytes_changed") if changed else outcome.reason
        logging.warning("%s was not processed again: %s", image.original, why)
