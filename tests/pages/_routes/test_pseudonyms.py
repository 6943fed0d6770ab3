"""Where letters stand for names, no answer of a route holds a name that the person may not see."""

from __future__ import annotations

import pytest

from db.store.store import Store
from db.tables.annotators import ensure_annotator
from db.team.pseudonyms import hide, switch
from pages._routes import changes, decisions, face
from pages._routes.team.routes import routes as team_routes
from tests.db.make import add_images, new_uuid, sha_of
from tests.pages._routes.conftest import HERE, client_at

ALIASES = {"Ben": "Annotator B", "Ben Lee": "Annotator C"}


def test_no_route_tells_a_hidden_name(store: Store) -> None:
    (one,) = add_images(store, ["one"])
    for name in ("Olga", "Benedikta", "Ann"):
        store.write(lambda db, name=name: ensure_annotator(db, name))
    store.write(lambda db: switch(db, True, by="Olga"))
    clients = {
        name: client_at(name, changes.route, decisions.route, face.route, *team_routes)
        for name in ("Olga", "Benedikta", "Ann")
    }

    def send(name: str, class_id: int) -> str:
        op = {"op": "decide", "uuid": new_uuid(), "step": "s", "face_id": one, "sha256": sha_of("one"),
              "verdict": "accept", "class_id": class_id}  # fmt: skip
        found = clients[name].post("/api/decisions", json={"ops": [op]}, headers={"Origin": HERE})
        assert found.status_code == 200
        return found.text

    send("Benedikta", 3)
    note = {"id": new_uuid(), "face_id": one, "text": "hm"}
    clients["Benedikta"].post("/api/notes", json=note, headers={"Origin": HERE})
    told = {
        "decisions": send("Ann", 2),
        "changes": clients["Ann"].get("/api/changes?after=0").text,
        "face": clients["Ann"].get(f"/api/face/{one}").text,
    }
    for route, text in told.items():
        assert "Benedikta" not in text, route
        assert "Annotator B" in text, route
        assert "Olga" not in text, route
    assert '"Ann"' in told["face"], "one's own name stays"
    assert "Benedikta" in clients["Olga"].get(f"/api/face/{one}").text, "the owner sees names"
    answer = clients["Ann"].get("/api/changes?after=0")
    assert answer.headers["cache-control"] == "private, no-store"
    assert int(answer.headers["content-length"]) == len(answer.content)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"annotator": "Ben"}, {"annotator": "Annotator B"}),
        ({"faces": {"x": "Ben"}}, {"faces": {"x": "Annotator B"}}),
        ({"name": "Ben"}, {"name": "Ben"}),  # a class that is called like somebody
        ({"message": "Ben Lee said smile; Ben, Benno"}, {"message": "Annotator C said smile; Annotator B, Benno"}),
        ([{"by": "Ben", "n": 3, "none": None}], [{"by": "Annotator B", "n": 3, "none": None}]),
        ({"annotator": "Benno"}, {"annotator": "Benno"}),
    ],
)
def test_what_is_replaced(before: object, after: object) -> None:
    assert hide(before, ALIASES) == after
    assert hide(before, {}) is before
