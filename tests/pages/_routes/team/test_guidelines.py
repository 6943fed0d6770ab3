from __future__ import annotations

from starlette.testclient import TestClient

from db.store.store import Store
from db.team.guidelines import set_text
from pages._routes.team.routes import routes
from tests.db.make import add_images
from tests.pages._routes.conftest import HERE, client_at

SMILE = 3


def client() -> TestClient:
    return client_at("Ann", *routes)


def choose(face_id: object, side: str, class_id: object = SMILE) -> tuple[int, dict[str, object]]:
    body = {"class_id": class_id, "face_id": face_id, "as": side}
    answer = client().post("/api/guidelines/example", json=body, headers={"Origin": HERE})
    return answer.status_code, answer.json()


def test_text_and_examples_are_told(store: Store) -> None:
    faces = add_images(store, ["a", "b"])
    store.write(lambda db: set_text(db, "Ann", SMILE, "Corners up.", None))
    assert choose(faces[0], "example")[0] == 200
    assert choose(faces[1], "counter")[0] == 200
    told = client().get("/api/guidelines").json()["guidelines"]
    assert [one["class_id"] for one in told] == [1, 2, 3, 4]
    assert told[2]["text"] == "Corners up."
    assert [(one["face_id"], one["counter"]) for one in told[2]["examples"]] == [(faces[0], False), (faces[1], True)]
    choose(faces[0], "none")
    assert [one["face_id"] for one in client().get("/api/guidelines").json()["guidelines"][2]["examples"]] == [faces[1]]


def test_what_cannot_be_is_refused_in_words(store: Store) -> None:
    face = add_images(store, ["a"])[0]
    for given in ((face, "maybe"), ("0" * 32, "example"), (face, "example", 99), (face, "example", "3"), (7, "none")):
        status, answer = choose(*given)
        assert status == 400
        assert answer["error"]
