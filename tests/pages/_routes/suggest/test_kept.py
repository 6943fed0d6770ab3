"""POST /api/slips/kept: who may keep a label, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from db.decisions.log import apply_ops
from db.store.store import Store
from db.tables.annotators import ensure_annotator
from pages._routes.suggest import slips
from tests.db.make import add_images, decide
from tests.pages._routes.conftest import HERE, client_at

GIVE = "INSERT OR REPLACE INTO roles VALUES (?, ?, 'Olga', '2026-01-31')"


@pytest.fixture
def face(store: Store) -> str:
    (face,) = add_images(store, ["one"])
    for name, role in (("Olga", "owner"), ("Ann", "annotator"), ("Vic", "viewer")):
        store.write(lambda db, name=name: ensure_annotator(db, name))
        store.write(lambda db, given=(name, role): db.execute(GIVE, given))
    store.write(lambda db: apply_ops(db, "Olga", [decide(db, face)]))
    return face


def send(name: str, origin: str = HERE, **body: Any) -> Any:
    return client_at(name, *slips.routes).post("/api/slips/kept", json=body, headers={"Origin": origin})


def kept(store: Store) -> list[tuple[Any, ...]]:
    return store.read(lambda db: db.execute("SELECT face_id, class_id, annotator FROM kept_labels").fetchall())


def test_kept_twice_is_once_and_taken_back_is_gone(store: Store, face: str) -> None:
    for _ in range(2):
        answer = send("Ann", face_id=face, class_id=3, kept="yes")
        assert (answer.status_code, answer.json()) == (200, {"kept": True})
    assert kept(store) == [(face, 3, "Ann")]
    assert send("Ann", face_id=face, class_id=3, kept="no").json() == {"kept": False}
    assert kept(store) == []
    assert store.read(lambda db: db.execute("SELECT count(*) FROM decisions").fetchone()) == (1,)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"class_id": 3, "kept": "yes"}, "field_text"),
        ({"face_id": "f" * 32, "class_id": "3", "kept": "yes"}, "field_not_whole"),
        ({"face_id": "f" * 32, "class_id": 3, "kept": True}, "field_choice"),
        ({"face_id": "f" * 32, "class_id": 3, "kept": "yes"}, "slip_label_changed"),
    ],
)
def test_what_is_refused(store: Store, face: str, body: dict[str, Any], code: str) -> None:
    answer = send("Ann", **body)
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert kept(store) == []


def test_another_label_than_it_has_is_not_kept(store: Store, face: str) -> None:
    assert send("Ann", face_id=face, class_id=1, kept="yes").json()["code"] == "slip_label_changed"


def test_viewers_and_foreign_pages_keep_nothing(store: Store, face: str) -> None:
    assert send("Vic", face_id=face, class_id=3, kept="yes").status_code == 403
    assert send("Ann", "https://elsewhere.example", face_id=face, class_id=3, kept="yes").status_code == 403
    assert kept(store) == []
