"""Scripts are told no more than the pages tell: blind opinions, gold, hidden suggestions, hidden names."""

from __future__ import annotations

from db.store.store import Store
from db.tables.settings import hide_suggestions
from db.team import gold, pseudonyms
from tests.db.make import add_images
from tests.pages._routes.v1.conftest import PEOPLE, decision, post, says, script


def test_a_blind_second_opinion_is_told_to_nobody_else(people: Store) -> None:
    (face,) = add_images(people, ["one"])
    sql = "INSERT INTO second_opinions (face_id, wanted, chosen_by, chosen_at) VALUES (?, 3, 'share', '')"
    people.write(lambda db: db.execute(sql, [face]))
    says(people, "Anna", face)
    said = {"suggester": "x", "predictions": [{"face_id": face, "label": "smile", "confidence": 0.5}]}
    assert script(people, "Rita").post("/api/v1/predictions", json=said).json()["faces"] == 1
    people.write(lambda db: db.execute("INSERT INTO meta VALUES ('suggester', 'x')"))
    for who in PEOPLE:
        one = script(people, who).get(f"/api/v1/faces/{face}").json()
        assert (one["label"], one["annotator"]) == (("smile", "Anna") if who == "Anna" else (None, None)), who
        assert one["suggestion"] is None
        for asked in ("state=accepted", "state=class:smile", "annotator=Anna", "suggested=smile"):
            assert script(people, who).get(f"/api/v1/faces?{asked}").json()["total"] == 0, asked
    (answer,) = post(script(people, "Rita"), decision(face, "none")).json()["results"]
    assert answer["status"] == "saved"
    assert "Anna" not in str(answer)


def test_gold_that_somebody_is_to_answer_is_undecided_for_them(people: Store) -> None:
    (face,) = add_images(people, ["one"])
    says(people, "Olga", face)
    people.write(lambda db: gold.make_gold(db, face, "Olga"))
    people.write(lambda db: db.execute("INSERT INTO gold_served VALUES (?, 'Anna', '')", [face]))
    client = script(people, "Anna")
    one = client.get(f"/api/v1/faces/{face}").json()
    assert (one["state"], one["label"], one["decision"]) == ("undecided", None, None)
    assert "Olga" not in client.get("/api/v1/faces").text
    assert client.get("/api/v1/faces?state=accepted").json()["total"] == 0
    assert script(people, "Rita").get(f"/api/v1/faces/{face}").json()["label"] == "smile"


def test_hidden_suggestions_are_not_told_before_the_decision(people: Store) -> None:
    (face,) = add_images(people, ["one"])
    said = {"suggester": "x", "predictions": [{"face_id": face, "label": "smile", "confidence": 0.5}]}
    assert script(people, "Rita").post("/api/v1/predictions", json=said).status_code == 200
    people.write(lambda db: db.execute("INSERT INTO meta VALUES ('suggester', 'x')"))
    client = script(people, "Anna")
    assert client.get(f"/api/v1/faces/{face}").json()["suggestion"] == "smile"
    assert client.get(f"/api/v1/faces/{face}").json()["location"] == "/x/one.jpg"
    people.write(lambda db: hide_suggestions(db, True, by="Olga"))
    hidden = client.get(f"/api/v1/faces/{face}").json()
    assert (hidden["suggestion"], hidden["confidence"], hidden["suggester"]) == (None, None, None)
    assert (hidden["location"], hidden["source_id"]) == ("", None)
    assert client.get("/api/v1/faces?suggested=smile").json()["total"] == 0
    assert client.get("/api/v1/faces?order=proposal").json()["code"] == "filter_proposals_hidden"
    post(client, decision(face))
    assert client.get(f"/api/v1/faces/{face}").json()["suggestion"] == "smile"


def test_letters_stand_for_names_also_where_the_token_is_less_than_its_owner(people: Store) -> None:
    (face,) = add_images(people, ["one"])
    says(people, "Rita", face)
    people.write(lambda db: pseudonyms.switch(db, True, by="Olga"))
    for who, role, seen in (("Olga", "owner", True), ("Olga", "reviewer", False), ("Anna", "viewer", False)):
        client = script(people, who, role)  # type: ignore[arg-type]
        told = client.get("/api/v1/faces").text
        assert ("Rita" in told, "Annotator B" in told) == (seen, not seen), (who, role)
        assert client.get("/api/v1/faces?annotator=Rita").status_code == (200 if seen else 400)
