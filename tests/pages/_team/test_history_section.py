"""Team's History: who sees whose steps, and a step taken back alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from db.decisions.log import apply_ops
from db.decisions.ops import DecideOp
from db.store.store import Store
from pipeline.core.records import Verdict
from tests.db.make import add_images, new_uuid, sha_of
from tests.pages._team.team_page import section_as, store_of

PEOPLE = {"Olga": "owner", "Rita": "reviewer", "Ann": "annotator", "Bob": "annotator"}


@pytest.fixture
def store(empty: Path) -> Store:
    """Ann made two faces smiles at once, then Bob one of them a pout."""
    opened = store_of(PEOPLE)  # type: ignore[arg-type]
    faces = add_images(opened, ["one", "two"])

    def decide(who: str, step: str, class_id: int, which: tuple[int, ...]) -> None:
        named = ("one", "two")
        ops = [
            DecideOp(new_uuid(), step, faces[n], sha_of(named[n]), Verdict.ACCEPT, class_id, seen=None) for n in which
        ]
        opened.write(lambda db: apply_ops(db, who, ops))

    decide("Ann", "a", 3, (0, 1))
    decide("Bob", "b", 2, (1,))
    return opened


def rows(page: AppTest) -> list[str]:
    return [one.value.replace("\\", "").partition(" · ")[2] for one in page.markdown if "**" in one.value]


def press_back(page: AppTest, at: int) -> str:
    [button for button in page.button if button.label == "Take back"][at].click()
    page.run()
    assert not page.exception
    return str(page.info[0].value)


def classes_of(store: Store) -> list[int | None]:
    return store.read(lambda db: [c for (c,) in db.execute("SELECT class_id FROM face_state ORDER BY seq")])


def test_an_annotator_sees_their_own_steps_and_takes_one_back(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    page = section_as("Ann", "history", monkeypatch)
    assert rows(page) == ["**Ann** · “smile”: 2"]
    assert not {"Newer", "Older"} & {button.label for button in page.button}  # one page: nothing to turn
    assert press_back(page, 0).replace("\\", "") == "Took back 2. What others decided since stays: Bob (1)."
    assert classes_of(store) == [None, 2]
    assert rows(page) == ["**Ann** · took back 2", "**Ann** · “smile”: 2"]


def test_a_reviewer_sees_all_and_takes_back_somebody_else_s(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    page = section_as("Rita", "history", monkeypatch)
    assert rows(page) == ["**Bob** · “pout”: 1", "**Ann** · “smile”: 2"]
    assert press_back(page, 0).replace("\\", "") == "Took back 1."
    assert classes_of(store) == [3, 3]
    assert rows(page)[0] == "**Rita** · took back 1"


@pytest.mark.parametrize(
    ("who", "told"), [("Cleo", "You have decided nothing yet."), ("Olga", "Nobody has decided anything yet.")]
)
def test_where_nothing_was_decided_no_filter_is_blamed(
    empty: Path, monkeypatch: pytest.MonkeyPatch, who: str, told: str
) -> None:
    store_of({**PEOPLE, "Cleo": "annotator"})  # type: ignore[arg-type]
    page = section_as(who, "history", monkeypatch)
    assert [one.value for one in page.info] == [told]
    page.selectbox(key="history-what").set_value("decided").run()
    assert [one.value for one in page.info] == ["No step fits these filters."]


def test_a_step_that_settled_a_dispute_says_so(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    (face,) = store.read(
        lambda db: [face for (face,) in db.execute("SELECT face_id FROM answers GROUP BY 1 HAVING count(*) = 2")]
    )
    op = DecideOp(new_uuid(), "c", face, sha_of("two"), Verdict.ACCEPT, 3, seen=None, kind="adjudication")
    store.write(lambda db: apply_ops(db, "Rita", [op]))
    page = section_as("Olga", "history", monkeypatch)
    assert rows(page)[0] == "**Rita** · “smile”: 1"
    assert [one.value for one in page.caption].count("settled a dispute") == 1
