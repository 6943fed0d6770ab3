"""What a release tells of its faces beside their classes, read from the workspace block by block."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from db.reads.face_facts import face_facts
from db.store.store import Store
from pipeline.core.metrics import FaceFacts
from pipeline.export.formats.content import ExportRow
from pipeline.export.pictures.source import Facts

Votes = Mapping[str, tuple[tuple[str, int], ...]]


def facts_of(store: Store, votes: Votes | None = None) -> Facts:
    """As they are now. votes: by face those of an earlier head; None: of now, too."""

    def read(rows: Sequence[ExportRow]) -> list[FaceFacts]:
        found = store.read(lambda db: face_facts(db, [row.item.face_id for row in rows]))
        if votes is None:
            return found
        return [replace(one, votes=votes.get(row.item.face_id, ())) for row, one in zip(rows, found, strict=True)]

    return read
