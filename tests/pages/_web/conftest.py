"""An empty workspace as the pages serve it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from db.store.store import Store
from pages._server import workspace
from tests.db.fresh import fresh


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    monkeypatch.setenv("MOUE_WORKSPACE", str(fresh(tmp_path)))
    monkeypatch.delenv("MOUE_AUTH", raising=False)
    yield workspace.get_store()
    workspace.close_store()
