"""One bounded, resumable run: takes refs, stores their blobs and rows, and counts an outcome for every file.

Order of durability: files first (flushed and renamed), then the rows in one transaction. A run that is killed loses
at most the batch in hand, and the next run does exactly that again.
"""

from __future__ import annotations

import hashlib
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import Final, Literal, Protocol

from pipeline.core.errors import UnavailableError
from pipeline.core.messages import Message, message
from pipeline.core.outcome import STORED_OUTCOMES, Outcome
from pipeline.core.records import ImageOutcome, ImageRef, Settings, StoredOutcome, crop_version
from pipeline.files.blobs import Blob, BlobStore, OtherBytesError
from pipeline.files.hashing import hash_file
from pipeline.run.executors import Executor

BATCH: Final = 64
BATCH_SECONDS: Final = 1.0
MOST_WAITING: Final = 256
BATCH_BYTES: Final = 64 * 1024 * 1024


class Ledger(Protocol):
    """What a run reads from and writes to the database."""

    def finished(self, ref: ImageRef) -> tuple[Outcome, Message] | None:
        """How this very file (same location, size and time) ended earlier, where it need not be processed again."""

    def has_size(self, size: int) -> bool:
        """Whether any stored image has that many bytes; if none has, the file is new without being hashed."""

    def known(self, sha256s: Sequence[str]) -> set[str]:
        """Those of the hashes that are stored already."""

    def record(self, batch: Sequence[StoredOutcome]) -> Sequence[Outcome]:
        """Write a batch durably; the final outcome of each (`already_present` where it lost to an equal one)."""


@dataclass(slots=True)
class Progress:
    """Live counts of a run. stages: seconds by stage, summed over all workers."""

    counts: Counter[Outcome] = field(default_factory=Counter)
    faces: int = 0
    stages: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    started: float = field(default_factory=time.monotonic)

    def add_timings(self, outcome: ImageOutcome) -> None:
        """Add an image's seconds to the stages."""
        for stage, seconds in outcome.timings.items():
            self.stages[stage] += seconds

    @contextmanager
    def clock(self, stage: str) -> Iterator[None]:
        """Add the seconds of a block to a stage."""
        start = time.monotonic()
        try:
            yield
        finally:
            self.stages[stage] += time.monotonic() - start

    @property
    def done(self) -> int:
        return self.counts.total()

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.started


@dataclass(frozen=True, slots=True)
class RunContext:
    """What a run works with. copy: referenced files are copied into the workspace. report: called after each batch."""

    settings: Settings
    blobs: BlobStore
    ledger: Ledger
    copy: bool = False
    report: Callable[[Progress], None] = lambda _: None


class Batches:
    """Collects outcomes and hands them on in batches, by number, age and weight."""

    def __init__(self, keep: Callable[[list[ImageOutcome]], None]) -> None:
        self._keep = keep
        self._waiting: list[ImageOutcome] = []
        self._bytes = 0
        self._flushed = time.monotonic()

    def add(self, outcome: ImageOutcome) -> None:
        self._waiting.append(outcome)
        self._bytes += _weight(outcome)
        old = time.monotonic() - self._flushed > BATCH_SECONDS
        if old or len(self._waiting) >= BATCH or self._bytes > BATCH_BYTES:
            self.flush()

    def flush(self) -> None:
        batch, self._waiting, self._bytes = self._waiting, [], 0
        self._keep(batch)
        self._flushed = time.monotonic()


def run(refs: Iterator[ImageRef], executor: Executor, context: RunContext, progress: Progress) -> Progress:
    """Process every ref to exactly one outcome, in batches. Raises StorageError; what was stored by then stays."""
    batches = Batches(lambda batch: _store(batch, context, progress))
    given = defaultdict[tuple[str, str], list[int]](list)
    todo = _numbered(_unfinished(refs, context, progress), given)
    for outcome in in_order(executor.outcomes(todo, context.settings), given):
        progress.add_timings(outcome)
        batches.add(outcome)
    batches.flush()
    return progress


def _numbered(refs: Iterator[ImageRef], given: dict[tuple[str, str], list[int]]) -> Iterator[ImageRef]:
    for number, ref in enumerate(refs):
        given[ref.path, ref.location].append(number)  # a path may be given twice
        yield ref


def in_order(outcomes: Iterator[ImageOutcome], given: dict[tuple[str, str], list[int]]) -> Iterator[ImageOutcome]:
    """The outcomes in the order in which their refs were given, so that the same folder is always imported alike.

    One slow photo holds back at most MOST_WAITING others; then they are given before it.
    """
    waiting: dict[int, ImageOutcome] = {}
    next_number = 0
    for outcome in outcomes:
        waiting[given[outcome.ref.path, outcome.ref.location].pop(0)] = outcome
        if len(waiting) > MOST_WAITING:
            next_number = min(waiting)
        while next_number in waiting or (waiting and min(waiting) < next_number):
            number = min(waiting)
            yield waiting.pop(number)
            next_number = max(next_number, number + 1)
    yield from (waiting[number] for number in sorted(waiting))


def _unfinished(refs: Iterator[ImageRef], context: RunContext, progress: Progress) -> Iterator[ImageRef]:
    """Pass on what needs work; count what an earlier run finished (maybe all, so progress is reported here, too)."""
    reported = time.monotonic()
    for ref in refs:
        if time.monotonic() - reported > BATCH_SECONDS:
            context.report(progress)
            reported = time.monotonic()
        finished = context.ledger.finished(ref) if ref.failure is None else None
        if finished is not None:
            progress.counts[finished[0]] += 1
            _drop_spooled(ref)
            continue
        if ref.failure is None and context.ledger.has_size(ref.size):
            sha256 = hash_file(ref.path)
            if sha256 and context.ledger.known([sha256]):
                twin = ImageOutcome(ref, Outcome.ALREADY_PRESENT, message("same_bytes"), sha256)
                context.ledger.record([StoredOutcome(twin)])
                progress.counts[Outcome.ALREADY_PRESENT] += 1
                _drop_spooled(ref)
                continue
        yield ref


def _weight(outcome: ImageOutcome) -> int:
    return sum(map(len, outcome.crops)) + len(outcome.unified or b"") + len(outcome.thumb or b"")


def _store(batch: Sequence[ImageOutcome], context: RunContext, progress: Progress) -> None:
    if batch:
        hashes = [o.sha256 for o in batch if o.sha256 and o.outcome in STORED_OUTCOMES]
        taken = context.ledger.known(hashes)
        stored = [_store_original(outcome, taken, context) for outcome in batch]
        context.blobs.put_many(blob for keep in stored for blob in blobs_of(keep))
        for outcome, final in zip(batch, context.ledger.record(stored), strict=True):
            progress.counts[final] += 1
            if final is Outcome.ADDED:
                progress.faces += len(outcome.faces)
            _drop_spooled(outcome.ref)
    context.report(progress)


def _store_original(outcome: ImageOutcome, taken: set[str], context: RunContext) -> StoredOutcome:
    """Decide where the original of a new image lives. Adds its hash to `taken`: a twin in the batch has no files."""
    sha256, ref = outcome.sha256, outcome.ref
    if sha256 is None or outcome.outcome not in STORED_OUTCOMES or sha256 in taken:
        return StoredOutcome(outcome)
    taken.add(sha256)
    original = ref.path
    if ref.spooled or context.copy:
        try:
            path = context.blobs.adopt(ref.path, sha256, _extension(outcome), link=ref.spooled)
        except (OtherBytesError, UnavailableError) as e:
            taken.discard(sha256)
            return StoredOutcome(ImageOutcome(ref, Outcome.UNAVAILABLE, e.message))
        original = path.relative_to(context.blobs.root).as_posix()
    return stored_outcome(
        outcome, context.settings, "stored" if ref.spooled or context.copy else "referenced", original
    )


def stored_outcome(
    outcome: ImageOutcome, settings: Settings, storage: Literal["referenced", "stored"], original: str
) -> StoredOutcome:
    """An outcome with what its rows say beside it."""
    versions = tuple(map(crop_version, outcome.crops))
    return StoredOutcome(
        outcome,
        storage,
        original,
        versions,
        settings.detector,
        settings.margin,
        processing=settings.processing,
        unified_sha256=None if outcome.unified is None else hashlib.sha256(outcome.unified).hexdigest(),
    )


def _extension(outcome: ImageOutcome) -> str:
    known = {"JPEG": "jpg", "MPO": "jpg", "TIFF": "tif", "JPEG2000": "jp2"}
    return known.get(outcome.format, outcome.format.lower() or PurePath(outcome.ref.location).suffix[1:6].lower())


def blobs_of(stored: StoredOutcome) -> Iterator[Blob]:
    """The files of an outcome; none where its image is not stored."""
    outcome = stored.outcome
    if not stored.original or outcome.sha256 is None:
        return
    for face, png in zip(outcome.faces, outcome.crops, strict=True):
        yield Blob("crops", face.face_id, "png", png)
    if outcome.unified is not None:
        yield Blob("images", outcome.sha256, "jpg", outcome.unified)
    if outcome.thumb is not None:
        yield Blob("thumbs", outcome.sha256, "jpg", outcome.thumb, durable=False)


def _drop_spooled(ref: ImageRef) -> None:
    """Remove a temporary file whose row is committed: the original is stored by now."""
    if ref.spooled:
        with suppress(FileNotFoundError):
            Path(ref.path).unlink()
