"""Exports of the page are made within the test: a process of its own takes a second. That they are made by one:
tests/pages/_server/exports."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from pages._server import workspace
from pages._server.exports import runs
from pipeline.actions.release.run import carry_out


@pytest.fixture(autouse=True)
def _made_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    def spawn(root: Path, run_id: str) -> SimpleNamespace:
        store = workspace.get_store()
        assert store.root == root
        carry_out(store, run_id)
        return SimpleNamespace(poll=lambda: 0)

    monkeypatch.setattr(runs, "_spawn", spawn)
