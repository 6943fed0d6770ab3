from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from db.decisions.log import apply_ops
from db.decisions.ops import DecideOp
from db.store.store import Store
from db.tables.annotators import ensure_annotator
from pipeline.actions.release.accepted import read_accepted
from pipeline.core.records import Verdict
from pipeline.export.export import ExportPlan, plan
from pipeline.export.options import ExportOptions
from pipeline.export.split import SplitPlan


@pytest.fixture
def store(heads: Path, tmp_path: Path) -> Iterator[Store]:
    """The open store of a copy of `heads`: twelve photos with one face each, nothing decided."""
    shutil.copytree(heads, tmp_path / "workspace")
    with Store.open(tmp_path / "workspace") as opened:
        yield opened


@pytest.fixture
def chosen(store: Store, faces: list[tuple[str, str]]) -> ExportPlan:
    """Twelve accepted faces, three of each class."""
    ops = [
        DecideOp(f"{n:032x}", "step", face_id, sha256, Verdict.ACCEPT, 1 + n % 4, None)
        for n, (face_id, sha256) in enumerate(faces)
    ]
    store.write(lambda db: ensure_annotator(db, "Ann"))
    store.write(lambda db: apply_ops(db, "Ann", ops))
    accepted = read_accepted(store)
    assert len(accepted.items) == 12
    return plan(accepted.items, accepted.class_names, SplitPlan(val=0.5, seed=0), ExportOptions())
