"""An adjudication by POST /api/decisions: for whom, beside what, and what is no kind."""

from __future__ import annotations

from typing import Any

import pytest

from db.store.store import Store
from db.tables.annotators import ensure_annotator
from pages._routes import decisions
from tests.db.make import add_images, new_uuid, sha_of
from tests.pages._routes.conftest import HERE, client_at

GIVE = "INSERT OR REPLACE INTO roles VALUES (?, ?, 'Olga', '2026-01-31')"
ROLES = {"Olga": "owner", "Rita": "reviewer", "Ann": "annotator", "Vic": "viewer"}


@pytest.fixture
def face(store: Store) -> str:
    (face,) = add_images(store, ["one"])
    for name, role in ROLES.items():
        store.write(lambda db, name=name: ensure_annotator(db, name))
        store.write(lambda db, given=(name, role): db.execute(GIVE, given))
    return face


def send(name: str, *ops: dict[str, Any]) -> Any:
    return client_at(name, decisions.route).post("/api/decisions", json={"ops": ops}, headers={"Origin": HERE})


def op(face: str, class_id: int, kind: str = "adjudication") -> dict[str, Any]:
    return {"op": "decide", "uuid": new_uuid(), "step": "s", "face_id": face, "sha256": sha_of("one"),
            "verdict": "accept", "class_id": class_id, "kind": kind}  # fmt: skip


def state(store: Store) -> tuple[Any, ...]:
    sql = "SELECT class_id, annotator, adjudicated FROM face_state"
    return tuple(store.read(lambda db: db.execute(sql).fetchone()))


@pytest.mark.parametrize(("name", "status"), [("Olga", 200), ("Rita", 200), ("Ann", 403), ("Vic", 403)])
def test_reviewers_and_owners_settle_and_nobody_else(store: Store, face: str, name: str, status: int) -> None:
    send("Ann", op(face, 3, kind=""))
    assert send(name, op(face, 2)).status_code == status
    assert state(store) == ((2, name, 1) if status == 200 else (3, "Ann", 0))


def test_nothing_of_a_batch_is_kept_where_one_op_is_not_allowed(store: Store, face: str) -> None:
    assert send("Ann", op(face, 3, kind=""), op(face, 2)).status_code == 403
    assert store.read(lambda db: db.execute("SELECT count(*) FROM decisions").fetchone()) == (0,)


@pytest.mark.parametrize("kind", ["vote", "Adjudication", "adjudication ", 3])
def test_another_kind_is_malformed(store: Store, face: str, kind: Any) -> None:
    assert send("Olga", op(face, 3, kind=kind)).status_code == 400
    assert state(store) == (None, None, 0)


def test_an_adjudication_is_taken_back_by_its_step(store: Store, face: str) -> None:
    send("Ann", op(face, 3, kind=""))
    settled = op(face, 2)
    send("Rita", {**settled, "step": "settle"})
    send("Rita", {"op": "undo", "uuid": new_uuid(), "step": "settle"})
    assert state(store) == (3, "Ann", 0)
