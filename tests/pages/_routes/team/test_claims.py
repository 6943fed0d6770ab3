"""POST /api/claims/…, and how open pages hear of claims."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from db.store.store import Store
from db.tables.annotators import ensure_annotator
from db.tables.settings import hide_suggestions
from db.team import claims as queues
from db.team import handouts
from db.team.claims import SECONDS
from pages._routes import changes
from pages._routes.team import claims
from tests.db.make import add_images, wait_for_a_mark
from tests.pages._routes.conftest import HERE, client_at


def client(name: str) -> TestClient:
    return client_at(name, changes.route, *claims.routes)


def ask(who: TestClient, what: str, status: int = 200, **body: Any) -> dict[str, Any]:
    answer = who.post(f"/api/claims/{what}", json=body, headers={"Origin": HERE})
    assert answer.status_code == status, answer.text
    return dict(answer.json())


def test_two_people_claim_renew_and_give_back(store: Store) -> None:
    faces = add_images(store, ["a", "b", "c"])
    ann, ben = client("Ann"), client("Ben")
    first = ask(ann, "next", query={}, size=2)
    assert first == {"batch": first["batch"], "faces": faces[:2], "handout": None, "seconds": SECONDS}
    assert ask(ben, "next", query={"state": "undecided"}, size=2)["faces"] == faces[2:]
    assert ask(ben, "others", faces=faces) == {"claimed": dict.fromkeys(faces[:2], "Ann")}
    assert ask(ann, "renew", batch=first["batch"]) == {"alive": True, "seconds": SECONDS}
    assert ask(ben, "renew", batch=first["batch"])["alive"] is False
    assert ask(ann, "renew", batch=first["batch"], left=True)["seconds"] == queues.GRACE_SECONDS
    assert ask(ann, "release", batch=first["batch"]) == {"open": 2}
    assert ask(ben, "others", faces=faces) == {"claimed": {}}


def test_open_pages_hear_that_claims_changed(store: Store) -> None:
    add_images(store, ["a", "b", "c"])
    ann, ben = client("Ann"), client("Ben")
    assert "claims" not in ben.get("/api/changes?after=0").json()
    batch = ask(ann, "next", query={}, size=2)["batch"]
    first = ben.get("/api/changes?after=0").json()["claims"]
    assert first
    wait_for_a_mark(store.file)
    for _ in range(2):  # the second answer comes without a query
        assert ben.get("/api/changes?after=0").json()["claims"] == first
    ask(ann, "renew", batch=batch)
    assert ben.get("/api/changes?after=0").json()["claims"] == first
    ask(ann, "release", batch=batch)
    assert "claims" not in ben.get("/api/changes?after=0").json()


def test_that_a_claim_ended_by_itself_is_heard_though_nobody_wrote(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_images(store, ["a"])
    ann, ben = client("Ann"), client("Ben")
    ask(ann, "next", query={}, size=1)
    wait_for_a_mark(store.file)
    assert ben.get("/api/changes?after=0").json()["claims"]
    later = queues.now_seconds() + SECONDS
    for module in (queues, changes):
        monkeypatch.setattr(module, "now_seconds", lambda: later)
    assert "claims" not in ben.get("/api/changes?after=0").json()


def test_a_handout_is_named(store: Store) -> None:
    add_images(store, ["a", "b"])
    store.write(lambda db: ensure_annotator(db, "Ann"))
    number = store.write(lambda db: handouts.hand_out(db, {"source": "1"}, "Ann", "Lee"))
    assert ask(client("Ann"), "next", query={}, size=1)["handout"] == number
    assert ask(client("Ben"), "next", query={}, size=1)["batch"] == ""


def test_hidden_suggestions_are_no_filter(store: Store) -> None:
    faces = add_images(store, ["a", "b"])
    store.write(lambda db: db.execute("UPDATE face_state SET proposal = seq"))
    ann = client("Ann")
    assert ask(ann, "next", query={"proposal": "2"}, size=9)["faces"] == faces[1:]
    store.write(lambda db: hide_suggestions(db, True))
    assert ask(ann, "next", query={"proposal": "2"}, size=9)["faces"] == faces


@pytest.mark.parametrize(
    ("what", "body"),
    [
        ("next", {"query": {}, "size": 0}),
        ("next", {"query": {}, "size": 401}),
        ("next", {"query": {}, "size": "2"}),
        ("next", {"query": [], "size": 2}),
        ("next", {"query": {"state": 3}, "size": 2}),
        ("next", {"query": {"state": "pretty"}, "size": 2}),
        ("next", {"query": {"order": "pretty"}, "size": 2}),
        ("renew", {}),
        ("release", {"batch": 3}),
        ("others", {"faces": "a"}),
        ("others", {"faces": [3]}),
        ("others", {"faces": ["a"] * 401}),
    ],
)
def test_what_is_malformed_claims_nothing(store: Store, what: str, body: dict[str, Any]) -> None:
    add_images(store, ["a"])
    ann = client("Ann")
    assert ask(ann, what, 400, **body)["error"]
    assert ask(client("Ben"), "next", query={}, size=1)["faces"]
    ann.cookies.clear()
    ask(ann, what, 401, **body)
