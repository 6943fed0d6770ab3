"""The HTTP interface: faces, decisions, what each role may do by token, and refusals."""

from __future__ import annotations

import json
from typing import Any

import pytest

from db.store.store import Store
from db.tables.access import tokens
from pages._routes.v1.routes import routes as v1_routes
from pages._server import identity
from pages._server.scripts import bearer
from pages._server.scripts.rates import Limiter
from pipeline.core.roles import ROLES, Role
from tests.db.make import add_images, new_uuid
from tests.pages._routes.conftest import HERE, client_at
from tests.pages._routes.v1.conftest import PEOPLE, decision, post, says, script, secret_of


def test_faces_are_paged_without_one_twice_or_missing(people: Store) -> None:
    ids = add_images(people, [str(n) for n in range(23)])
    client = script(people, "Vera")
    found, after = [], None
    while True:
        page = client.get("/api/v1/faces", params={"size": 5, **({"after": after} if after else {})}).json()
        assert page["total"] == 23
        found += [one["face_id"] for one in page["faces"]]
        after = page["next"]
        if after is None:
            break
    assert found == ids
    one = client.get(f"/api/v1/faces/{ids[3]}").json()
    assert (one["face_id"], one["state"], one["box"]) == (ids[3], "undecided", [10.5, 20.0, 60.25, 80.0])


@pytest.mark.parametrize("size", ["0", "501", "00000000100000", "1" * 5000, "²"])
def test_a_size_of_a_page_beyond_its_limits_is_refused(people: Store, size: str) -> None:
    assert script(people, "Vera").get("/api/v1/faces", params={"size": size}).status_code == 400


def test_a_decision_counts_once_and_is_the_person_s(people: Store) -> None:
    one, two = add_images(people, ["one", "two"])
    client = script(people, "Anna")
    said = decision(one, uuid=new_uuid())
    assert [r["status"] for r in post(client, said, decision("0" * 32)).json()["results"]] == ["saved", "refused"]
    assert [r["status"] for r in post(client, said, decision(two, "grin")).json()["results"]] == ["repeat", "refused"]
    log = people.read(lambda db: db.execute("SELECT annotator, face_id, verdict, class_id FROM decisions").fetchall())
    assert log == [("Anna", one, "accept", 3)]
    (face,) = client.get("/api/v1/faces?state=class:smile").json()["faces"]
    assert (face["face_id"], face["label"], face["annotator"]) == (one, "smile", "Anna")


def test_what_another_decided_is_overruled_only_when_it_was_seen(people: Store) -> None:
    (face,) = add_images(people, ["one"])
    says(people, "Olga", face)
    client = script(people, "Anna")
    (differs,) = post(client, decision(face, "none")).json()["results"]
    assert (differs["status"], differs["code"], differs["faces"][0]["label"]) == ("differs", "op_differs", "smile")
    seen = client.get(f"/api/v1/faces/{face}").json()["decision"]
    assert post(client, decision(face, "none", seen=seen)).json()["results"][0]["status"] == "saved"
    says(people, "Olga", face)
    assert post(client, decision(face, "pout"), overrule=True).json()["results"][0]["status"] == "saved"


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("who", PEOPLE)
def test_a_token_does_what_both_its_role_and_its_person_may(people: Store, who: str, role: Role) -> None:
    """Also when the person's role was taken down after the token was made."""
    (face,) = add_images(people, ["one"])
    secret = secret_of(people, "Olga", role)
    people.write(lambda db: db.execute("UPDATE tokens SET annotator = ?", [who]))
    client = script(people, "Vera")
    client.headers["Authorization"] = f"Bearer {secret}"
    may = min(ROLES.index(role), ROLES.index(PEOPLE[who]))
    assert client.get("/api/v1/status").json()["you"] == {"annotator": who, "role": ROLES[may]}
    assert (post(client, decision(face)).status_code == 200) == (may >= ROLES.index("annotator"))
    predicted = {"suggester": "x", "predictions": [{"face_id": face, "label": "smile", "confidence": 0.5}]}
    assert (client.post("/api/v1/predictions", json=predicted).status_code == 200) == (may >= ROLES.index("reviewer"))
    refused = client.get("/api/v1/exports/x")
    assert refused.status_code == (404 if may >= ROLES.index("reviewer") else 403)
    assert refused.json()["code"] == ("run_unknown" if may >= ROLES.index("reviewer") else "token_above_role")


def test_revoked_ended_and_made_up_tokens_let_nobody_in(people: Store) -> None:
    client = script(people, "Olga")
    assert client.get("/api/v1/status").status_code == 200
    people.write(lambda db: db.execute("UPDATE tokens SET expires_at = '2020-01-01T00:00:00.000Z'"))
    assert client.get("/api/v1/status").json()["code"] == "token_refused"
    people.write(lambda db: db.execute("UPDATE tokens SET expires_at = NULL"))
    assert client.get("/api/v1/status").status_code == 200
    people.write(lambda db: tokens.revoke(db, 1, by="Olga"))
    assert client.get("/api/v1/status").status_code == 401
    client.headers["Authorization"] = "Bearer moue_" + "x" * 43
    assert client.get("/api/v1/status").status_code == 401
    client.cookies.set(*identity.sign("Olga"))
    assert client.get("/api/v1/status").status_code == 401, "a token that is refused is not passed over for a cookie"
    client.headers["Authorization"] = "Basic b2xnYQ=="
    assert client.get("/api/v1/status").status_code == 200, "what a proxy sends is no token of ours"


def test_by_cookie_the_origin_counts_and_by_token_it_does_not(people: Store) -> None:
    (face,) = add_images(people, ["one"])
    by_cookie = client_at("Anna", *v1_routes)
    assert post(by_cookie, decision(face)).json()["code"] == "origin_foreign"
    by_cookie.headers["Origin"] = HERE
    assert post(by_cookie, decision(face)).status_code == 200
    by_token = script(people, "Anna")
    by_token.headers["Origin"] = "https://elsewhere.example"
    assert post(by_token, decision(face)).status_code == 200


def test_a_token_s_last_use_is_noted(people: Store) -> None:
    client = script(people, "Vera")
    assert client.get("/api/v1/status").status_code == 200
    people.write(lambda db: None)  # what was submitted before is committed
    (token,) = people.read(tokens.list_all)
    assert token.used_at is not None


def test_too_fast_is_told_when_to_come_back(people: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bearer, "_limiter", Limiter(lambda: 3))
    client, other = script(people, "Vera"), script(people, "Anna")
    assert [client.get("/api/v1/status").status_code for _ in range(4)] == [200, 200, 200, 429]
    refused = client.get("/api/v1/status")
    assert 1 <= int(refused.headers["Retry-After"]) <= 20
    assert refused.json()["code"] == "requests_too_many"
    assert other.get("/api/v1/status").status_code == 200


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("faces?size=0", "field_malformed"), ("faces?size=501", "field_malformed"),
        ("faces?colour=red", "filter_unknown"),
        ("faces?state=class:grin", "class_name_unknown"), ("faces?since=monday", "filter_value"),
        ("faces?after=x", "cursor_malformed"), ("faces/xyz", "face_id_malformed"),
        ("faces/" + "0" * 32, "face_not_here"),
        ("exports/1", "run_unknown"), ("releases/1/zip", "release_gone"), ("nothing", "route_unknown"),
    ],
)  # fmt: skip
def test_what_is_not_there_has_a_code(people: Store, path: str, code: str) -> None:
    answer = script(people, "Olga").get(f"/api/v1/{path}")
    assert answer.json()["code"] == code
    assert answer.status_code in (400, 404)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ([], "field_malformed"), ({}, "field_missing"), ({"decisions": []}, "field_malformed"),
        ({"decisions": [{"face_id": "x", "verdict": "accept"}]}, "field_malformed"),
        ({"decisions": [{"face_id": "0" * 32, "verdict": "maybe"}]}, "field_malformed"),
        ({"decisions": [{"face_id": "0" * 32, "verdict": "accept", "colour": 1}]}, "field_unknown"),
        ({"decisions": [{"face_id": "0" * 32, "verdict": "reject", "took_ms": -1}]}, "field_malformed"),
        ({"decisions": [{"face_id": "0" * 32, "verdict": "reject", "took_ms": True}]}, "field_malformed"),
        ({"decisions": [{"face_id": "0" * 32, "verdict": "reject", "reason": "\ud800"}]}, "field_malformed"),
    ],
)  # fmt: skip
def test_a_malformed_body_names_the_field(people: Store, body: Any, code: str) -> None:
    answer = script(people, "Anna").post(
        "/api/v1/decisions", content=json.dumps(body), headers={"Content-Type": "application/json"}
    )
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert people.read(lambda db: db.execute("SELECT count(*) FROM decisions").fetchone()) == (0,)


@pytest.mark.parametrize(
    ("field", "value"), [("predictions", []), ("suggester", ""), ("version", ""), ("suggester", "x" * 61)]
)
def test_predictions_that_say_nothing_are_refused(people: Store, field: str, value: Any) -> None:
    one = {"face_id": "0" * 32, "label": "smile", "confidence": 0.5}
    said = {"suggester": "x", "predictions": [one], "version": "1"} | {field: value}
    answer = script(people, "Rita").post("/api/v1/predictions", json=said)
    assert (answer.status_code, answer.json()["code"]) == (400, "field_malformed")
    assert field in answer.json()["error"]


def test_another_method_is_told_which_there_are(people: Store) -> None:
    answer = script(people, "Olga").put("/api/v1/decisions", json={})
    assert (answer.status_code, answer.headers["Allow"], answer.json()["code"]) == (405, "POST", "method_not_allowed")
