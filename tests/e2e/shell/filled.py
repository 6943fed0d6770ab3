"""A workspace in which every section has something to show: answers that differ, doubted labels, places on the map."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Final

from db.decisions.log import apply_ops
from db.store.store import Db, Store
from db.suggest.slips import Slip
from tests.db.make import decide
from tests.db.suggest.make import replace_slips

ANSWERED: Final = 24
"""Faces that Ann and Ben both answered; on every third they differ."""


def fill(workspace: Path) -> None:
    """workspace: of the template (tests/e2e/conftest.py). Ann comes to own it."""
    with Store.open(workspace) as store:
        store.write(_placed)
        store.write(_answered)


def _placed(db: Db) -> None:
    """On a square grid that is four wide."""
    db.execute("DELETE FROM descriptors")
    db.execute("DELETE FROM descriptor_bases")
    db.execute("INSERT INTO descriptor_bases VALUES (100, 'hog-colour-geometry-1', 1000, x'00')")
    for at, (seq,) in enumerate(db.execute("SELECT seq FROM face_state ORDER BY seq").fetchall()):
        data = struct.pack("<48e", at % 4, at // 4, *(0,) * 46)
        db.execute("INSERT INTO descriptors VALUES (?, 100, ?)", [seq, data])


def _answered(db: Db) -> None:
    faces = [face for (face,) in db.execute("SELECT id FROM faces ORDER BY seq").fetchall()]
    both, smiles, nones = faces[:ANSWERED], faces[ANSWERED : ANSWERED + 4], faces[ANSWERED + 4 : ANSWERED + 8]
    apply_ops(db, "Ann", [decide(db, face, class_id=3) for face in (*both, *smiles)])
    apply_ops(db, "Ann", [decide(db, face, class_id=1) for face in nones])
    apply_ops(db, "Ben", [decide(db, face, class_id=3 if at % 3 else 1) for at, face in enumerate(both)])
    doubted = [face for at, face in enumerate(both) if at % 3]
    replace_slips(db, [Slip(face, 3, 1, 0.06, 0.9, 0, {3: smiles, 1: nones}) for face in doubted[:5]])
