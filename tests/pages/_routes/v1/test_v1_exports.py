"""Exports that scripts begin."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from db.store.store import Store
from db.tables import roles
from db.tables.annotators import ensure_annotator
from pages._server import workspace
from tests.pages._routes.v1.conftest import PEOPLE, decision, post, script
from tests.pipeline.commands import ingest
from tests.pipeline.photos import numbered_head


@pytest.fixture
def heads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A workspace of twelve photos, served; Rita may export."""
    for number in range(12):
        (tmp_path / f"head-{number:02}.jpg").write_bytes(numbered_head(number))
    ingest(tmp_path / "w", *sorted(tmp_path.glob("*.jpg")))
    monkeypatch.setenv("MOUE_WORKSPACE", str(tmp_path / "w"))
    monkeypatch.setenv("MOUE_HOSTS", "testserver")
    monkeypatch.delenv("MOUE_AUTH", raising=False)
    store = workspace.get_store()
    for name, role in PEOPLE.items():
        store.write(lambda db, name=name: ensure_annotator(db, name))
        store.write(lambda db, name=name, role=role: roles.set_role(db, name, role, "Olga"))
    yield store
    workspace.close_store()


def ended(client: TestClient, begun: dict[str, Any]) -> dict[str, Any]:
    state, until = begun, time.monotonic() + 60
    while state["state"] == "running" and time.monotonic() < until:
        time.sleep(0.02)
        state = client.get(f"/api/v1/exports/{state['id']}").json()
    return state


def test_an_export_is_begun_watched_and_fetched(heads: Store) -> None:
    client = script(heads, "Rita")
    faces = [one["face_id"] for one in client.get("/api/v1/faces").json()["faces"]]
    labels = ["none", "pout", "smile", "openmouth"]
    assert len(faces) == 12
    post(client, *[decision(face, labels[n % 4]) for n, face in enumerate(faces)])
    begun = client.post("/api/v1/exports", json={"name": "first", "val": 0.5})
    assert begun.status_code == 202, begun.text
    state = ended(client, begun.json())
    assert (state["state"], state["error"], state["files"]) == ("done", "", 12)
    (made,) = client.get("/api/v1/releases").json()["releases"]
    assert (made["name"], made["annotator"], made["id"]) == ("first", "Rita", state["release"])
    assert sum(sum(split.values()) for split in made["counts"].values()) == 12
    assert client.get(made["zip"]).content[:2] == b"PK"
    assert script(heads, "Vera").get(made["zip"]).status_code == 403
    assert client.get(f"/api/v1/faces/{faces[0]}/crop").content[:4] == b"\x89PNG"


def test_an_export_that_is_refused_says_why(people: Store) -> None:
    client = script(people, "Rita")
    state = ended(client, client.post("/api/v1/exports", json={"name": "first"}).json())
    assert (state["state"], state["code"]) == ("failed", "export_refused")
    assert client.post("/api/v1/exports", json={"name": "a/b"}).json()["code"] == "export_name"
