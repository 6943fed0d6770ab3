"""Blind answers cannot be read by the other person's cookie: through no route, page, export or command.

Ann answers; Ben looks everywhere. What she answered is marked so that it can be looked for in any text: a class, a
reason and a name that occur nowhere else.
"""

from __future__ import annotations

import json
import uuid
from pathlib import Path
from typing import Any

import pytest
from starlette.routing import Route
from starlette.testclient import TestClient
from streamlit.testing.v1 import AppTest

from db.decisions.log import apply_ops
from db.store.store import Store
from db.tables import classes, roles
from db.tables.annotators import ensure_annotator
from db.team import gold, second_opinions
from db.team.notes import add_note
from db.team.second_opinions import Setting
from pages._components import review_grid
from pages._routes import routes
from pages._server import identity, workspace
from pipeline.core.records import Verdict
from tests.db.make import add_images, decide, sha_of
from tests.pages.conftest import client_of
from tests.pipeline import commands as cli

PAGES = Path(__file__).resolve().parents[4] / "pages"
WHO = "Annabella"
CLASS = "zebrasmile"
NAMES = ["a", "b", "c"]


class Answered:
    """The workspace after Ann answered: the first face with the class, the second with a reason, the third not."""

    def __init__(self, store: Store) -> None:
        self.faces = add_images(store, NAMES)
        for name in ("Ben", WHO, "Lee"):
            store.write(lambda db, name=name: ensure_annotator(db, name))
        store.write(lambda db: roles.set_role(db, "Ben", "owner", "Lee"))  # who may read the most
        for number in range(70):  # an id of two digits, which no count here has
            store.write(lambda db, n=number: classes.add_class(db, f"spare {n}"))
        self.label = store.write(lambda db: classes.add_class(db, CLASS)).id
        store.write(lambda db: db.execute("UPDATE images SET proposal = ? WHERE original <> '/x/c'", [self.label]))
        store.write(lambda db: db.execute("UPDATE face_state SET proposal = ? WHERE seq < 3", [self.label]))
        self.ops = [
            store.write(lambda db: decide(db, self.faces[0], Verdict.ACCEPT, self.label)),
            store.write(lambda db: decide(db, self.faces[1], Verdict.REJECT, reason="occluded")),
        ]

    def found_in(self, text: str) -> list[str]:
        """What a text tells of Ann's answers."""
        plain = text.replace(" ", "")
        wanted = [op.uuid for op in self.ops] + [f'class_id":{self.label}', f'proposal":{self.label}', "occluded"]
        return [one for one in [*wanted, '"accept"', '"reject"', f"{WHO}:"] if one in plain]


@pytest.fixture
def opinions(empty: Path) -> Answered:
    """Both faces want two people's answers."""
    store = workspace.get_store()
    made = Answered(store)
    store.write(lambda db: second_opinions.set_share(db, Setting(share=1.0), "Lee"))
    store.write(lambda db: apply_ops(db, WHO, made.ops))
    store.write(lambda db: add_note(db, WHO, made.faces[0], str(uuid.uuid4()), "a reject for sure: occluded"))
    return made


@pytest.fixture
def slipped(empty: Path) -> Answered:
    """Both faces are gold, made by Ann; Ben has them before him as if they were undecided."""
    store = workspace.get_store()
    made = Answered(store)
    store.write(lambda db: apply_ops(db, WHO, made.ops))
    for face in made.faces[:2]:
        store.write(lambda db, face=face: gold.make_gold(db, face, WHO))
    store.write(lambda db: gold.set_share(db, 0.5, WHO))
    body = {"query": {}, "size": 4}
    served = client_of("Ben").post("/api/claims/next", json=body).json()["faces"]
    assert set(made.faces[:2]) <= set(served)
    return made


@pytest.fixture(params=["opinions", "slipped"])
def answered(request: pytest.FixtureRequest) -> Answered:
    found: Answered = request.getfixturevalue(request.param)
    return found


def every_path(made: Answered) -> list[str]:
    """Each route that is read, with everything that could stand in its place."""
    shas = [sha_of(name) for name in NAMES]
    fills = {"{id}": [*made.faces, *shas], "{kind}": ["crop", "overlay", "unified", "thumb"], "{sha256}": shas}
    paths = [route.path for route in routes if isinstance(route, Route) and "GET" in (route.methods or set())]
    for mark, values in fills.items():
        paths = [path.replace(mark, value) for path in paths for value in (values if mark in path else [""])]
    assert len(paths) > 20
    return [*paths, "/api/changes?after=0"]


def test_no_route_tells(answered: Answered) -> None:
    ben = client_of("Ben")
    for path in every_path(answered):
        got = ben.get(path, follow_redirects=False)
        if path in ("/api/guidelines", "/api/v1/openapi.json"):  # every class, or every reason, is in there
            continue
        assert answered.found_in(got.text if "json" in got.headers.get("content-type", "") else "") == [], path
    told = {one["face_id"]: one for one in ben.get("/api/changes?after=0").json()["faces"]}
    assert {told[face]["verdict"] for face in answered.faces[:2]} == {None}
    assert [ben.get(f"/api/face/{face}").json()["history"] for face in answered.faces[:2]] == [[], []]
    assert ben.get(f"/api/face/{answered.faces[0]}").json()["notes"]["notes"] == []


def test_gold_looks_like_what_it_is_slipped_in_among(slipped: Answered) -> None:
    """In a batch with gold no face tells its folder, file or search, nor what they propose: gold would stand out."""
    ben, third = client_of("Ben"), slipped.faces[2]
    workspace.get_store().write(
        lambda db: db.execute("UPDATE images SET proposal = ? WHERE original = '/x/c'", [slipped.label])
    )
    shown = [ben.get(f"/api/face/{face}").json() for face in slipped.faces]
    assert {(one["image"]["location"], one["image"]["source"], one["proposal"]) for one in shown} == {
        ("", "Folder", None)
    }
    assert [one["provenance"] for one in shown] == [[], [], []]
    lee = client_of("Lee").get(f"/api/face/{third}").json()  # who has no gold before them
    assert lee["image"]["location"] == "/x/c.jpg"
    assert lee["proposal"] == slipped.label


def asked(client: TestClient, path: str, body: Any) -> str:
    got = client.post(path, json=body)
    assert got.status_code == 200, got.text
    return got.text


def test_no_answer_to_what_is_sent_tells(answered: Answered) -> None:
    ben = client_of("Ben")
    face, sha = answered.faces[0], sha_of(NAMES[0])
    undo = {"op": "undo", "uuid": str(uuid.uuid4())}
    texts = [
        asked(ben, "/api/claims/next", {"query": {}, "size": 9}),
        asked(ben, "/api/claims/next", {"query": {"proposal": str(answered.label)}, "size": 9}),
        asked(ben, "/api/claims/others", {"faces": answered.faces}),
        asked(ben, "/api/decisions", {"ops": [undo]}),
        asked(ben, "/api/decisions", {"ops": [{"op": "redo", "uuid": str(uuid.uuid4())}]}),
        asked(ben, "/api/notes", {"face_id": face, "id": str(uuid.uuid4()), "text": "well"}),
        asked(ben, "/api/duplicates", {"ops": [
            {"op": "apart", "uuid": str(uuid.uuid4()), "members": [sha, sha_of("b")], "seq": 1}]}),
    ]  # fmt: skip
    for text in texts:
        assert answered.found_in(text) == []
        assert "for sure" not in text


def test_what_one_takes_back_is_blind_again(answered: Answered) -> None:
    ben = client_of("Ben")
    op = {"op": "decide", "uuid": str(uuid.uuid4()), "step": "s", "face_id": answered.faces[2], "sha256": sha_of("c"),
          "verdict": "unsure"}  # fmt: skip
    assert answered.found_in(asked(ben, "/api/decisions", {"ops": [op]})) == []
    assert answered.found_in(asked(ben, "/api/decisions", {"ops": [{"op": "undo", "uuid": str(uuid.uuid4())}]})) == []
    gold_op = {**op, "uuid": str(uuid.uuid4()), "step": "t", "face_id": answered.faces[1], "sha256": sha_of("b")}
    asked(ben, "/api/decisions", {"ops": [gold_op]})
    assert ben.get(f"/api/face/{answered.faces[1]}").json()["history"]
    assert answered.found_in(asked(ben, "/api/decisions", {"ops": [{"op": "undo", "uuid": str(uuid.uuid4())}]})) == []
    assert answered.found_in(ben.get(f"/api/face/{answered.faces[1]}").text) == []


def test_all_is_told_once_all_have_answered(opinions: Answered) -> None:
    ben = client_of("Ben")
    op = {"op": "decide", "uuid": str(uuid.uuid4()), "step": "s", "face_id": opinions.faces[0], "sha256": sha_of("a"),
          "verdict": "unsure"}  # fmt: skip
    asked(ben, "/api/decisions", {"ops": [op]})
    history = ben.get(f"/api/face/{opinions.faces[0]}").json()["history"]
    assert {entry["annotator"] for entry in history} == {WHO, "Ben"}


def test_ones_own_answer_is_told(opinions: Answered) -> None:
    ann = client_of(WHO)
    assert [one["class_id"] for one in ann.get(f"/api/face/{opinions.faces[0]}").json()["history"]] == [opinions.label]
    told = {one["face_id"]: one for one in ann.get("/api/changes?after=0").json()["faces"]}
    assert told[opinions.faces[0]]["class_id"] == opinions.label


@pytest.fixture
def as_ben(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """The pages are Ben's; what the grid was given."""
    given: list[dict[str, Any]] = []
    monkeypatch.setattr(identity, "identify", lambda cookies, headers: "Ben")
    monkeypatch.setattr(review_grid, "review_grid", lambda data, **_: given.append(dict(data)))
    return given


@pytest.mark.parametrize("state", ["undecided", "rejected", "accepted", "all", "class"])
def test_no_list_of_review_tells(answered: Answered, as_ben: list[dict[str, Any]], state: str) -> None:
    page = AppTest.from_file(str(PAGES / "review.py"), default_timeout=60)
    page.query_params["state"] = f"class:{answered.label}" if state == "class" else state
    page.run()
    assert not page.exception
    items = as_ben[-1]["items"] if as_ben else []
    assert {item["id"] for item in items} == (set(answered.faces) if state in ("undecided", "all") else set())
    assert answered.found_in(json.dumps(items)) == []
    for box in page.selectbox:  # the counts of the filters
        assert not [one for one in box.options if CLASS in one and not one.endswith("0")]


@pytest.mark.parametrize("name", ["overview", "progress", "duplicates", "export", "clean"])
def test_no_page_tells(opinions: Answered, as_ben: list[dict[str, Any]], name: str) -> None:
    page = AppTest.from_file(str(PAGES / f"{name}.py"), default_timeout=60).run()
    assert not page.exception
    shown = json.dumps([str(one.value) for kind in ("markdown", "metric", "caption", "dataframe", "table", "text")
                        for one in page.get(kind) if hasattr(one, "value")]
                       + [one.proto.body for one in page.get("html")], default=str)  # fmt: skip
    assert opinions.found_in(shown) == []
    assert "occluded" not in shown


@pytest.mark.parametrize("command", [["status", "--json"], ["verify"]])
def test_no_command_tells(opinions: Answered, empty: Path, command: list[str]) -> None:
    done = cli.call(*command, "--workspace", empty)
    assert opinions.found_in(done.stdout) == []
    assert f'{CLASS}": 1' not in done.stdout


def test_no_export_holds_it(opinions: Answered, empty: Path, tmp_path: Path) -> None:
    cli.call("export", "--out", tmp_path / "out", "--workspace", empty)
    assert not list((tmp_path / "out").rglob("*.png"))
