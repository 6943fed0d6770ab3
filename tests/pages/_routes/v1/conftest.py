"""People of each role, and a script that speaks for one of them."""

from __future__ import annotations

from typing import Any, Final

import pytest
from starlette.testclient import TestClient

from db.decisions.log import apply_ops
from db.store.store import Store
from db.tables import roles
from db.tables.access import tokens
from db.tables.annotators import ensure_annotator
from pages._routes import not_found
from pages._routes.v1.routes import routes as v1_routes
from pipeline.core.roles import Role
from tests.db import make
from tests.pages._routes.conftest import client_at

PEOPLE: Final[dict[str, Role]] = {"Olga": "owner", "Rita": "reviewer", "Anna": "annotator", "Vera": "viewer"}


@pytest.fixture
def people(store: Store) -> Store:
    for name, role in PEOPLE.items():
        store.write(lambda db, name=name: ensure_annotator(db, name))
        store.write(lambda db, name=name, role=role: roles.set_role(db, name, role, "Olga"))
    return store


def secret_of(store: Store, who: str, role: Role | None = None) -> str:
    return store.write(lambda db: tokens.make(db, who, "test", role or PEOPLE[who], by=who))[0]


def script(store: Store, who: str, role: Role | None = None) -> TestClient:
    """No cookie and no origin."""
    client = client_at("nobody", *v1_routes, not_found.route)
    client.cookies.clear()
    client.headers["Authorization"] = f"Bearer {secret_of(store, who, role)}"
    return client


def says(store: Store, who: str, face: str) -> None:
    store.write(lambda db: apply_ops(db, who, [make.decide(db, face)]))


def decision(face: str, label: str = "smile", **more: Any) -> dict[str, Any]:
    return {"face_id": face, "verdict": "accept", "label": label, **more}


def post(client: TestClient, *said: dict[str, Any], **more: Any) -> Any:
    return client.post("/api/v1/decisions", json={"decisions": list(said), **more})
