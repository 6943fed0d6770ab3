"""What a bounded run asks of the database and tells it, for one source of one job."""

from __future__ import annotations

from collections.abc import Sequence

from db import images
from db.connect import Store
from pipeline.records import STORED_OUTCOMES, ImageRef, Outcome, StoredOutcome


class DatabaseLedger:
    """What a run asks of the database, for one source of one job."""

    def __init__(self, store: Store, source_id: int, job_id: str) -> None:
        self._store, self._source, self._job = store, source_id, job_id

    def finished(self, ref: ImageRef) -> tuple[Outcome, str] | None:
        before = self._store.read(lambda db: images.known(db, self._source, ref.location))
        if before is None or (before.size, before.mtime_ns) != (ref.size, ref.mtime_ns):
            return None
        if before.outcome in (*STORED_OUTCOMES, Outcome.ALREADY_PRESENT):
            return Outcome.ALREADY_PRESENT, before.reason
        return (Outcome.QUARANTINED, before.reason) if before.outcome is Outcome.QUARANTINED else None

    def has_size(self, size: int) -> bool:
        return self._store.read(lambda db: images.has_size(db, size))

    def known(self, sha256s: Sequence[str]) -> set[str]:
        return self._store.read(lambda db: {s for s in sha256s if images.has_image(db, s)})

    def record(self, batch: Sequence[StoredOutcome]) -> Sequence[Outcome]:
        return self._store.write(lambda db: images.record_outcomes(db, self._source, self._job, batch))
