"""Faces with figures, for the tests of the Quality page and of Review."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from db.images import images
from db.store.store import Db, Store
from pipeline.core.metrics import QualityMetrics
from tests.db import make

PLAIN = QualityMetrics(100, 200, 0.5, 0.2, 0, 0, 0, 0, 0.9, 1, 0.2, 0.8, 0)


def add_measured(store: Store, metrics: Sequence[QualityMetrics | None]) -> list[str]:
    """One image with one face for each; the faces' ids, in order."""

    def work(db: Db) -> list[str]:
        source = images.ensure_source(db, "folder", "/x")
        made = []
        for number, quality in enumerate(metrics):
            plain = make.make_outcome(f"measured {number}")
            faces = tuple(replace(face, quality=quality) for face in plain.outcome.faces)
            made.append(replace(plain, outcome=replace(plain.outcome, faces=faces)))
        images.record_outcomes(db, source, None, made)
        return [face.face_id for one in made for face in one.outcome.faces]

    return store.write(work)
