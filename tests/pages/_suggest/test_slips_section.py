"""The section of possible slips: what it hands to its component, and who is offered it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from db.decisions.log import apply_ops
from db.store.store import Db, Store
from db.suggest.slips import Slip, keep
from db.tables.consensus_rules import ConsensusRule, add_change
from pages._server import identity, workspace
from pages._suggest import slips
from pipeline.core.records import Verdict
from tests.db import make
from tests.db.suggest.make import replace_slips

PAGE = str(Path(__file__).resolve().parents[3] / "pages" / "suggestions.py")
GIVE = "INSERT OR REPLACE INTO roles VALUES (?, ?, 'Olga', '2026-01-31')"


@pytest.fixture
def faces(empty: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Three faces labelled smile by Olga, the owner, who looks; two of them are doubted, the third is an example."""
    monkeypatch.setattr(identity, "identify", lambda cookies, headers: "Olga")
    store = workspace.get_store()
    ids = make.add_images(store, ["a", "b", "c"])

    def work(db: Db) -> None:
        apply_ops(db, "Olga", [make.decide(db, face, Verdict.ACCEPT, 3) for face in ids])
        replace_slips(db, [Slip(ids[1], 3, 1, 0.04, 0.93, 0, {3: [ids[2]]}), Slip(ids[0], 3, 2, 0.3, 0.5, 2, {})])
        for name, role in (("Ann", "annotator"), ("Vic", "viewer")):
            apply_ops(db, name, [])
            db.execute("INSERT OR IGNORE INTO annotators (name, created_at) VALUES (?, '2026')", [name])
            db.execute(GIVE, [name, role])

    store.write(work)
    return ids


def given(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What the component was handed."""
    found: list[dict[str, Any]] = []
    monkeypatch.setattr(slips, "possible_slips", lambda data, **_: found.append(json.loads(json.dumps(data))))
    return found


def page() -> AppTest:
    made = AppTest.from_file(PAGE, default_timeout=60)
    made.query_params["section"] = "slips"
    made.run()
    assert not made.exception
    return made


def store() -> Store:
    return workspace.get_store()


def test_the_component_gets_the_slips_with_the_two_classes_first(
    faces: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    found = given(monkeypatch)
    page()
    (data,) = found
    assert (data["left"], data["annotator"], data["kind"]) == (2, "Olga", "")
    first, second = data["items"]
    assert (first["id"], first["class_id"], first["suggested"]) == (faces[1], 3, 1)
    assert (first["probability"], first["suggested_probability"], first["others"]) == (0.04, 0.93, 0)
    assert [one["class_id"] for one in first["kinds"]] == [3, 1, 2, 4]
    assert [one["face_id"] for one in first["kinds"][0]["examples"]] == [faces[2]]
    assert (second["id"], second["others"]) == (faces[0], 2)


def test_the_same_bytes_until_the_batch_is_done(faces: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    found = given(monkeypatch)
    made = page()
    made.session_state[slips.KEY] = {}
    made.run()
    made.run()
    assert found[1] == found[2], "a script run moves nothing"
    store().write(lambda db: keep(db, "Olga", faces[1], 3))
    made.session_state["suggest_slips_more"] = 1
    made.run()
    assert found[3]["page_key"] != found[1]["page_key"]
    assert [one["id"] for one in found[3]["items"]] == [faces[0]]


@pytest.mark.usefixtures("faces")
def test_where_the_newest_answer_is_not_what_counts_a_reviewer_settles(monkeypatch: pytest.MonkeyPatch) -> None:
    found = given(monkeypatch)
    store().write(lambda db: add_change(db, ConsensusRule("majority", 2), "Olga"))
    page()
    assert found[0]["kind"] == "adjudication"
    monkeypatch.setattr(identity, "identify", lambda cookies, headers: "Ann")
    assert "a reviewer goes through these" in page().info[0].value
    assert len(found) == 1


@pytest.mark.usefixtures("faces")
def test_an_annotator_goes_through_them_and_a_viewer_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    found = given(monkeypatch)
    monkeypatch.setattr(identity, "identify", lambda cookies, headers: "Ann")
    page()
    assert found[0]["annotator"] == "Ann"
    monkeypatch.setattr(identity, "identify", lambda cookies, headers: "Vic")
    page()
    assert len(found) == 1


@pytest.mark.usefixtures("faces")
def test_nothing_doubted_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    found = given(monkeypatch)
    store().write(lambda db: replace_slips(db, []))
    assert "No label is doubted" in page().success[0].value
    assert found == []
