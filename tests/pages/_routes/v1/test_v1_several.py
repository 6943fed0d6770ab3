"""Below `/w/NAME/api/v1` lies the same interface, of that workspace alone: its tokens, faces, exports and addresses."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.testclient import TestClient

from db.store.store import Store
from db.tables import roles
from db.tables.access import export_runs, tokens
from db.tables.annotators import ensure_annotator
from pages._routes import not_found
from pages._routes.v1.routes import routes as v1_routes
from pages._server import gate, spaces
from tests.db.fresh import fresh
from tests.db.make import add_images

HERE = "http://testserver"


@pytest.fixture
def secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """Olga owns the workspaces a and b, each with a face called after it; her token of each."""
    found: dict[str, str] = {}
    for name in ("a", "b"):
        fresh(tmp_path / name)
        with Store.open(tmp_path / name) as store:
            store.write(lambda db: ensure_annotator(db, "Olga"))
            store.write(lambda db: roles.set_role(db, "Olga", "owner", "Olga"))
            add_images(store, [name])
            found[name] = store.write(lambda db: tokens.make(db, "Olga", "test", "owner", by="Olga"))[0]
    monkeypatch.setenv("MOUE_WORKSPACES", str(tmp_path))
    monkeypatch.setenv("MOUE_HOSTS", "testserver")
    monkeypatch.delenv("MOUE_AUTH", raising=False)
    yield found
    spaces.close_all()


def client(secret: str) -> TestClient:
    app = Starlette(routes=[*v1_routes, not_found.route], middleware=[Middleware(gate.Gate), Middleware(spaces.Spaces)])
    return TestClient(app, base_url=HERE, headers={"Authorization": f"Bearer {secret}"}, follow_redirects=False)


def test_a_token_lets_into_its_own_workspace_alone(secrets: dict[str, str]) -> None:
    here = client(secrets["a"])
    (face,) = here.get("/w/a/api/v1/faces").json()["faces"]
    assert here.get("/w/b/api/v1/faces").status_code == 401
    said = {"decisions": [{"face_id": face["face_id"], "verdict": "accept", "label": "smile"}]}
    assert here.post("/w/a/api/v1/decisions", json=said).status_code == 200
    there = client(secrets["b"])
    assert [one["state"] for one in there.get("/w/b/api/v1/faces").json()["faces"]] == ["undecided"]
    (refused,) = there.post("/w/b/api/v1/decisions", json=said).json()["results"]
    assert (refused["status"], refused["code"]) == ("refused", "decided_face_unknown")
    assert there.get(f"/w/b/api/v1/faces/{face['face_id']}/crop").status_code == 404


def test_addresses_lie_below_the_workspace_and_none_without_a_name(secrets: dict[str, str]) -> None:
    here = client(secrets["a"])
    (server,) = here.get("/w/a/api/v1/openapi.json").json()["servers"]
    assert server["url"] == "/w/a"
    assert here.get("/w/a/api/v1/faces").status_code == 200
    assert here.get("/api/v1/faces").status_code == 404
    assert here.get("/w/none/api/v1/faces").status_code == 404


def test_an_export_of_one_is_none_of_the_other(secrets: dict[str, str], tmp_path: Path) -> None:
    run = {"state": "done", "name": "x", "annotator": "Olga", "at": "2026", "release": 1, "files": 2, "error": None}
    with Store.open(tmp_path / "a") as store:
        store.write(lambda db: export_runs.note(db, "run", run))
    assert client(secrets["a"]).get("/w/a/api/v1/exports/run").json()["files"] == 2
    assert client(secrets["b"]).get("/w/b/api/v1/exports/run").status_code == 404
