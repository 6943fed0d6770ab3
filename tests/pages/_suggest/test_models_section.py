"""The section of models: side by side, which one is in force, another one's file."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from db.decisions.log import apply_ops
from db.store.store import Db, Store
from db.suggest.outside import add_predictions
from db.tables import suggesters
from pages._server import identity, workspace
from pages._suggest import models
from tests.db import make

PAGE = str(Path(__file__).resolve().parents[3] / "pages" / "suggestions.py")
GIVE = "INSERT OR REPLACE INTO roles VALUES (?, ?, 'Olga', '2026-01-31')"
AT = "2026-01-31T09:05:07.123Z"
SMILE, NONE = 3, 1


@pytest.fixture
def store(empty: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """Thirty gold smiles; resnet says smile of 27 of them, vit of 24. Olga, the owner, looks."""
    monkeypatch.setattr(identity, "identify", lambda cookies, headers: "Olga")
    opened = workspace.get_store()
    ids = make.add_images(opened, [f"p{n}" for n in range(30)])

    def work(db: Db) -> None:
        apply_ops(db, "Olga", [make.decide(db, face, class_id=SMILE) for face in ids])
        for face in ids:
            db.execute("INSERT INTO gold VALUES (?, 'accept', ?, NULL, 'Olga', ?)", [face, SMILE, AT])
        for name, right in (("resnet", 27), ("vit", 24)):
            said = {seq: {SMILE if seq <= right else NONE: 0.9} for seq in range(1, 31)}
            add_predictions(db, name, "2024-06", said, "Olga")
        for name, role in (("Rita", "reviewer"), ("Vic", "viewer")):
            db.execute("INSERT INTO annotators (name, created_at) VALUES (?, '2026')", [name])
            db.execute(GIVE, [name, role])

    opened.write(work)
    return opened


def page() -> AppTest:
    made = AppTest.from_file(PAGE, default_timeout=60)
    made.query_params["section"] = "models"
    made.run()
    assert not made.exception
    return made


def told(made: AppTest) -> str:
    return " ".join(one.proto.body for one in made.get("html"))


def test_side_by_side_with_intervals_and_against_the_one_in_force(store: Store) -> None:
    store.write(lambda db: suggesters.choose(db, "resnet", by="Olga"))
    shown = told(page())
    assert "resnet</b> 2024-06 · in force" in shown
    assert "90 %" in shown
    assert "(74 to 97, of 30)" in shown  # Wilson's interval of 27 of 30, by hand
    assert "80 %" in shown
    assert "alone right on 0, alone wrong on 3, of 30" in shown
    assert "too few to say: 0 of 20" in shown  # nothing was drawn at random


def test_an_owner_chooses_which_one_is_in_force(store: Store) -> None:
    made = page()
    made.selectbox(models._CHOICE).set_value("vit")
    made.button("suggester-save").click().run()
    assert store.read(suggesters.in_force) == "vit"
    assert "vit</b> 2024-06 · in force" in told(made)


@pytest.mark.parametrize(("name", "brings"), [("Rita", True), ("Vic", False)])
@pytest.mark.usefixtures("store")
def test_what_a_role_may_not_do_is_not_offered(name: str, brings: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(identity, "identify", lambda cookies, headers: name)
    made = page()
    assert "resnet" in told(made)
    assert [one.key for one in made.selectbox] == []
    assert [one.key for one in made.button if one.key == "predictions-take"] == ["predictions-take"] * brings


def bring_in(made: AppTest, text: str, name: str) -> None:
    """As a hand does it: the field of the name is left by pressing the button, so both come at once."""
    made.get("file_uploader")[0].set_value(("mine.csv", text.encode(), "text/csv"))
    made.run()
    made.text_input(models._NAME).set_value(name)
    assert not made.button("predictions-take").disabled
    made.button("predictions-take").click().run()


def test_a_file_is_brought_in_and_a_refused_one_is_listed(store: Store) -> None:
    face = store.read(lambda db: db.execute("SELECT id FROM faces WHERE seq = 1").fetchone()[0])
    made = page()
    bring_in(made, "face_id,class,confidence\n", " ")
    assert "Type the name of the model first" in made.error[0].value
    bring_in(made, f"face_id,class,confidence\n{face},grin,0.9\n", "mine")
    assert "Nothing was taken: 1 row refused" in made.error[0].value.replace("\\", "")
    assert "line 2: no class is called 'grin'" in made.error[0].value.replace("\\", "")
    bring_in(made, f"face_id,class,confidence\n{face},smile,0.9\n", "mine")
    assert "1 face with new suggestions of “mine”" in made.success[0].value.replace("\\", "")
    assert "<b>mine</b> 1" in told(made)
    who = store.read(lambda db: db.execute("SELECT annotator FROM suggestion_models WHERE name = 'mine'").fetchone())
    assert who == ("Olga",)


def test_what_became_of_a_file_is_told_while_it_is_in_its_box(store: Store) -> None:
    """Gone with the next run it moved all that stands below, under a press on it."""
    face = store.read(lambda db: db.execute("SELECT id FROM faces WHERE seq = 1").fetchone()[0])
    made = page()
    bring_in(made, f"face_id,class,confidence\n{face},smile,0.9\n", "mine")
    made.selectbox(models._CHOICE).set_value("mine").run()
    assert len(made.success) == 1
    made.button("suggester-save").click().run()
    assert len(made.success) == 1
    made.get("file_uploader")[0].set_value(("other.csv", b"face_id,class,confidence\n", "text/csv"))
    made.run()
    assert len(made.success) == 0
