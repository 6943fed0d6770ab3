"""POST /api/decisions with a confirmed suggestion: only what this server showed this person is taken."""

from __future__ import annotations

import json
import sqlite3
from typing import Any

import pytest
from starlette.testclient import TestClient

from db.store.store import Store
from pages._routes import decisions, face
from pages._server.suggest.shown_suggestions import Shown, Signer
from tests.db.decisions.test_confirmed import add_model
from tests.db.make import add_images
from tests.pages._routes.conftest import client_at
from tests.pages._routes.test_decisions import decide, send


@pytest.fixture
def client(store: Store) -> TestClient:
    store.write(lambda db: add_model(db, 1, 2))
    return client_at("Ann", decisions.route, face.route)


@pytest.fixture
def faces(store: Store) -> list[str]:
    return add_images(store, ["one", "two"])


def confirmed(face_id: str, who: str = "Ann", **more: Any) -> dict[str, Any]:
    """What the page sends of a suggestion of class 3 that `who` was shown."""
    said = {"suggester": "moue", "version": 2, "probability": 0.97}
    return {"confirmed": {**said, "proof": Signer(who).proof(Shown(face_id, "moue", 2, 3, 0.97)), **more}}


def stored(store: Store) -> list[Any]:
    with sqlite3.connect(store.file) as db:
        return [json.loads(said or "null") for (said,) in db.execute("SELECT context FROM decisions ORDER BY seq")]


def test_what_was_shown_is_kept_and_told_in_the_history(client: TestClient, store: Store, faces: list[str]) -> None:
    answer = send(client, decide(faces[0], "one", context=confirmed(faces[0])), decide(faces[1], "two"))
    assert [one["status"] for one in answer.json()["results"]] == ["saved", "saved"]
    kept = {"suggester": "moue", "version": 2, "probability": 0.97}
    assert stored(store) == [{"confirmed": kept}, None]
    told = [client.get(f"/api/face/{one}").json()["history"][0]["confirmed"] for one in faces]
    assert told == [kept, None]


def test_a_certain_one_may_be_a_whole_number(client: TestClient, store: Store, faces: list[str]) -> None:
    """JavaScript writes 1.0 as 1."""
    certain = confirmed(
        faces[0], probability=1, proof=Signer("Ann").proof(Shown(faces[0], "moue", 1, 3, 1.0)), version=1
    )
    assert send(client, decide(faces[0], "one", context=certain)).status_code == 200
    assert stored(store) == [{"confirmed": {"suggester": "moue", "version": 1, "probability": 1.0}}]


@pytest.mark.parametrize(
    "more",
    [
        {"probability": 0.98},
        {"version": 1},
        {"suggester": "other"},
        {"proof": "0" * 32},
        {"proof": "\u00e9"},
        {"proof": None},
        {"probability": None},
        {"probability": True},
        {"probability": "0.97"},
    ],
)
def test_what_was_not_shown_is_refused(
    client: TestClient, store: Store, faces: list[str], more: dict[str, Any]
) -> None:
    assert send(client, decide(faces[0], "one", context=confirmed(faces[0], **more))).status_code == 400
    assert stored(store) == []


def test_another_s_face_s_or_class_s_proof_is_refused(client: TestClient, store: Store, faces: list[str]) -> None:
    for op in (
        decide(faces[0], "one", context=confirmed(faces[0], who="Ben")),
        decide(faces[0], "one", context=confirmed(faces[1])),
        decide(faces[0], "one", context=confirmed(faces[0]), class_id=1),
        decide(faces[0], "one", context={}),
        decide(faces[0], "one", context="confirmed"),
    ):
        answer = send(client, op)
        assert answer.status_code == 400, op
    assert stored(store) == []


def test_the_refusal_says_what_to_do(client: TestClient, faces: list[str]) -> None:
    answer = send(client, decide(faces[0], "one", context=confirmed(faces[1])))
    assert "reload the page" in json.dumps(answer.json())
