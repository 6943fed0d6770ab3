"""What a release tells of its faces beside their classes, read from the workspace block by block."""

from __future__ import annotations

from collections.abc import Sequence

from db.reads.face_facts import face_facts
from db.store.store import Store
from pipeline.core.metrics import FaceFacts
from pipeline.export.formats.content import ExportRow
from pipeline.export.pictures.source import Facts


def facts_of(store: Store) -> Facts:
    """As they are now: votes and figures may have changed since an earlier release."""

    def read(rows: Sequence[ExportRow]) -> list[FaceFacts]:
        return store.read(lambda db: face_facts(db, [row.item.face_id for row in rows]))

    return read
