"""What a run asks of the database, and what it records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Final

from db.base.paths import to_text
from db.images import images
from db.images.images import KnownFile
from db.store.store import Db, Store
from db.tables import frames
from pipeline.core.messages import Message
from pipeline.core.outcome import STORED_OUTCOMES, Outcome
from pipeline.core.records import ImageRef, StoredOutcome

AT_ONCE: Final = 512


@dataclass(frozen=True, slots=True)
class _Window:
    """Everything that is recorded of a source's files from one location up to another (None: up to the end)."""

    source: int
    first: str
    last: str | None
    files: Mapping[str, KnownFile]

    def covers(self, source: int, location: str) -> bool:
        return source == self.source and self.first <= location and (self.last is None or location <= self.last)


class DatabaseLedger:
    """What a run asks of the database, for one source of one job.

    A folder is read in about the order of its names: what was recorded is read AT_ONCE files at a time.
    """

    def __init__(self, store: Store, source_id: int, job_id: str | None) -> None:
        self._store, self._source, self._job = store, source_id, job_id
        self._window: _Window | None = None

    def source_of(self, ref: ImageRef) -> int:
        """The number of the source that a file belongs to."""
        return self._source

    def finished(self, ref: ImageRef) -> tuple[Outcome, Message] | None:
        source = self.source_of(ref)
        before = self._recorded(source, to_text(ref.location))
        if before is None or (before.size, before.mtime_ns) != (ref.size, ref.mtime_ns):
            return None
        if before.outcome in (*STORED_OUTCOMES, Outcome.ALREADY_PRESENT):
            return Outcome.ALREADY_PRESENT, before.reason
        return (Outcome.QUARANTINED, before.reason) if before.outcome is Outcome.QUARANTINED else None

    def is_finished(self, ref: ImageRef) -> bool:
        """Whether a run will pass this file by."""
        return self.finished(ref) is not None

    def extracted_frames(self, ref: ImageRef, options_key: str) -> Sequence[ImageRef] | None:
        source = self.source_of(ref)
        noted = self._store.read(
            lambda db: frames.extracted_frames(db, source, ref.location, ref.size, ref.mtime_ns, options_key)
        )
        if noted is None:
            return None
        refs = [
            replace(ref, path=ref.location + suffix, location=ref.location + suffix, size=size)
            for suffix, size in noted
        ]
        return refs if all(map(self.is_finished, refs)) else None

    def record_frames(self, ref: ImageRef, options_key: str, extracted: Sequence[ImageRef]) -> None:
        source = self.source_of(ref)
        suffixes = [(frame.location.removeprefix(ref.location), frame.size) for frame in extracted]
        self._store.write(
            lambda db: frames.put_extracted_frames(
                db, source, ref.location, ref.size, ref.mtime_ns, options_key, suffixes
            )
        )

    def forget_failure(self, ref: ImageRef) -> None:
        source = self.source_of(ref)
        self._store.write(lambda db: images.forget_failure(db, source, ref.location))

    def _recorded(self, source: int, location: str) -> KnownFile | None:
        if self._window is None or not self._window.covers(source, location):
            files = self._store.read(lambda db: images.known_from(db, source, location, AT_ONCE))
            last = next(reversed(files)) if len(files) == AT_ONCE else None
            self._window = _Window(source, location, last, files)
        return self._window.files.get(location)

    def has_size(self, size: int) -> bool:
        return self._store.read(lambda db: images.has_size(db, size))

    def known(self, sha256s: Sequence[str]) -> set[str]:
        return self._store.read(lambda db: {s for s in sha256s if images.has_image(db, s)})

    def record(self, batch: Sequence[StoredOutcome]) -> Sequence[Outcome]:
        self._window = None
        sources = [self.source_of(stored.outcome.ref) for stored in batch]

        def write(db: Db) -> list[Outcome]:
            found: list[Outcome] = []
            for source, some in groupby(zip(sources, batch, strict=True), key=lambda pair: pair[0]):
                found += images.record_outcomes(db, source, self._job, [stored for _, stored in some])
            return found

        return self._store.write(write)


class WebLedger(DatabaseLedger):
    """The same for photos of the web: each search (an engine, a query) is a source of its own, and each list is."""

    def __init__(self, store: Store, job_id: str, listed: str) -> None:
        """listed: what the list of addresses is called, where the photos are from one."""
        super().__init__(store, 0, job_id)
        self._listed = listed
        self._sources: dict[tuple[str, str], int] = {}

    def source_of(self, ref: ImageRef) -> int:
        origin = ref.provenance
        named = ("search", f"{origin.engine}: {origin.query}") if origin and origin.engine else ("list", self._listed)
        if named not in self._sources:
            self._sources[named] = self._store.write(lambda db: images.ensure_source(db, *named))
        return self._sources[named]

    def finished(self, ref: ImageRef) -> tuple[Outcome, Message] | None:
        return None  # it was fetched just now; what need not be is left out before that
