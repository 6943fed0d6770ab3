"""GET /api/changes, and what differing answers look like over HTTP."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from starlette.testclient import TestClient

from db.images import images
from db.store.store import Store
from db.tables.settings import hide_suggestions
from pages._routes import changes, decisions, face
from pages._words import COOKIE, translate
from pipeline.core.metrics import METRICS
from tests.db.make import add_images, make_outcome, sha_of, wait_for_a_mark
from tests.pages._routes.conftest import HERE, client_at
from tests.pages.faces_measured import PLAIN, add_measured


def client(name: str) -> TestClient:
    return client_at(name, changes.route, decisions.route, face.route)


def send(who: TestClient, face_id: str, name: str, **more: Any) -> dict[str, Any]:
    op = {"op": "decide", "uuid": str(uuid.uuid4()), "step": "s", "face_id": face_id, "sha256": sha_of(name)}
    body = {"ops": [{**op, "verdict": "accept", "class_id": 3, **more}]}
    answer = who.post("/api/decisions", json=body, headers={"Origin": HERE})
    assert answer.status_code == 200, answer.text
    (result,) = answer.json()["results"]
    return dict(result)


def test_two_people_hear_of_each_other(store: Store) -> None:
    faces = add_images(store, ["one", "two"])
    ann, bob = client("Ann"), client("Bob")
    start = ann.get("/api/changes").json()
    assert start == {"seq": 0, "faces": [], "many": False}
    bobs = send(bob, faces[1], "two")
    told = ann.get(f"/api/changes?after={start['seq']}")
    assert told.headers["cache-control"] == "private, no-store"
    assert told.json() == {"seq": 1, "faces": bobs["faces"], "many": False}
    assert bobs["faces"][0]["annotator"] == "Bob"
    assert bobs["faces"][0]["decision"] == bobs["uuid"]
    assert ann.get("/api/changes?after=1").json()["faces"] == []


def test_a_page_hears_of_faces_that_are_newer_than_its_own(store: Store) -> None:
    add_images(store, ["one", "two"])
    ann = client("Ann")
    nothing = {"seq": 0, "faces": [], "many": False}
    assert ann.get("/api/changes?after=0&face=2").json() == nothing
    assert ann.get("/api/changes?after=0&face=0").json() == {**nothing, "newest_face": 2}
    wait_for_a_mark(store.file)  # looks need not ask the database
    ann.get("/api/changes?after=0&face=2")
    for known, told in ((2, {}), (1, {"newest_face": 2}), (3, {})):
        assert ann.get(f"/api/changes?after=0&face={known}").json() == nothing | told
    add_images(store, ["three"])
    assert ann.get("/api/changes?after=0&face=2").json() == {**nothing, "newest_face": 3}
    assert ann.get("/api/changes?after=0&face=-1").status_code == 400
    assert ann.get("/api/changes?after=0&face=x").status_code == 400


def test_what_is_new_is_told_also_after_many_looks_at_nothing(store: Store) -> None:
    (one,) = add_images(store, ["one"])
    ann, bob = client("Ann"), client("Bob")
    for seq in range(3):
        wait_for_a_mark(store.file)  # the file's time has settled: looks need not ask the database
        for _ in range(3):
            assert ann.get(f"/api/changes?after={seq}").json() == {"seq": seq, "faces": [], "many": False}
        bobs = send(bob, one, "one", step=f"s{seq}", class_id=seq + 1)
        if seq % 2:
            wait_for_a_mark(store.file)
        assert ann.get(f"/api/changes?after={seq}").json()["faces"] == bobs["faces"]


def test_an_answer_that_differs_is_kept_and_told_what_counts(store: Store) -> None:
    (one,) = add_images(store, ["one"])
    ann, bob = client("Ann"), client("Bob")
    bobs = send(bob, one, "one")
    lost = send(ann, one, "one", class_id=1, seen="")
    assert (lost["status"], lost["faces"], lost["differing"]) == ("differs", bobs["faces"], [one])
    assert send(ann, one, "one", class_id=1, seen=bobs["uuid"])["status"] == "saved"


@pytest.mark.parametrize("more", [{}, {"seen": None}, {"seen": ""}])
def test_who_does_not_say_what_was_seen_overrules_nobody(store: Store, more: dict[str, Any]) -> None:
    (one,) = add_images(store, ["one"])
    ann, bob = client("Ann"), client("Bob")
    bobs = send(bob, one, "one")
    assert (send(ann, one, "one", class_id=1, **more)["status"], send(bob, one, "one", class_id=2)["status"]) == (
        "differs",
        "saved",
    )
    assert bobs["status"] == "saved"


def test_who_may_not_and_what_is_no_number(store: Store) -> None:
    ann = client("Ann")
    for after in ("x", "-1", "1.5", "9" * 16, ""):
        assert ann.get(f"/api/changes?after={after}").status_code == 400
    ann.cookies.clear()
    assert ann.get("/api/changes?after=0").status_code == 401


@pytest.mark.parametrize("seen", [3, ["x"], "s" * 201])
def test_a_seen_that_is_no_short_text_stores_nothing(store: Store, seen: object) -> None:
    (one,) = add_images(store, ["one"])
    op = {"op": "decide", "uuid": str(uuid.uuid4()), "step": "s", "face_id": one, "sha256": sha_of("one")}
    body = {"ops": [{**op, "verdict": "accept", "class_id": 3, "seen": seen}]}
    assert client("Ann").post("/api/decisions", json=body, headers={"Origin": HERE}).status_code == 400


def test_a_hidden_suggestion_is_told_after_the_answer(store: Store) -> None:
    (one,) = add_images(store, ["one"])
    store.write(lambda db: db.execute("UPDATE images SET proposal = 2"))
    ann = client("Ann")
    assert ann.get(f"/api/face/{one}").json()["proposal"] == 2
    store.write(lambda db: hide_suggestions(db, True))
    told = ann.get(f"/api/face/{one}").json()
    assert (told["proposal"], told["image"]["location"]) == (None, "")
    send(ann, one, "one")
    told = ann.get(f"/api/face/{one}").json()
    assert (told["proposal"], told["image"]["location"]) == (2, "/x/one.jpg")


def test_the_inspector_is_told_in_the_readers_language(store: Store) -> None:
    (one,) = add_measured(store, [PLAIN])
    ann = client("Ann")
    for header, cookie, locale in (("zh-CN,zh;q=0.9", "", "zh"), ("zh-CN", "en", "en"), ("de", "", "en")):
        ann.cookies.set(COOKIE, cookie)
        told = ann.get(f"/api/face/{one}", headers={"Accept-Language": header}).json()
        assert told["image"]["source"] == {"en": "Folder: /x", "zh": "文件夹：/x"}[locale]
        assert [(q["label"], q["help"]) for q in told["quality"]] == [
            (translate(locale, m.label), translate(locale, m.help)) for m in METRICS
        ]
    assert translate("zh", "Folder") != "Folder"


def test_a_photo_at_two_places_is_told_by_the_first(store: Store) -> None:
    (one,) = add_images(store, ["one"])
    twin = make_outcome("one", location="/x/later.jpg")
    store.write(lambda db: images.record_outcomes(db, images.ensure_source(db, "folder", "/x"), None, [twin]))
    assert client("Ann").get(f"/api/face/{one}").json()["image"]["location"] == "/x/one.jpg"
