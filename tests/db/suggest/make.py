"""Suggestions made up for tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from db.base.clock import now_iso
from db.projection.suggestions import BLOCK
from db.store.store import Db, Store
from db.suggest import models
from db.suggest.models import NewModel
from db.suggest.slips import Slip, forget_older, put_slips


def seq_of(db: Db, face_id: str) -> int:
    (seq,) = db.execute("SELECT seq FROM faces WHERE id = ?", [face_id]).fetchone()
    return int(seq)


def suggest(
    store: Store,
    said: Mapping[str, Sequence[float]],
    classes: Sequence[int] = (1, 2, 3, 4),
    name: str = "moue",
    kind: models.Kind = "learned",
    ready: bool = True,
) -> int:
    """A new version that suggests these probabilities, by face, in the order of the classes. Returns its id."""

    def work(db: Db) -> int:
        made = models.begin(db, NewModel(name, kind, classes))
        rows = {seq_of(db, face): values for face, values in said.items()}
        for block in sorted({seq // BLOCK for seq in rows}):
            values = np.zeros((BLOCK, len(classes)))
            for seq, row in rows.items():
                if seq // BLOCK == block:
                    values[seq % BLOCK] = row
            models.put_block(db, made.model_id, block, values)
        if ready:
            models.take_over(db, made.model_id)
        return made.model_id

    return store.write(work)


def replace_slips(db: Db, found: Sequence[Slip]) -> None:
    """Let these be the possible slips, the most probable first, in one write."""
    at = now_iso()
    put_slips(db, found, 0, at)
    forget_older(db, at)
