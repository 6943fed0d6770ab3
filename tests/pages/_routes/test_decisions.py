"""POST /api/decisions on a bare Starlette app: who may, what is understood, and that it answers after the commit."""

from __future__ import annotations

import json
import sqlite3
import uuid
from typing import Any

import pytest
from starlette.testclient import TestClient

from db.store.store import Store
from pages._routes import decisions, face
from pipeline.core.errors import StorageError
from tests.db.make import add_images, sha_of
from tests.pages._routes.conftest import HERE, client_at


@pytest.fixture
def client(store: Store) -> TestClient:
    """Signed in as Ann."""
    return client_at("Ann", decisions.route, face.route)


@pytest.fixture
def faces(store: Store) -> list[str]:
    return add_images(store, ["one", "two", "three"])


def decide(face_id: str, name: str, **more: Any) -> dict[str, Any]:
    """Accept as class 3, unless `more` says other."""
    op = {"seq": 7, "op": "decide", "uuid": str(uuid.uuid4()), "step": "s", "face_id": face_id, "sha256": sha_of(name)}
    return {**op, "verdict": "accept", "class_id": 3, "reason": None, "took_ms": 1200, **more}


def send(client: TestClient, *ops: object, **headers: str) -> Any:
    return client.post("/api/decisions", json={"ops": ops}, headers={"Origin": HERE, **headers})


def stored(store: Store) -> list[tuple[Any, ...]]:
    """Read by another connection: only what is committed is seen."""
    with sqlite3.connect(store.file) as db:
        return db.execute("SELECT annotator, face_id, verdict, class_id, reason, took_ms FROM decisions").fetchall()


def test_a_batch_is_stored_in_order_before_the_answer(client: TestClient, store: Store, faces: list[str]) -> None:
    first, second = decide(faces[0], "one"), decide(faces[1], "two", verdict="reject", class_id=None, reason="blurred")
    answer = send(client, first, second, {"seq": 9, "op": "undo", "uuid": str(uuid.uuid4())})
    assert answer.status_code == 200
    results = answer.json()["results"]
    assert [(r["seq"], r["uuid"], r["status"]) for r in results[:2]] == [
        (7, first["uuid"], "saved"),
        (7, second["uuid"], "saved"),
    ]
    state = results[0]["faces"][0]
    assert {name: state[name] for name in ("face_id", "verdict", "class_id", "reason", "annotator")} == {
        "face_id": faces[0], "verdict": "accept", "class_id": 3, "reason": None, "annotator": "Ann",
    }  # fmt: skip
    # both are of step "s": one undo takes back both
    assert {(f["face_id"], f["verdict"]) for f in results[2]["faces"]} == {(faces[0], None), (faces[1], None)}
    assert stored(store)[:2] == [
        ("Ann", faces[0], "accept", 3, None, 1200),
        ("Ann", faces[1], "reject", None, "blurred", 1200),
    ]
    assert [row[2] for row in stored(store)[2:]] == ["undo", "undo"]


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("en", ["", "saved earlier", "Bob decided otherwise meanwhile: your answer is kept beside it", "took back 2",
                "done earlier", "nothing to undo", "made 2 again", "nothing to redo"]),
        ("zh-CN", ["", "先前已保存", "Bob 在此期间作了不同的决定：您的回答保留在旁", "已撤回 2 个", "先前已完成",
                   "没有可撤销的", "已重做 2 个", "没有可重做的"]),
    ],
)  # fmt: skip
def test_what_became_of_each_op_is_told_in_the_reader_s_language(
    client: TestClient, faces: list[str], language: str, told: list[str]
) -> None:
    bobs = decide(faces[1], "two", verdict="unsure", class_id=None)
    send(client_at("Bob", decisions.route), bobs)
    mine = decide(faces[0], "one", seen="")
    undo, again, redo, nothing = (
        {"seq": 1, "op": kind, "uuid": str(uuid.uuid4())} for kind in ("undo", "undo", "redo", "redo")
    )
    ops = [mine, mine, decide(faces[1], "two", seen=""), undo, undo, again, redo, nothing]
    results = send(client, *ops, **{"Accept-Language": language}).json()["results"]
    assert [result["message"] for result in results] == told


def test_a_redo_makes_what_was_taken_back_again(client: TestClient, store: Store, faces: list[str]) -> None:
    send(client, decide(faces[0], "one"), {"seq": 2, "op": "undo", "uuid": str(uuid.uuid4())})
    redo = {"seq": 3, "op": "redo", "uuid": str(uuid.uuid4())}
    (result,) = send(client, redo).json()["results"]
    assert (result["seq"], result["uuid"], result["status"]) == (3, redo["uuid"], "saved")
    assert [(f["face_id"], f["class_id"]) for f in result["faces"]] == [(faces[0], 3)]
    assert send(client, redo).json()["results"][0]["status"] == "repeat"
    assert [row[2] for row in stored(store)] == ["accept", "undo", "accept"]


def test_a_repeat_changes_nothing(client: TestClient, store: Store, faces: list[str]) -> None:
    op = decide(faces[0], "one")
    assert send(client, op).json()["results"][0]["status"] == "saved"
    again = send(client, op).json()["results"][0]
    assert again["status"] == "repeat"
    assert again["faces"][0]["class_id"] == 3
    assert len(stored(store)) == 1


def test_a_bad_decision_is_refused_and_the_others_kept(client: TestClient, store: Store, faces: list[str]) -> None:
    answer = send(client, decide(faces[0], "two"), decide(faces[1], "two"), decide("0" * 32, "one"))
    assert [r["status"] for r in answer.json()["results"]] == ["refused", "saved", "refused"]
    assert "of another photo" in answer.json()["results"][0]["message"]
    assert [row[1] for row in stored(store)] == [faces[1]]


def test_who_may_not(client: TestClient, store: Store, faces: list[str]) -> None:
    op = decide(faces[0], "one")
    assert client.post("/api/decisions", json={"ops": [op]}).status_code == 403
    assert send(client, op, Origin="http://elsewhere.example").status_code == 403
    assert send(client, op, Cookie="moue=forged").status_code != 200
    client.cookies.clear()
    answer = send(client, op)
    assert answer.status_code == 401
    assert "sign in" in answer.json()["error"]
    assert client.get(f"/api/face/{faces[0]}").status_code == 401
    assert client.get("/api/decisions").status_code == 405
    assert stored(store) == []


BAD = {
    "not JSON": "{",
    "no object": "[]",
    "no list": '{"ops": 3}',
    "op no object": '{"ops": [3]}',
    "deep": "[" * 100_000,
    "no uuid": {"op": "decide"},
    "unknown op": {"op": "erase", "uuid": "u"},
    "undo as a verdict": {"verdict": "undo"},
    "verdict a number": {"verdict": 1},
    "class a text": {"class_id": "3"},
    "class true": {"class_id": True},
    "seq a float": {"seq": 1.5},
    "long field": {"step": "s" * 201},
    "reason a list": {"reason": ["blurred"]},
    "half a character": {"face_id": "\ud800"},
    "half a character as uuid": {"uuid": "\udfff"},
    "half a character as seen": {"seen": "\udfff"},
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_not_understood_stores_nothing(client: TestClient, store: Store, faces: list[str], name: str) -> None:
    bad = BAD[name]
    good = decide(faces[0], "one")
    if isinstance(bad, dict):
        broken = bad if "op" in bad else {**decide(faces[1], "two"), **bad}
        body = json.dumps({"ops": [good, broken]})
    else:
        body = bad
    answer = client.post(
        "/api/decisions", content=body, headers={"Origin": HERE, "Content-Type": "application/json; charset=utf-8"}
    )
    assert answer.status_code == 400
    assert answer.json()["error"]
    assert stored(store) == []


def test_caps_and_content_type(client: TestClient, store: Store, faces: list[str]) -> None:
    op = decide(faces[0], "one")
    assert send(client, *[op] * 1001).status_code == 413
    long = client.post("/api/decisions", content=b" " * (2 * 1024 * 1024 + 1),
                       headers={"Origin": HERE, "Content-Type": "application/json"})  # fmt: skip
    assert long.status_code == 413
    as_form = client.post("/api/decisions", content=json.dumps({"ops": [op]}),
                          headers={"Origin": HERE, "Content-Type": "text/plain"})  # fmt: skip
    assert as_form.status_code == 415
    assert stored(store) == []


def test_a_full_disk_is_never_saved(
    client: TestClient, store: Store, faces: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise StorageError("the disk is full")

    monkeypatch.setattr(decisions, "apply_ops", full)
    answer = send(client, decide(faces[0], "one"))
    assert answer.status_code == 503
    assert answer.json()["error"] == "the disk is full"
    assert stored(store) == []


def test_the_inspector_hears_all_about_a_face(client: TestClient, faces: list[str]) -> None:
    send(client, decide(faces[0], "one", step="a"), decide(faces[0], "one", step="b", verdict="unsure", class_id=None))
    send(client, {"seq": 1, "op": "undo", "uuid": str(uuid.uuid4())})
    told = client.get(f"/api/face/{faces[0]}").json()
    assert (told["id"], told["sha256"], told["detector"], told["score"]) == (faces[0], sha_of("one"), "yunet", 0.875)
    assert told["look"] == "at 320 px, turned by 90°"
    assert told["box"] == [10.5, 20.0, 60.25, 80.0]
    assert told["crop"] == [-3, 40, 31, 31]
    assert (told["image"]["width"], told["image"]["height"]) == (640, 480)
    assert told["image"]["location"] == "/x/one.jpg"
    assert told["image"]["source"] == "Folder: /x"
    assert len(told["points"]) == 68
    assert told["points"][3] == [2.0, pytest.approx(7 / 3, abs=0.01)]
    assert [(h["annotator"], h["verdict"], h["class_id"], h["undone"]) for h in told["history"]] == [
        ("Ann", "accept", 3, False),
        ("Ann", "unsure", None, True),
    ]
    assert client.get("/api/face/" + "0" * 32).status_code == 404
    assert client.get("/api/face/nothing").status_code == 400
