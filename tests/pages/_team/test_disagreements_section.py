"""The Disagreements section: what it hands to its component, and who is offered it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from db.decisions.log import apply_ops
from db.store.store import Db, Store
from db.tables.roles import may
from db.team.pseudonyms import switch
from pages._server import identity, workspace
from pages._team import disagreements
from pipeline.core.records import Verdict
from tests.db import make

PAGE = str(Path(__file__).resolve().parents[3] / "pages" / "team.py")


@pytest.fixture
def store(empty: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """Olga, the owner, looks; Ann and Ben differ on two faces of three."""
    monkeypatch.setattr(identity, "identify", lambda cookies, headers: "Olga")
    store = workspace.get_store()
    ids = make.add_images(store, ["a", "b", "c"])

    def work(db: Db) -> None:
        apply_ops(db, "Olga", [])
        for face, ann, ben in zip(ids, (3, 3, 3), (3, 2, 4), strict=True):
            apply_ops(db, "Ann", [make.decide(db, face, Verdict.ACCEPT, ann)])
            apply_ops(db, "Ben", [make.decide(db, face, Verdict.ACCEPT, ben)])

    store.write(work)
    return store


def given(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What the component was handed."""
    found: list[dict[str, Any]] = []
    monkeypatch.setattr(disagreements, "adjudication", lambda data, **_: found.append(json.loads(json.dumps(data))))
    return found


def page(section: str = "disagreements") -> AppTest:
    made = AppTest.from_file(PAGE, default_timeout=60)
    made.query_params["section"] = section
    made.run()
    assert not made.exception
    return made


def test_the_component_gets_the_faces_with_answers_and_the_guidelines(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = given(monkeypatch)
    page()
    (data,) = found
    assert data["left"] == len(data["items"]) == 2
    assert [(one["annotator"], one["class_id"]) for one in data["items"][0]["answers"]] == [("Ann", 3), ("Ben", 2)]
    assert {one["class_id"] for one in data["guidelines"]} == {1, 2, 3, 4}
    assert data["annotator"] == "Olga"


def test_the_same_bytes_until_the_batch_is_done(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    found = given(monkeypatch)
    made = page()
    made.session_state[disagreements.KEY] = {}
    made.run()
    made.run()
    assert found[1] == found[2], "a script run moves nothing"
    made.session_state["team_adjudication_more"] = found[1]["items"][-1]["seq"]
    made.run()
    assert found[3]["page_key"] != found[1]["page_key"]


def test_names_that_are_hidden_do_not_reach_the_component(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    found = given(monkeypatch)
    store.write(lambda db: switch(db, True, by="Olga"))
    store.write(lambda db: db.execute("INSERT INTO roles VALUES ('Ann', 'reviewer', 'Olga', '2026-01-31')"))
    monkeypatch.setattr(identity, "identify", lambda cookies, headers: "Ann")
    page()
    told = json.dumps(found[0])
    assert "Ben" not in told
    assert "Annotator C" in told
    shown = page("agreement")
    assert "Ben" not in " ".join(one.proto.body for one in shown.get("html"))


def test_an_annotator_is_not_offered_it(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    found = given(monkeypatch)
    assert not store.read(lambda db: may(db, "Ben", "adjudicate"))
    monkeypatch.setattr(identity, "identify", lambda cookies, headers: "Ben")
    page()
    assert found == []


def test_nothing_left_says_so(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    found = given(monkeypatch)
    sql = "SELECT id FROM faces ORDER BY seq"
    ids = [face for (face,) in store.read(lambda db: db.execute(sql).fetchall())]
    store.write(lambda db: apply_ops(db, "Ben", [make.decide(db, face, Verdict.ACCEPT, 3) for face in ids]))
    assert "Nothing is left to settle" in page().success[0].value
    assert found == []
