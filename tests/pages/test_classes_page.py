"""The Classes page: what the editor is given to show, and what comes of what it sends."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from db.decisions.log import apply_ops
from db.decisions.ops import DecideOp
from db.store.store import Store
from db.tables import classes
from db.tables.annotators import ensure_annotator
from pages._classes.changes import Told, carry_out
from pages._components import class_editor
from pages._server import identity, permission, workspace
from pages._ui import badge
from pipeline.core.errors import NotAllowedError
from pipeline.core.messages import message
from pipeline.core.records import ClassSpec, Verdict
from tests.db.make import add_images, sha_of

PAGE = str(Path(__file__).resolve().parents[2] / "pages" / "classes.py")


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    monkeypatch.setenv("MOUE_WORKSPACE", str(tmp_path))
    monkeypatch.setattr(identity, "identify", lambda cookies, headers: "Ann")
    yield workspace.get_store()
    workspace.close_store()


@pytest.fixture
def shown(store: Store, monkeypatch: pytest.MonkeyPatch) -> Callable[[], Mapping[str, Any]]:
    """What the page gives the editor, each time it is opened."""
    given: list[Mapping[str, Any]] = []
    monkeypatch.setattr(class_editor, "class_editor", lambda data, **_more: given.append(data))

    def open_page() -> Mapping[str, Any]:
        app = AppTest.from_file(PAGE, default_timeout=30).run()
        assert not app.exception
        return given[-1]

    return open_page


@pytest.fixture
def change(store: Store) -> Callable[..., Told | None]:
    def send(what: str, class_id: int = 0, value: object = "", **more: object) -> Told | None:
        return carry_out(store, {"do": what, "id": class_id, "value": value, **more})

    return send


def specs(store: Store) -> list[ClassSpec]:
    return store.read(classes.list_classes)


def names(store: Store) -> list[str]:
    return [spec.name for spec in specs(store)]


def accept(store: Store, class_id: int, *images: str) -> None:
    faces = add_images(store, list(images))
    keys = [str(uuid.uuid4()) for _ in images]
    ops = [
        DecideOp(key, key, face, sha_of(name), Verdict.ACCEPT, class_id, None, 1)
        for key, face, name in zip(keys, faces, images, strict=True)
    ]
    store.write(lambda db: (ensure_annotator(db, "Ann"), apply_ops(db, "Ann", ops)))


def test_the_four_classes_are_shown_with_what_they_have(store: Store, shown: Callable[[], Mapping[str, Any]]) -> None:
    accept(store, 3, "a", "b")
    data = shown()
    assert [(row["name"], row["key"], row["accepted"]) for row in data["rows"]] == [
        ("none", "1", "0"), ("pout", "2", "0"), ("smile", "3", "2"), ("openmouth", "4", "0"),
    ]  # fmt: skip
    assert data["rows"][2]["colour"] == "#009e73"
    assert data["rows"][2]["faces"] == "2 faces"
    assert data["rows"][2]["see"] == "/review?state=class%3A3"
    assert not data["archived"]
    assert not data["digits"]
    assert not data["locked"]


def test_a_reader_is_told_why_nothing_can_be_changed(
    store: Store, shown: Callable[[], Mapping[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pages._ui.why_not", lambda action: f"not you: {action}")
    assert shown()["locked"] == "not you: classes"


def test_who_may_not_changes_nothing(
    store: Store, change: Callable[..., Told | None], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(action: str) -> str:
        raise NotAllowedError(message("sign_in_first"))

    monkeypatch.setattr(permission, "require", refuse)
    before = specs(store)
    told = change("name", 2, "grin")
    assert told is not None
    assert told.error
    assert told.beside == 2
    assert specs(store) == before


def test_renaming_keeps_the_decisions(store: Store, change: Callable[..., Told | None]) -> None:
    accept(store, 3, "a")
    assert change("name", 3, "grin") is None
    assert names(store) == ["none", "pout", "grin", "openmouth"]
    (verdict,) = store.read(lambda db: db.execute("SELECT verdict, class_id FROM face_state").fetchall())
    assert verdict == ("accept", 3)


def test_key_badge_and_colour_change_at_once(store: Store, change: Callable[..., Told | None]) -> None:
    for field, value in (("key", "v"), ("letter", " q "), ("colour", "#123456")):
        assert change(field, 2, value) is None
    assert specs(store)[1] == ClassSpec(2, "pout", "v", "#123456", "q")


@pytest.mark.parametrize(
    ("field", "given", "words"),
    [("name", "smile", "already"), ("name", "a/b", "folder"), ("key", "1", "belongs to"), ("key", "x", "cannot be")],
)
def test_a_refusal_is_told_beside_the_class_and_nothing_changes(
    store: Store, change: Callable[..., Told | None], field: str, given: str, words: str
) -> None:
    before = specs(store)
    told = change(field, 2, given)
    assert told is not None
    assert words in told.text
    assert (told.beside, told.error) == (2, True)
    assert specs(store) == before


def test_classes_are_reordered(
    store: Store, change: Callable[..., Told | None], shown: Callable[[], Mapping[str, Any]]
) -> None:
    change("up", 1)  # the first one stays where it is
    change("up", 4)
    change("down", 1)
    assert names(store) == ["pout", "none", "openmouth", "smile"]
    assert [one.key for one in specs(store)] == ["2", "1", "4", "3"]
    assert shown()["digits"]
    change("digits")
    assert [one.key for one in specs(store)] == ["1", "2", "3", "4"]
    assert not shown()["digits"]
    told = change("up", 99)
    assert told is not None
    assert "99" in told.text


def test_a_class_is_added_with_a_free_key(store: Store, change: Callable[..., Told | None]) -> None:
    assert change("add", value="tongue out") is None
    added = specs(store)[-1]
    assert (added.name, added.key, added.letter) == ("tongue out", "5", "t")
    told = change("add", value="Smile")
    assert told is not None
    assert "already" in told.text
    assert told.beside == "add"


def test_a_class_is_put_away_and_brought_back_as_it_was(
    store: Store, change: Callable[..., Told | None], shown: Callable[[], Mapping[str, Any]]
) -> None:
    before = specs(store)[1]
    change("archive", 2)
    assert names(store) == ["none", "smile", "openmouth"]
    assert [one["name"] for one in shown()["archived"]] == ["pout"]
    change("back", 2)
    assert specs(store)[-1] == before
    assert not shown()["archived"]


def test_a_class_with_accepted_faces_stays(store: Store, change: Callable[..., Told | None]) -> None:
    accept(store, 2, "a")
    told = change("archive", 2)
    assert told is not None
    assert "1 accepted face" in told.text
    assert told.in_use
    assert "pout" in names(store)


def test_all_faces_of_a_class_become_another_one_and_it_can_be_archived(
    store: Store, change: Callable[..., Told | None]
) -> None:
    accept(store, 3, "one", "two")
    assert change("merge", 3, 2) == Told("merge", "2 faces given the other class, as one step.", error=False)
    assert store.read(lambda db: db.execute("SELECT class_id, count(*) FROM face_state").fetchone()) == (2, 2)
    assert change("archive", 3) is None
    assert 3 not in [spec.id for spec in specs(store)]


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"what": "name", "class_id": 2, "value": "x", "seen": "pout"}, "“pout” became “kiss”"),
        ({"what": "key", "class_id": 2, "value": "v", "seen": "2"}, "“2” became “w”"),
        ({"what": "letter", "class_id": 2, "value": "x", "seen": "p"}, "“p” became “k”"),
        ({"what": "colour", "class_id": 2, "value": "#123456", "seen": "#e69f00"}, "became “#000000”"),
        ({"what": "up", "class_id": 3, "seen": [1, 2, 3, 4, 5]}, "order was changed"),
        ({"what": "digits", "seen": [1, 2, 3, 4, 5]}, "order was changed"),
        ({"what": "archive", "class_id": 2, "seen": "pout"}, "“pout” became “kiss”"),
        ({"what": "name", "class_id": 5, "value": "x", "seen": "tongue"}, "archived meanwhile"),
        ({"what": "down", "class_id": 5, "seen": [2, 1, 3, 4]}, "archived meanwhile"),
        ({"what": "merge", "class_id": 3, "value": 5, "seen": ["smile", "tongue"], "faces": 2}, "archived meanwhile"),
        ({"what": "merge", "class_id": 3, "value": 2, "seen": ["smile", "pout"], "faces": 2}, "“pout” became “kiss”"),
        ({"what": "merge", "class_id": 3, "value": 2, "seen": ["smile", "kiss"], "faces": 1}, "2 now, not 1"),
    ],
)
def test_what_another_tab_changed_meanwhile_is_not_changed_unseen(
    store: Store, change: Callable[..., Told | None], sent: dict[str, Any], words: str
) -> None:
    accept(store, 3, "one", "two")
    change("add", value="tongue")
    for what, value in (("name", "kiss"), ("key", "w"), ("letter", "k"), ("colour", "#000000"), ("up", "")):
        assert change(what, 2, value) is None
    assert change("archive", 5, seen="tongue") is None

    def state() -> list[object]:
        tables = ("classes", "face_state", "decisions", "audit")
        return store.read(lambda db: [list(db.execute(f"SELECT * FROM {table}")) for table in tables])

    before = state()
    told = change(**sent)
    assert told is not None
    assert told.error
    assert words in told.text
    assert state() == before


def test_what_is_so_already_is_done_in_silence(store: Store, change: Callable[..., Told | None]) -> None:
    """By another tab, or by the same change sent again to a server that was killed before it could answer."""
    for _ in range(2):
        assert change("name", 2, "kiss ", seen="pout") is None
        assert change("colour", 2, "#000000", seen="#e69f00") is None
    for what in ("archive", "archive", "back", "back"):
        assert change(what, 4, seen="openmouth") is None
    assert names(store) == ["none", "kiss", "smile", "openmouth"]
    noted = store.read(lambda db: [kind for (kind,) in db.execute("SELECT action FROM audit ORDER BY seq")])
    assert noted[-4:] == ["class_renamed", "class_changed", "class_archived", "class_brought_back"]


def test_a_move_that_moves_nothing_is_not_in_the_audit(store: Store, change: Callable[..., Told | None]) -> None:
    before = store.read(lambda db: db.execute("SELECT count(*) FROM audit").fetchone())
    assert change("up", 1) is None
    assert store.read(lambda db: db.execute("SELECT count(*) FROM audit").fetchone()) == before


@pytest.mark.parametrize("sent", [{"do": "drop", "id": 1}, {"do": "name", "id": "x"}, {"id": 1}])
def test_what_no_editor_sends_is_an_error(store: Store, sent: Mapping[str, Any]) -> None:
    with pytest.raises((KeyError, ValueError)):
        carry_out(store, sent)


@pytest.mark.parametrize(
    ("colour", "ink"), [("#ffffff", "#000000"), ("#000000", "#ffffff"), ("#0072b2", "#ffffff"), ("#f0e442", "#000000")]
)
def test_the_letter_stands_out_from_its_colour(colour: str, ink: str) -> None:
    assert badge.ink(colour) == ink


def test_a_badge_escapes_its_letter() -> None:
    assert "<b" not in badge.badge(ClassSpec(1, "x", "1", "#ffffff", "<")).replace("<span", "")
    assert "&lt;" in badge.badge(ClassSpec(1, "x", "1", "#ffffff", "<"))
