"""The Team page's hand-outs, second opinions and gold; and Review's link to the first."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from db.decisions.log import apply_ops
from db.projection.filters import ReviewFilter
from db.store.store import Store
from db.tables import roles
from db.tables.annotators import ensure_annotator
from db.team import claims, gold, handouts, second_opinions
from db.team.second_opinions import OpinionCounts
from pages._server import identity, workspace
from tests.db.make import add_images, decide

PAGES = Path(__file__).resolve().parents[3] / "pages"


@pytest.fixture
def faces(empty: Path) -> list[str]:
    store = workspace.get_store()
    for name in ("Ada", "Ben", "Cyd"):
        store.write(lambda db, name=name: ensure_annotator(db, name))
    store.write(lambda db: roles.set_role(db, "Cyd", "reviewer", "Ada"))
    add_images(store, ["v", "w", "x", "y"])
    return add_images(store, ["a", "b", "c"], source="/pout")


def store() -> Store:
    return workspace.get_store()


def open_as(name: str, monkeypatch: pytest.MonkeyPatch, section: str, **params: str) -> AppTest:
    monkeypatch.setattr(identity, "identify", lambda cookies, headers: name)
    page = AppTest.from_file(str(PAGES / "team.py"), default_timeout=30)
    page.query_params["section"] = section
    for key, said in params.items():
        page.query_params[key] = said
    page.run()
    assert not page.exception
    return page


def texts(page: AppTest) -> str:
    shown = "\n".join(str(one.value) for one in (*page.markdown, *page.info, *page.caption, *page.error))
    return shown.replace("\\", "")


def test_a_lead_hands_a_filter_out_sees_what_is_left_and_takes_it_back(
    faces: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    page = open_as("Cyd", monkeypatch, "handouts", source="2")
    assert "**3 faces**: Undecided · Folder: /pout" in texts(page)
    page.selectbox(key="handout-person").set_value("Ben").run()
    page.button(key="handout-give").click().run()
    assert "**Ben** A · Undecided · Folder: /pout · 3 left" in texts(page)
    store().write(lambda db: apply_ops(db, "Ben", [decide(db, faces[0])]))
    page = open_as("Cyd", monkeypatch, "handouts")
    assert "3 left" not in texts(page)
    assert "2 left" in texts(page)
    (one,) = store().read(handouts.standing)
    page.button(key=f"handout-back-{one.id}").click().run()
    assert "Nothing is handed out." in texts(page)


def test_the_same_hand_out_again_is_refused_in_words(faces: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    store().write(lambda db: handouts.hand_out(db, {"source": "2"}, "Ada", "Cyd"))
    page = open_as("Cyd", monkeypatch, "handouts", source="2")
    page.button(key="handout-give").click().run()
    assert "handed out to Ada already" in texts(page)


def test_review_leads_there_with_its_filter(faces: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(identity, "identify", lambda cookies, headers: "Ben")
    page = AppTest.from_file(str(PAGES / "review.py"), default_timeout=30).run()
    assert not [one for one in page.button if one.key == "review-hand-out"]  # an annotator may not
    monkeypatch.setattr(identity, "identify", lambda cookies, headers: "Cyd")
    page = AppTest.from_file(str(PAGES / "review.py"), default_timeout=30).run()
    assert page.button(key="review-hand-out").label == "Hand out"


def test_an_owner_draws_faces_for_second_opinions(faces: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    page = open_as("Ada", monkeypatch, "opinions")
    assert "There are no second opinions here." in texts(page)
    assert page.number_input(key="opinions-share").value == 10
    page.number_input(key="opinions-share").set_value(100).run()
    page.button(key="opinions-set").click().run()
    assert "**7** faces want several opinions: 0 have them, 0 wait for more, 7 wait for the first." in texts(page)
    page.button(key="opinions-none").click().run()
    assert store().read(second_opinions.current).share == 0
    assert store().read(second_opinions.counts) == OpinionCounts(0, 0, 0)


def test_one_sees_ones_own_accuracy_and_the_owner_everybodys(faces: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    store().write(lambda db: apply_ops(db, "Ada", [decide(db, face) for face in faces]))
    page = open_as("Ada", monkeypatch, "gold")
    page.number_input(key="gold-number").set_value(3).run()
    page.button(key="gold-make").click().run()
    page.number_input(key="gold-share").set_value(50).run()
    page.button(key="gold-save").click().run()
    assert store().read(lambda db: (gold.count_gold(db), gold.current_share(db))) == (3, 0.5)
    for name in ("Ben", "Cyd"):
        given = store().write(lambda db, who=name: claims.claim_next(db, who, ReviewFilter(), 4)).faces
        known = [face for face in given if face in faces]
        assert len(known) == 2
        label = 3 if name == "Ben" else 2
        store().write(
            lambda db, who=name, on=known, said=label: apply_ops(
                db, who, [decide(db, one, class_id=said) for one in on]
            )
        )
    mine = texts(open_as("Ben", monkeypatch, "gold"))
    assert "You: 2 of 2 right: 100 % (95 % interval 34 % to 100 %)" in mine
    assert "Cyd" not in mine
    everybody = texts(open_as("Ada", monkeypatch, "gold"))
    assert "**Ben**: 2 of 2 right" in everybody
    assert "**Cyd**: 0 of 2 right: 0 % (95 % interval 0 % to 66 %)" in everybody
