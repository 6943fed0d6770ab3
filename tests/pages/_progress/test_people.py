"""Progress by annotator and class: whose rows, in which order, and what an open second opinion tells: nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from db.decisions.log import apply_ops
from db.reads import decision_sums, progress
from db.store.store import Db, Store
from db.team.agreement import GivenAnswers, agreement_of
from db.team.pseudonyms import are_on
from pages._server import identity, workspace
from pipeline.core.records import Verdict
from tests.db import make
from tests.db.team.answers.fresh import matrix_of
from tests.pages._ui import drawn

PAGE = str(Path(__file__).resolve().parents[3] / "pages" / "progress.py")
SMILE, POUT = 3 + 3, 3 + 2


@pytest.fixture
def store(empty: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """Zoe owns the workspace; Ben says smile to three faces; Ann says pout to the first without having seen that, and
    smile to the second."""
    monkeypatch.setattr(identity, "identify", lambda cookies, headers: "Zoe")
    store = workspace.get_store()
    ids = make.add_images(store, ["a", "b", "c", "d"])

    def work(db: Db) -> None:
        apply_ops(db, "Zoe", [make.decide(db, ids[3], Verdict.ACCEPT, 3)])
        apply_ops(db, "Ben", [make.decide(db, face, Verdict.ACCEPT, 3) for face in ids[:3]])
        apply_ops(db, "Ann", [replace(make.decide(db, ids[0], Verdict.ACCEPT, 2), seen="")])
        apply_ops(db, "Ann", [make.decide(db, ids[1], Verdict.ACCEPT, 3)])

    store.write(work)
    return store


def rows(made: AppTest) -> list[tuple[str, ...]]:
    return [tuple(row.values()) for row in drawn.table(made, "Overruled")]


def page() -> AppTest:
    made = AppTest.from_file(PAGE, default_timeout=60).run()
    assert not made.exception
    return made


def test_answers_that_differed_and_were_overruled_by_person_and_class(store: Store) -> None:
    found = list(agreement_of(store, independent=False).given)
    assert found == [
        GivenAnswers("Ann", POUT, 1, 1, 1),  # what counts there is Ben's, which Ann had not seen
        GivenAnswers("Ann", SMILE, 1, 0, 0),
        GivenAnswers("Ben", SMILE, 3, 0, 0),
        GivenAnswers("Zoe", SMILE, 1, 0, 0),
    ]
    assert [row[0] for row in rows(page())] == ["Ann", "Ann", "Ben", "Zoe"], "in alphabetical order"


def test_who_may_not_see_what_others_did_sees_their_own(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(identity, "identify", lambda cookies, headers: "Ann")
    assert {row[0] for row in rows(page())} == {"Ann"}


def test_nobody_is_ranked(store: Store) -> None:
    assert [one.annotator for one in progress.paces(decision_sums.sums_of(store))] == ["Ann", "Ben", "Zoe"]


def test_an_open_second_opinion_is_in_no_count(store: Store) -> None:
    before = progress.paces(decision_sums.sums_of(store))
    (face,) = make.add_images(store, ["e"])
    store.write(lambda db: db.execute("INSERT INTO second_opinions VALUES (?, 2, 'share', '2026-01-31')", [face]))
    store.write(lambda db: apply_ops(db, "Ann", [make.decide(db, face, Verdict.ACCEPT, 1)]))
    assert progress.paces(decision_sums.sums_of(store)) == before
    assert len(matrix_of(store, independent=False).answers.items) == 6
    store.write(lambda db: apply_ops(db, "Ben", [make.decide(db, face, Verdict.ACCEPT, 1)]))
    assert sum(one.decisions for one in progress.paces(decision_sums.sums_of(store))) == 8


def test_a_log_of_open_second_opinions_alone_is_empty(empty: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(identity, "identify", lambda cookies, headers: "Ann")
    store = workspace.get_store()
    (face,) = make.add_images(store, ["e"])
    store.write(lambda db: db.execute("INSERT INTO second_opinions VALUES (?, 2, 'share', '2026-01-31')", [face]))
    store.write(lambda db: apply_ops(db, "Ann", [make.decide(db, face, Verdict.ACCEPT, 1)]))
    assert progress.paces(decision_sums.sums_of(store)) == []
    page()


def test_the_owner_switches_letters_and_nobody_else_can(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    made = page()
    (toggle,) = [one for one in made.toggle if one.key == "progress-pseudonyms"]
    toggle.set_value(True).run()
    assert store.read(are_on)
    monkeypatch.setattr(identity, "identify", lambda cookies, headers: "Ann")
    made = page()
    (toggle,) = [one for one in made.toggle if one.key == "progress-pseudonyms"]
    assert toggle.disabled
    assert [row["Annotator"] for row in drawn.table(made, "Median seconds")] == ["Ann", "Annotator A", "Annotator B"]
