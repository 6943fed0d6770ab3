"""The Classes page, driven as a person does."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from db.decisions.log import apply_ops
from db.decisions.ops import DecideOp
from db.store.store import Store
from db.tables import classes
from db.tables.annotators import ensure_annotator
from pages._server import identity, workspace
from pages._ui import badge
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
def app(store: Store) -> AppTest:
    return AppTest.from_file(PAGE, default_timeout=30).run()


def specs(store: Store) -> list[ClassSpec]:
    return store.read(classes.list_classes)


def names(store: Store) -> list[str]:
    return [spec.name for spec in specs(store)]


def accept(store: Store, name: str, class_id: int) -> None:
    (face,) = add_images(store, [name])
    key = str(uuid.uuid4())
    store.write(lambda db: ensure_annotator(db, "Ann"))
    op = DecideOp(key, key, face, sha_of(name), Verdict.ACCEPT, class_id, None, 1)
    store.write(lambda db: apply_ops(db, "Ann", [op]))


def test_the_four_classes_are_shown_with_what_they_have(app: AppTest) -> None:
    assert not app.exception
    assert [app.text_input(key=f"class_{n}_name").value for n in (1, 2, 3, 4)] == [
        "none", "pout", "smile", "openmouth"
    ]  # fmt: skip
    assert [app.text_input(key=f"class_{n}_key").value for n in (1, 2, 3, 4)] == ["1", "2", "3", "4"]
    assert app.color_picker(key="class_3_colour").value == "#009e73"


def test_renaming_keeps_the_decisions(store: Store, app: AppTest) -> None:
    accept(store, "a", 3)
    app.text_input(key="class_3_name").set_value("grin").run()
    assert not app.error
    assert names(store) == ["none", "pout", "grin", "openmouth"]
    (verdict,) = store.read(lambda db: db.execute("SELECT verdict, class_id FROM face_state").fetchall())
    assert verdict == ("accept", 3)


def test_key_badge_and_colour_change_at_once(store: Store, app: AppTest) -> None:
    app.text_input(key="class_2_key").set_value("v").run()
    app.text_input(key="class_2_letter").set_value("q").run()
    app.color_picker(key="class_2_colour").set_value("#123456").run()
    assert specs(store)[1] == ClassSpec(2, "pout", "v", "#123456", "q")


@pytest.mark.parametrize(
    ("field", "given", "words"),
    [("name", "smile", "already"), ("name", "a/b", "folder"), ("key", "1", "belongs to"), ("key", "x", "cannot be")],
)
def test_a_refusal_is_told_and_the_field_shows_what_is_kept(
    store: Store, app: AppTest, field: str, given: str, words: str
) -> None:
    before = specs(store)
    app.text_input(key=f"class_2_{field}").set_value(given).run()
    assert words in app.error[0].value
    assert app.text_input(key=f"class_2_{field}").value == getattr(before[1], field)
    assert specs(store) == before
    app.text_input(key="class_2_key").set_value("9").run()
    assert not app.error


def test_classes_are_reordered(store: Store, app: AppTest) -> None:
    assert app.button(key="class_1_Up").disabled
    assert app.button(key="class_4_Down").disabled
    app.button(key="class_4_Up").click().run()
    app.button(key="class_1_Down").click().run()
    assert names(store) == ["pout", "none", "openmouth", "smile"]
    assert [one.key for one in specs(store)] == ["2", "1", "4", "3"]
    app.button(key="classes_digits").click().run()
    assert [one.key for one in specs(store)] == ["1", "2", "3", "4"]
    assert "classes_digits" not in {button.key for button in app.button}


def test_a_class_is_added_with_a_free_key(store: Store, app: AppTest) -> None:
    app.text_input(key="classes_new").set_value("tongue out")
    next(button for button in app.button if button.label == "Add").click().run()
    assert not app.error
    added = specs(store)[-1]
    assert (added.name, added.key, added.letter) == ("tongue out", "5", "t")
    assert app.text_input(key="classes_new").value == ""
    app.text_input(key="classes_new").set_value("Smile")
    next(button for button in app.button if button.label == "Add").click().run()
    assert "already" in app.error[0].value
    assert app.text_input(key="classes_new").value == "Smile"


def test_a_class_is_put_away_and_brought_back_as_it_was(store: Store, app: AppTest) -> None:
    before = specs(store)[1]
    app.button(key="class_2_archive").click().run()
    assert names(store) == ["none", "smile", "openmouth"]
    app.button(key="class_2_back").click().run()
    assert specs(store)[-1] == before


def test_a_class_with_accepted_faces_stays(store: Store, app: AppTest) -> None:
    accept(store, "a", 2)
    app.button(key="class_2_archive").click().run()
    assert "1 accepted face" in app.error[0].value
    assert "/review?state=class%3A2" in [link.url for link in app.get("link_button")]
    assert "pout" in names(store)


@pytest.mark.parametrize(
    ("colour", "ink"), [("#ffffff", "#000000"), ("#000000", "#ffffff"), ("#0072b2", "#ffffff"), ("#f0e442", "#000000")]
)
def test_the_letter_stands_out_from_its_colour(colour: str, ink: str) -> None:
    assert badge.ink(colour) == ink


def test_a_badge_escapes_its_letter() -> None:
    assert "<b" not in badge.badge(ClassSpec(1, "x", "1", "#ffffff", "<")).replace("<span", "")
    assert "&lt;" in badge.badge(ClassSpec(1, "x", "1", "#ffffff", "<"))


def test_all_faces_of_a_class_become_another_one_and_it_can_be_archived(store: Store) -> None:
    faces = add_images(store, ["one", "two"])
    named = ("one", "two")
    ops = [DecideOp(str(uuid.uuid4()), "s", faces[n], sha_of(named[n]), Verdict.ACCEPT, 3) for n in range(2)]
    store.write(lambda db: (ensure_annotator(db, "Ann"), apply_ops(db, "Ann", ops)))
    app = AppTest.from_file(PAGE, default_timeout=30).run()
    assert app.button("merge").disabled  # into which class is said, not taken as it comes
    app.selectbox("merge_to").set_value(2).run()
    app.button("merge").click().run()
    assert not app.exception
    assert app.info[0].value.replace("\\", "") == "2 faces given the other class, as one step."
    assert store.read(lambda db: db.execute("SELECT class_id, count(*) FROM face_state").fetchone()) == (2, 2)
    app.button("class_3_archive").click().run()
    assert 3 not in [spec.id for spec in specs(store)]
