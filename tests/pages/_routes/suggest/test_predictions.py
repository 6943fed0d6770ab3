"""POST /api/predictions: a file of another model's suggestions, for reviewers and owners."""

from __future__ import annotations

from typing import Any

import pytest

from db.store.store import Store
from db.tables.annotators import ensure_annotator
from pages._routes.suggest import predictions
from tests.db.make import add_images
from tests.pages._routes.conftest import HERE, client_at

GIVE = "INSERT OR REPLACE INTO roles VALUES (?, ?, 'Olga', '2026-01-31')"


@pytest.fixture
def face(store: Store) -> str:
    (face,) = add_images(store, ["one"])
    for name, role in (("Olga", "owner"), ("Rita", "reviewer"), ("Ann", "annotator"), ("Vic", "viewer")):
        store.write(lambda db, name=name: ensure_annotator(db, name))
        store.write(lambda db, given=(name, role): db.execute(GIVE, given))
    return face


def send(name: str, text: str, query: str = "suggester=resnet&version=2", **headers: str) -> Any:
    client = client_at(name, *predictions.routes)
    return client.post(f"/api/predictions?{query}", content=text.encode(), headers={"Origin": HERE, **headers})


def models(store: Store) -> list[tuple[Any, ...]]:
    sql = "SELECT name, kind, annotator FROM suggestion_models"
    return store.read(lambda db: db.execute(sql).fetchall())


@pytest.mark.parametrize(("name", "status"), [("Olga", 200), ("Rita", 200), ("Ann", 403), ("Vic", 403)])
def test_for_reviewers_and_owners(store: Store, face: str, name: str, status: int) -> None:
    answer = send(name, f"face_id,class,confidence\n{face},smile,0.9\n")
    assert answer.status_code == status
    assert models(store) == ([("resnet", "outside", name)] if status == 200 else [])
    if status == 200:
        assert answer.json() == {"suggester": "resnet", "version": 1, "faces": 1, "repeats": 0}
        who = store.read(lambda db: db.execute("SELECT annotator, action FROM audit").fetchall())
        assert who == [(name, "predictions")]


def test_refused_rows_are_listed_in_the_reader_s_language_and_nothing_is_taken(store: Store, face: str) -> None:
    text = f"face_id,class,confidence\n{face},smile,0.9\n{face},grin,0.1\n{'0' * 32},smile,1\n"
    answer = send("Rita", text)
    assert (answer.status_code, answer.json()["n"], answer.json()["code"]) == (422, 2, "predictions_refused")
    assert [one["line"] for one in answer.json()["refused"]] == [3, 4]
    assert "no class is called 'grin'" in answer.json()["refused"][0]["error"]
    chinese = send("Rita", text, **{"Accept-Language": "zh-CN"}).json()
    assert chinese["refused"][0]["error"].startswith("第 3 行：")
    assert models(store) == []


@pytest.mark.parametrize(
    ("query", "text", "code"),
    [
        ("suggester=moue", "face_id,class,confidence\nFACE,smile,1\n", "suggester_reserved"),
        ("version=1", "face_id,class,confidence\nFACE,smile,1\n", "suggester_name"),
        ("suggester=x&name=mine.csv", "a,b\n1,2\n", "prediction_file_header"),
        ("suggester=x", "", "prediction_file_header"),
    ],
)
def test_what_is_no_file_or_name(store: Store, face: str, query: str, text: str, code: str) -> None:
    answer = send("Rita", text.replace("FACE", face), query)
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert models(store) == []


def test_a_file_that_is_too_long(store: Store, face: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(predictions, "MAX_BYTES", 40)
    assert send("Rita", f"face_id,class,confidence\n{face},smile,1\n").status_code == 413


def test_a_foreign_page_sends_nothing(store: Store, face: str) -> None:
    text = f"face_id,class,confidence\n{face},smile,1\n"
    assert send("Rita", text, Origin="https://elsewhere.example").status_code == 403
    assert models(store) == []
