"""Workspaces that measurements make of rows alone are as Moue writes them: a change of the schema must not end them."""

from __future__ import annotations

from pathlib import Path

from db.decisions.verify import verify
from db.store.store import Store
from tests.bench import scale_rows


def test_a_made_workspace_passes_verify(tmp_path: Path) -> None:
    root = tmp_path / "made"
    scale_rows.make(root, 30, 100, 40)
    with Store.open(root) as store:
        assert store.read(verify) == []
        assert store.read(lambda db: db.execute("SELECT count(*) FROM faces").fetchone()) == (100,)
