"""POST /api/duplicates on a bare Starlette app: who may, what it does, and that it answers after the commit."""

from __future__ import annotations

import json
import sqlite3
import uuid
from typing import Any

import pytest
from starlette.testclient import TestClient

from db.decisions.log import apply_ops, verify_chain
from db.duplicates import groups
from db.duplicates.conflicts import conflicts
from db.store.store import Store
from pages._routes import decisions, duplicates
from pipeline.core.errors import StorageError
from pipeline.core.records import Verdict
from tests.db.copies import add_copies, join
from tests.db.make import decide, sha_of
from tests.pages._routes.conftest import HERE, client_at

NAMES = ("one", "two", "three")


@pytest.fixture
def client(store: Store) -> TestClient:
    """Signed in as Ann."""
    return client_at("Ann", duplicates.route, decisions.route)


@pytest.fixture
def faces(store: Store) -> list[str]:
    """The faces of one, two and three, which are one group."""
    return add_copies(store, NAMES)


def op(kind: str, *names: str, **more: Any) -> dict[str, Any]:
    """An op on the photos of these names; `on` names the one it is about."""
    about = {"sha256": sha_of(more.pop("on"))} if more.get("on") else {}
    base = {"seq": 3, "op": kind, "uuid": str(uuid.uuid4()), "members": [sha_of(name) for name in names]}
    return {**base, **about, "took_ms": 900, **more}


def pair(one: str, other: str) -> list[str]:
    return sorted((sha_of(one), sha_of(other)))


def send(client: TestClient, *ops: object, **headers: str) -> Any:
    return client.post("/api/duplicates", json={"ops": ops}, headers={"Origin": HERE, **headers})


def ask(client: TestClient, sent: dict[str, Any]) -> dict[str, Any]:
    answer = send(client, sent)
    assert answer.status_code == 200, answer.text
    (result,) = answer.json()["results"]
    assert (result["seq"], result["uuid"]) == (3, sent["uuid"])
    return dict(result)


def rows(store: Store, sql: str) -> list[tuple[Any, ...]]:
    """Read by another connection: only what is committed is seen."""
    with sqlite3.connect(store.file) as db:
        return db.execute(sql).fetchall()


def verdicts(store: Store) -> list[tuple[str | None, str | None]]:
    return rows(store, "SELECT verdict, reason FROM face_state ORDER BY seq")


def members(result: dict[str, Any]) -> list[set[str]]:
    names = {sha_of(name): name for name in (*NAMES, "four")}
    return [{names[sha] for sha in found["members"]} for found in result["groups"]]


def test_keeping_one_rejects_the_faces_of_the_others_as_one_step(
    client: TestClient, store: Store, faces: list[str]
) -> None:
    sent = op("keep", *NAMES, on="two")
    result = ask(client, sent)
    assert result["status"] == "saved"
    assert verdicts(store) == [("reject", "duplicate"), (None, None), ("reject", "duplicate")]
    assert {f["face_id"]: f["verdict"] for f in result["faces"]} == dict(
        zip(faces, ("reject", None, "reject"), strict=True)
    )
    assert rows(store, "SELECT DISTINCT step, annotator, took_ms FROM decisions") == [(sent["uuid"], "Ann", 450)]
    undone = ask(client, op("undo"))
    assert {f["face_id"] for f in undone["faces"]} == {faces[0], faces[2]}
    assert verdicts(store) == [(None, None)] * 3


def test_the_decisions_routes_undo_takes_it_back_as_well(client: TestClient, store: Store, faces: list[str]) -> None:
    ask(client, op("keep", *NAMES, on="one"))
    undo = {"seq": 1, "op": "undo", "uuid": str(uuid.uuid4())}
    answer = client.post("/api/decisions", json={"ops": [undo]}, headers={"Origin": HERE})
    assert len(answer.json()["results"][0]["faces"]) == 2
    assert verdicts(store) == [(None, None)] * 3


def test_a_repeat_changes_nothing_and_tells_the_state(client: TestClient, store: Store, faces: list[str]) -> None:
    sent = op("keep", *NAMES, on="one")
    ask(client, sent)
    again = ask(client, sent)
    assert again["status"] != "refused"
    assert [f["verdict"] for f in sorted(again["faces"], key=lambda f: faces.index(f["face_id"]))] == [
        None, "reject", "reject",
    ]  # fmt: skip
    assert rows(store, "SELECT count(*) FROM decisions") == [(2,)]


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("en", ["saved earlier", "said earlier", "nothing to undo"]),
        ("zh", ["先前已保存", "先前已说明", "没有可撤销的"]),
    ],
)
def test_what_became_of_an_op_is_told_in_the_reader_s_language(
    client: TestClient, faces: list[str], language: str, told: list[str]
) -> None:
    kept, same = op("keep", *NAMES, on="two"), op("apart", *NAMES, on="three")
    undo = op("undo", step=str(uuid.uuid4()))
    ops = [kept, kept, undo, same, same]
    _, repeat, nothing, _, known = send(client, *ops, **{"Accept-Language": language}).json()["results"]
    assert [repeat["message"], known["message"], nothing["message"]] == told


def test_a_copy_that_was_not_on_the_screen_is_not_rejected(client: TestClient, store: Store) -> None:
    add_copies(store, [*NAMES, "four"])
    result = ask(client, op("keep", *NAMES, on="one"))
    assert members(result) == [{*NAMES, "four"}]
    assert [verdict for verdict, _ in verdicts(store)] == [None, "reject", "reject", None]


def test_a_photo_without_a_standing_face_is_not_kept(client: TestClient, store: Store, faces: list[str]) -> None:
    ask(client, op("keep", *NAMES, on="one"))
    result = ask(client, op("keep", *NAMES, on="two"))
    assert result["status"] == "refused"
    assert "no face of this photo stands" in result["message"]
    assert [verdict for verdict, _ in verdicts(store)] == [None, "reject", "reject"]


def test_earlier_rejections_keep_their_reason(client: TestClient, store: Store, faces: list[str]) -> None:
    blurred = store.read(lambda db: decide(db, faces[2], Verdict.REJECT, reason="blurred"))
    store.write(lambda db: apply_ops(db, "Bob", [blurred]))
    ask(client, op("keep", *NAMES, on="one"))
    assert verdicts(store) == [(None, None), ("reject", "duplicate"), ("reject", "blurred")]


def test_one_photo_is_told_apart_and_back(client: TestClient, store: Store, faces: list[str]) -> None:
    sent = op("apart", *NAMES, on="two")
    result = ask(client, sent)
    assert (result["status"], members(result)) == ("saved", [{"one", "three"}])
    assert set(rows(store, "SELECT a, b, same, annotator FROM pair_verdicts")) == {
        (*pair("one", "two"), 0, "Ann"), (*pair("two", "three"), 0, "Ann"),
    }  # fmt: skip
    assert ask(client, sent)["status"] == "repeat"
    assert rows(store, "SELECT count(*) FROM pair_verdicts") == [(2,)]
    back = op("together", *NAMES, pairs=[pair("one", "two"), pair("two", "three")])
    assert members(ask(client, back)) == [set(NAMES)]
    assert ask(client, back)["status"] == "repeat"
    assert rows(store, "SELECT count(*) FROM pair_verdicts") == [(4,)]
    assert rows(store, "SELECT count(*) FROM decisions") == [(0,)]


def test_an_answer_that_was_lost_says_nothing_anew_of_what_was_taken_back(
    client: TestClient, store: Store, faces: list[str]
) -> None:
    """ "Not the same", taken back (by anybody), and then the first request once more."""
    sent = op("apart", *NAMES, on="two")
    ask(client, sent)
    back = op("together", *NAMES, pairs=[pair("one", "two"), pair("two", "three")])
    ask(client, back)
    assert (ask(client, sent)["status"], members(ask(client, sent))) == ("repeat", [set(NAMES)])
    again = ask(client, op("apart", *NAMES, on="two"))
    assert (again["status"], members(again)) == ("saved", [{"one", "three"}])
    assert ask(client, back)["status"] == "repeat"
    assert rows(store, "SELECT count(*) FROM pair_verdicts") == [(6,)]


def test_none_are_the_same(client: TestClient, store: Store, faces: list[str]) -> None:
    result = ask(client, op("apart", *NAMES, sha256=None))
    assert (result["status"], result["groups"]) == ("saved", [])
    assert store.read(groups.open_groups) == 0
    assert ask(client, op("apart", *NAMES, sha256=None))["status"] == "repeat"


def test_nothing_is_said_of_a_copy_that_came_meanwhile(client: TestClient, store: Store, faces: list[str]) -> None:
    add_copies(store, ["four"])
    join(store, [*NAMES, "four"])
    for on in ("one", None):
        result = ask(client, op("apart", *NAMES, on=on))
        assert result["status"] == "refused"
        assert "does not show" in result["message"]
    assert rows(store, "SELECT count(*) FROM pair_verdicts") == [(0,)]


def test_pairs_of_other_photos_are_not_judged(client: TestClient, store: Store, faces: list[str]) -> None:
    ask(client, op("apart", *NAMES, sha256=None))
    for pairs in ([], [pair("one", "four")]):
        assert ask(client, op("together", *NAMES, pairs=pairs))["status"] == "refused"
    assert rows(store, "SELECT count(*) FROM pair_verdicts WHERE same") == [(0,)]


def test_a_label_for_all_copies_is_one_step(client: TestClient, store: Store, faces: list[str]) -> None:
    def label(db: Any) -> None:
        apply_ops(db, "Ann", [decide(db, faces[0], class_id=2), decide(db, faces[1], class_id=3)])

    store.write(label)
    assert len(store.read(conflicts)) == 1
    sent = op("label", *NAMES, class_id=2, faces=[[faces[1], sha_of("two")]])
    result = ask(client, sent)
    assert {f["face_id"]: f["class_id"] for f in result["faces"]} == {faces[0]: 2, faces[1]: 2, faces[2]: None}
    assert ask(client, sent)["status"] == "repeat"
    assert store.read(conflicts) == ()
    ask(client, op("undo"))
    assert rows(store, "SELECT class_id FROM face_state ORDER BY seq") == [(2,), (3,), (None,)]


def by_bob(store: Store, face: str, verdict: Verdict = Verdict.ACCEPT, class_id: int = 3) -> str:
    """Decided by somebody else; the decision's UUID."""
    made = store.read(lambda db: decide(db, face, verdict, class_id))
    store.write(lambda db: apply_ops(db, "Bob", [made]))
    return made.uuid


def test_keeping_leaves_what_somebody_else_accepted_meanwhile(
    client: TestClient, store: Store, faces: list[str]
) -> None:
    seen = dict.fromkeys(faces[1:], "")  # so it was when Ann looked
    bobs = by_bob(store, faces[1])
    result = ask(client, op("keep", *NAMES, on="one", seen=seen))
    assert result["status"] == "saved"  # of the other one
    assert [(f["face_id"], f["annotator"], f["class_id"]) for f in result["differs"]] == [(faces[1], "Bob", 3)]
    assert [verdict for verdict, _ in verdicts(store)] == [None, "accept", "reject"]
    assert {f["face_id"]: f["decision"] for f in result["faces"]}[faces[1]] == bobs
    again = ask(client, op("keep", *NAMES, on="one", seen={faces[1]: ""}))
    assert (again["status"], len(again["differs"])) == ("differs", 1)
    now = ask(client, op("keep", *NAMES, on="one", seen={faces[1]: bobs}))  # overruled, and Ann knows it
    assert (now["status"], now["differs"]) == ("saved", [])
    assert [verdict for verdict, _ in verdicts(store)] == [None, "reject", "reject"]


def test_an_op_that_does_not_say_what_it_saw_overrules_nobody(
    client: TestClient, store: Store, faces: list[str]
) -> None:
    by_bob(store, faces[1])
    assert ask(client, op("keep", *NAMES, on="one"))["differs"][0]["annotator"] == "Bob"
    assert ask(client, op("label", *NAMES, class_id=2, faces=[[faces[1], sha_of("two")]]))["status"] == "differs"
    assert [verdict for verdict, _ in verdicts(store)] == [None, "accept", "reject"]


def test_a_label_leaves_what_somebody_else_accepted_meanwhile(
    client: TestClient, store: Store, faces: list[str]
) -> None:
    both = [[faces[0], sha_of("one")], [faces[1], sha_of("two")]]
    first = by_bob(store, faces[0], class_id=1)
    by_bob(store, faces[1], class_id=4)
    result = ask(client, op("label", *NAMES, class_id=2, faces=both, seen={faces[0]: first, faces[1]: ""}))
    assert (result["status"], [f["face_id"] for f in result["differs"]]) == ("saved", [faces[1]])
    assert rows(store, "SELECT class_id FROM face_state ORDER BY seq") == [(2,), (4,), (None,)]


def test_an_undo_takes_back_the_step_that_the_page_names_and_no_other(
    client: TestClient, store: Store, faces: list[str]
) -> None:
    kept = op("keep", *NAMES, on="one")
    ask(client, kept)
    mine = store.read(lambda db: decide(db, faces[0], class_id=2))  # in Review, in another tab
    store.write(lambda db: apply_ops(db, "Ann", [mine]))
    undone = ask(client, op("undo", step=kept["uuid"]))
    assert {f["face_id"] for f in undone["faces"]} == set(faces[1:])
    assert [verdict for verdict, _ in verdicts(store)] == ["accept", None, None]
    assert ask(client, op("undo", step=kept["uuid"]))["faces"] == []
    assert [verdict for verdict, _ in verdicts(store)] == ["accept", None, None]


def test_a_refused_part_takes_the_whole_op_back(client: TestClient, store: Store, faces: list[str]) -> None:
    both = [[faces[0], sha_of("one")], ["f" * 32, sha_of("two")]]
    assert ask(client, op("label", *NAMES, class_id=2, faces=both))["status"] == "refused"
    assert rows(store, "SELECT count(*) FROM decisions") == [(0,)]
    assert store.read(verify_chain) == []


def test_ops_are_done_in_order_and_a_refused_one_keeps_the_others(
    client: TestClient, store: Store, faces: list[str]
) -> None:
    keeps = [op("keep", *NAMES, on=name) for name in ("three", "one", "two")]
    answer = send(client, op("apart", *NAMES, on="three"), *keeps[:2], op("undo"), keeps[2])
    assert [r["status"] for r in answer.json()["results"]] == ["saved", "refused", "saved", "saved", "saved"]
    assert [verdict for verdict, _ in verdicts(store)] == ["reject", None, None]


def test_who_may_not(client: TestClient, store: Store, faces: list[str]) -> None:
    sent = op("keep", *NAMES, on="one")
    assert client.post("/api/duplicates", json={"ops": [sent]}).status_code == 403
    assert send(client, sent, Origin="http://elsewhere.example").status_code == 403
    assert client.get("/api/duplicates").status_code == 405
    client.cookies.clear()
    assert send(client, sent).status_code == 401
    assert verdicts(store) == [(None, None)] * 3


BAD = {
    "not JSON": "{",
    "no list": '{"ops": 3}',
    "op no object": '{"ops": [3]}',
    "unknown op": {"op": "merge"},
    "no uuid": {"uuid": "u"},
    "keep without a photo": {"sha256": None},
    "a photo that was not shown": {"sha256": sha_of("four")},
    "members no hashes": {"members": ["one"]},
    "members a number": {"members": 3},
    "too many members": {"members": [sha_of("one")] * (duplicates.MOST_MEMBERS + 1)},
    "pairs flat": {"pairs": [sha_of("one"), sha_of("two")]},
    "a pair with itself": {"pairs": [[sha_of("one"), sha_of("one")]]},
    "faces no ids": {"faces": [["face", sha_of("one")]]},
    "class a text": {"class_id": "3"},
    "seen a list": {"seen": ["x"]},
    "seen no decisions": {"seen": {"f": "\ud800"}},
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_not_understood_stores_nothing(client: TestClient, store: Store, faces: list[str], name: str) -> None:
    bad = BAD[name]
    good = op("keep", *NAMES, on="one")
    body = bad if isinstance(bad, str) else json.dumps({"ops": [good, {**op("keep", *NAMES, on="two"), **bad}]})
    answer = client.post("/api/duplicates", content=body, headers={"Origin": HERE, "Content-Type": "application/json"})
    assert answer.status_code == 400
    assert answer.json()["error"]
    assert verdicts(store) == [(None, None)] * 3


def test_a_full_disk_is_never_saved(
    client: TestClient, store: Store, faces: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise StorageError("the disk is full")

    monkeypatch.setattr(duplicates, "apply_ops", full)
    answer = send(client, op("apart", *NAMES, on="one"), op("keep", *NAMES, on="two"))
    assert (answer.status_code, answer.json()["error"]) == (503, "the disk is full")
    assert rows(store, "SELECT count(*) FROM pair_verdicts") == [(0,)]


def test_the_time_of_a_label_is_shared_among_its_faces(client: TestClient, store: Store, faces: list[str]) -> None:
    named = [[face, sha_of(name)] for face, name in zip(faces, NAMES, strict=True)]
    found = ask(client, op("label", *NAMES, class_id=2, faces=named))
    assert found["status"] == "saved", found
    assert rows(store, "SELECT took_ms FROM decisions") == [(300,)] * 3
