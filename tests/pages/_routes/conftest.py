"""A workspace as the pages serve it, and a browser at a few routes alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from starlette.applications import Starlette
from starlette.routing import BaseRoute
from starlette.testclient import TestClient

from db.store.store import Store
from pages._server import identity, workspace
from tests.db.fresh import fresh

HERE: Final = "http://testserver"


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """An empty workspace."""
    monkeypatch.setenv("MOUE_WORKSPACE", str(fresh(tmp_path)))
    monkeypatch.setenv("MOUE_HOSTS", "testserver")
    monkeypatch.delenv("MOUE_AUTH", raising=False)
    yield workspace.get_store()
    workspace.close_store()


def client_at(name: str, *routes: BaseRoute) -> TestClient:
    """Signed in, at these routes."""
    client = TestClient(Starlette(routes=routes), base_url=HERE)
    client.cookies.set(*identity.sign(name))
    return client
