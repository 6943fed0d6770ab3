from __future__ import annotations

import json

import pytest
from starlette.testclient import TestClient

from db.store.store import Store
from pages._routes import face
from pages._routes.team.routes import routes
from tests.db.make import add_images, new_uuid
from tests.pages._routes.conftest import HERE, client_at

ORIGIN = {"Origin": HERE}


@pytest.fixture
def one(store: Store) -> str:
    return add_images(store, ["a"])[0]


def client(name: str = "Ann") -> TestClient:
    return client_at(name, face.route, *routes)


def post(path: str, name: str = "Ann", **body: object) -> tuple[int, dict[str, object]]:
    answer = client(name).post(f"/api/{path}", json=body, headers=ORIGIN)
    return answer.status_code, answer.json()


def test_a_note_is_told_with_its_face(one: str) -> None:
    status, thread = post("notes", face_id=one, id=new_uuid(), text="a yawn?")
    assert (status, thread["open"]) == (200, True)
    told = client("Ben").get(f"/api/face/{one}").json()["notes"]
    assert [(note["annotator"], note["text"]) for note in told["notes"]] == [("Ann", "a yawn?")]
    assert post("notes/resolved", "Ben", face_id=one, resolved="yes")[1]["resolved_by"] == "Ben"
    assert client().get(f"/api/face/{one}").json()["notes"]["open"] is False


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"id": "x"}, 400),
        ({"text": ""}, 400),
        ({"text": "x" * 501}, 400),
        ({"text": "x" * 100_000}, 413),
        ({"text": 7}, 400),
        ({"face_id": "0" * 32}, 400),
    ],
)
def test_what_is_no_note_is_refused_in_words(one: str, body: dict[str, object], status: int) -> None:
    given, answer = post("notes", **{"face_id": one, "id": new_uuid(), "text": "so", **body})
    assert given == status
    assert answer["error"]


def test_only_yes_or_no(one: str) -> None:
    assert post("notes/resolved", face_id=one, resolved="maybe")[0] == 400


def test_half_a_character_is_refused(one: str) -> None:
    body = json.dumps({"face_id": one, "id": new_uuid(), "text": "half \ud800"})
    answer = client().post("/api/notes", content=body, headers={**ORIGIN, "Content-Type": "application/json"})
    assert answer.status_code == 400
    assert "Unicode" in answer.json()["error"]
