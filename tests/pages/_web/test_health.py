"""Whether the server can do its work, as a monitor asks."""

from __future__ import annotations

import threading

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from db.store.store import Store
from pages._server import workspace
from pages._web import health
from pipeline.core.errors import StorageError
from pipeline.core.messages import message


@pytest.fixture
def client() -> TestClient:
    """Signed in nowhere."""
    return TestClient(Starlette(routes=[health.route]))


def test_it_is_ready(store: Store, client: TestClient) -> None:
    answer = client.get("/api/ready")
    assert (answer.status_code, answer.json()) == (200, {"status": "ready"})
    assert answer.headers["cache-control"] == "no-store"


def test_a_writer_that_does_not_come_is_told(store: Store, client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "PATIENCE_S", 0.2)
    go_on = threading.Event()
    held = store.submit(lambda db: go_on.wait(30))
    try:
        answer = client.get("/api/ready")
    finally:
        go_on.set()
        held.result()
    assert (answer.status_code, answer.json()["code"]) == (503, "writer_is_late")


def test_a_stranger_is_not_told_where_the_workspace_lies(
    store: Store, client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone() -> Store:
        raise StorageError(message("workspace_gone", root="/srv/secret/place"))

    monkeypatch.setattr(workspace, "get_store", gone)
    answer = client.get("/api/ready")
    assert (answer.status_code, answer.json()["code"]) == (503, "workspace_gone")
    assert "/srv/secret" not in answer.text
