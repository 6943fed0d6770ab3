"""Gold from the inspector: an owner marks a face; nobody else may, or is told."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from db.decisions.log import apply_ops
from db.projection.filters import ReviewFilter
from db.store.store import Store
from db.tables import audit, roles
from db.tables.annotators import ensure_annotator
from db.team import claims, gold, second_opinions
from pages._routes import face
from pages._routes.team.routes import routes
from pipeline.core.records import Verdict
from tests.db.make import add_images, decide
from tests.pages._routes.conftest import HERE, client_at

SMILE, OPEN = 3, 2


@pytest.fixture
def faces(store: Store) -> list[str]:
    def people(db: object) -> None:
        for name in ("Olga", "Owen", "Rita", "Anna"):
            ensure_annotator(db, name)  # type: ignore[arg-type]
        roles.settle_owner(db)  # type: ignore[arg-type]
        roles.set_role(db, "Olga", "owner", "Olga")  # type: ignore[arg-type]
        roles.set_role(db, "Owen", "owner", "Olga")  # type: ignore[arg-type]
        roles.set_role(db, "Rita", "reviewer", "Olga")  # type: ignore[arg-type]

    store.write(people)
    return add_images(store, ["a", "b"])


def client(name: str) -> TestClient:
    return client_at(name, face.route, *routes)


def mark(name: str, face_id: str, **body: object) -> tuple[int, dict[str, object]]:
    answer = client(name).post("/api/gold", json={"face_id": face_id, **body}, headers={"Origin": HERE})
    return answer.status_code, answer.json()


def told(name: str, face_id: str) -> object:
    return client(name).get(f"/api/face/{face_id}").json()["gold"]


def known(store: Store, face_id: str) -> list[tuple[object, ...]]:
    sql = "SELECT verdict, class_id, reason, set_by FROM gold WHERE face_id = ?"
    return store.read(lambda db: db.execute(sql, [face_id]).fetchall())


def counts(store: Store, face_id: str) -> tuple[object, ...]:
    sql = "SELECT verdict, class_id, adjudicated FROM face_state WHERE face_id = ?"
    found: tuple[object, ...] = store.read(lambda db: db.execute(sql, [face_id]).fetchone())
    return found


def test_an_owner_makes_a_face_gold_with_a_class_and_takes_that_back(store: Store, faces: list[str]) -> None:
    one, _ = faces
    store.write(lambda db: apply_ops(db, "Anna", [decide(db, one, Verdict.ACCEPT, OPEN)]))
    assert mark("Olga", one, verdict="accept", class_id=SMILE) == (200, {"gold": True})
    assert known(store, one) == [("accept", SMILE, None, "Olga")]
    assert counts(store, one) == ("accept", SMILE, 1), "the known answer counts"
    assert told("Olga", one) is True
    assert mark("Olga", one, verdict="none") == (200, {"gold": False})
    assert known(store, one) == []
    assert counts(store, one) == ("accept", SMILE, 1), "what counts stays"
    assert [row.action for row in store.read(lambda db: list(audit.rows(db)))][-2:] == ["gold", "gold_removed"]


def test_a_rejected_face_can_be_gold(store: Store, faces: list[str]) -> None:
    assert mark("Olga", faces[0], verdict="reject", reason="blurred")[0] == 200
    assert known(store, faces[0]) == [("reject", None, "blurred", "Olga")]


@pytest.mark.parametrize("name", ["Rita", "Anna"])
def test_nobody_else_may_or_is_told(store: Store, faces: list[str], name: str) -> None:
    mark("Olga", faces[0], verdict="accept", class_id=SMILE)
    status, answer = mark(name, faces[1], verdict="accept", class_id=SMILE)
    assert (status, known(store, faces[1])) == (403, []), answer
    assert told(name, faces[0]) is False


def test_an_owner_who_got_it_blindly_is_not_told(store: Store, faces: list[str]) -> None:
    """Gold that another owner chose comes into an owner's batches, too."""
    mark("Olga", faces[0], verdict="accept", class_id=SMILE)
    store.write(lambda db: gold.set_share(db, 0.5, "Olga"))
    batch = store.write(lambda db: claims.claim_next(db, "Owen", ReviewFilter(), 4))
    assert faces[0] in batch.faces
    assert (told("Owen", faces[0]), told("Olga", faces[0])) == (False, True)
    store.write(lambda db: apply_ops(db, "Owen", [decide(db, faces[0], Verdict.ACCEPT, OPEN)]))
    assert told("Owen", faces[0]) is True


def test_a_face_that_others_answer_blindly_cannot_be_gold_yet(store: Store, faces: list[str]) -> None:
    store.write(lambda db: second_opinions.set_share(db, second_opinions.Setting(1.0, 2, 0), "Olga"))
    store.write(lambda db: apply_ops(db, "Anna", [decide(db, faces[0], Verdict.ACCEPT, OPEN)]))
    status, answer = mark("Olga", faces[0], verdict="accept", class_id=SMILE)
    assert (status, answer["code"]) == (400, "gold_blind")
    assert known(store, faces[0]) == []
    store.write(lambda db: apply_ops(db, "Rita", [decide(db, faces[0], Verdict.ACCEPT, OPEN)]))
    assert mark("Olga", faces[0], verdict="accept", class_id=SMILE)[0] == 200


@pytest.mark.parametrize(
    "body",
    [{"verdict": "perhaps"}, {"verdict": "accept"}, {"verdict": "accept", "class_id": 99}, {"verdict": "accept",
     "class_id": "3"}, {"verdict": "reject", "reason": "ugly"}, {"verdict": "reject", "class_id": SMILE}, {}],
)  # fmt: skip
def test_what_is_no_answer_is_refused_and_leaves_nothing(
    store: Store, faces: list[str], body: dict[str, object]
) -> None:
    status, answer = mark("Olga", faces[0], **body)
    assert status == 400, answer
    assert answer["error"]
    assert (known(store, faces[0]), counts(store, faces[0])) == ([], (None, None, 0))


def test_a_face_that_is_not_here(store: Store, faces: list[str]) -> None:
    assert mark("Olga", "0" * 32, verdict="accept", class_id=SMILE)[0] == 400
