"""What Review's grid is given of suggestions: told on cards, and nowhere where they are to be hidden."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from db.decisions.log import apply_ops
from db.store.store import Db, Store
from db.tables import suggesters
from db.tables.settings import hide_suggestions
from db.team import gold
from pages._components import review_grid
from pages._server import identity, workspace
from pages._server.suggest.shown_suggestions import Shown, Signer
from pipeline.actions.suggest import stop
from tests.db.make import add_images, decide
from tests.db.suggest.make import suggest
from tests.pages._review.test_filters import page

NAMES = ["one", "two", "three", "four"]
CLASSES = (3, 1)


@pytest.fixture
def faces(empty: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Suggested: .9 for class 3, .6 for class 1, .7 for class 3, nothing."""
    monkeypatch.setattr(identity, "identify", lambda cookies, headers: "Ann")
    store: Store = workspace.get_store()
    found = add_images(store, NAMES)
    suggest(store, dict(zip(found, ([0.9, 0.1], [0.4, 0.6], [0.7, 0.3]), strict=False)), CLASSES)
    return found


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    given: list[dict[str, Any]] = []

    def keep(data: dict[str, Any], *, key: str, on_turn: Callable[[], None], on_like: Callable[[], None]) -> None:
        given.append(data)

    monkeypatch.setattr(review_grid, "review_grid", keep)
    return given


def suggestions(shown: list[dict[str, Any]]) -> list[Any]:
    """(class, probability) on each card, None where nothing is told."""
    return [one and (one["class_id"], one["p"]) for one in (item["suggestion"] for item in shown[-1]["items"])]


def ids(shown: list[dict[str, Any]]) -> list[str]:
    return [item["id"] for item in shown[-1]["items"]]


def boxes(made: Any) -> dict[str, list[str]]:
    return {box.key: box.options for box in made.selectbox}


def test_cards_tell_what_is_suggested_with_a_proof(faces: list[str], shown: list[dict[str, Any]]) -> None:
    assert not page().exception
    assert suggestions(shown) == [(3, 0.9), (1, 0.6), (3, 0.7), None]
    assert shown[-1]["suggester"] == {"name": "moue", "version": 1}
    told = shown[-1]["items"][0]["suggestion"]
    assert Signer("Ann").was_shown(Shown(faces[0], "moue", 1, 3, 0.9), told["proof"])
    assert not Signer("Ben").was_shown(Shown(faces[0], "moue", 1, 3, 0.9), told["proof"])


@pytest.mark.long_but(4)
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"suggested": "3"}, [0, 2]),
        ({"confidence": "0.65:"}, [0, 2]),
        ({"confidence": ":0.7"}, [1, 2]),
        ({"suggested": "3", "confidence": "0.8:1"}, [0]),
        ({"order": "uncertain"}, [1, 2, 0, 3]),
        ({"order": "typical:1"}, [1, 2, 0, 3]),
        ({"suggested": "2"}, [0, 1, 2, 3]),  # a class that the suggester does not know
        ({"confidence": "many"}, [0, 1, 2, 3]),
    ],
)
def test_filters_and_orders(
    faces: list[str], shown: list[dict[str, Any]], query: dict[str, str], expected: list[int]
) -> None:
    assert not page(**query).exception
    assert ids(shown) == [faces[at] for at in expected]


def test_chips_say_what_is_asked_for(faces: list[str], shown: list[dict[str, Any]]) -> None:
    labels = [one.label for one in page(suggested="3", confidence="0.65:0.9").button]
    assert "Suggested\\: “smile”" in labels
    assert "Suggested with 65 % to 90 %" in labels


def test_enter_confirms_where_one_class_is_listed_or_in_a_batch_for_it(
    faces: list[str], shown: list[dict[str, Any]]
) -> None:
    for query, labelling in (
        ({}, False), ({"suggested": "3"}, True), ({"suggested": "3", "state": "all"}, False), ({"order": "mix"}, False),
    ):  # fmt: skip
        page(**query)
        assert shown[-1]["labelling"] is labelling, query
    made = page()
    next(one for one in made.button if one.key == "review-with-suggestions").click().run()
    assert made.query_params["order"] in ("mix", ["mix"])
    assert shown[-1]["labelling"]
    assert sorted(ids(shown)) == sorted(faces)


def test_the_most_typical_come_first_only_after_the_stop(faces: list[str], shown: list[dict[str, Any]]) -> None:
    orders = boxes(page())["review_order"]
    assert {"Least sure first", "Shuffled"} <= set(orders)
    assert not any("Most like" in one for one in orders)


def test_a_workspace_may_hide_them_until_answered(faces: list[str], shown: list[dict[str, Any]]) -> None:
    store: Store = workspace.get_store()
    store.write(lambda db: hide_suggestions(db, True))
    store.write(lambda db: apply_ops(db, "Ann", [decide(db, faces[2], class_id=3)]))
    for query in ({"state": "all"}, {"state": "all", "suggested": "3"}, {"state": "all", "order": "typical:3"}):
        made = page(**query)
        assert not made.exception
        assert ids(shown) == faces, "neither filter nor order tells it"
        assert suggestions(shown) == [None, None, (3, 0.7), None]
        assert json.dumps(shown[-1]).count("proof") == 1
        assert not shown[-1]["labelling"]
        assert "Least sure first" not in boxes(made)["review_order"]
        assert "review-with-suggestions" not in {one.key for one in made.button}


def test_second_opinions_and_gold_are_told_none(faces: list[str], shown: list[dict[str, Any]]) -> None:
    store: Store = workspace.get_store()

    store.write(lambda db: apply_ops(db, "Ben", [decide(db, faces[1], class_id=1)]))

    def blind(db: Db) -> None:
        at = "2026-01-31T09:05:07.123Z"
        gold.make_gold(db, faces[1], "Ben")
        db.execute("INSERT INTO annotators (name, created_at) VALUES ('Ann', ?) ON CONFLICT DO NOTHING", [at])
        db.execute("INSERT INTO gold_served VALUES (?, 'Ann', ?)", [faces[1], at])
        db.execute("INSERT INTO second_opinions VALUES (?, 2, 'share', ?)", [faces[0], at])

    store.write(blind)
    page(state="all")
    told = dict(zip(ids(shown), suggestions(shown), strict=True))
    assert told == {faces[0]: None, faces[1]: None, faces[2]: (3, 0.7), faces[3]: None}
    assert json.dumps(shown[-1]).count("proof") == 1
    before = len(shown)
    made = page(suggested="1")
    assert len(shown) == before, "no face passes: the grid is not shown"
    assert "No face passes these filters." in [one.value for one in made.info]
    page(suggested="3")
    assert ids(shown) == [faces[2]]


def test_a_workspace_without_suggestions_looks_as_before(faces: list[str], shown: list[dict[str, Any]]) -> None:
    store: Store = workspace.get_store()
    store.write(lambda db: suggesters.switch(db, False))
    made = page()
    assert suggestions(shown) == [None] * 4
    assert shown[-1]["suggester"] is None
    assert "review-with-suggestions" not in {one.key for one in made.button}


def test_behind_the_stop_the_rest_is_confirmed_class_by_class(
    faces: list[str], shown: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    told = stop.Told(None, 0.957, may_stop=True, accepted=20, left=4)
    monkeypatch.setattr(stop, "tell", lambda db: told)
    made = page()
    assert "Most like “smile” first" in boxes(made)["review_order"]
    (button,) = [one for one in made.button if one.key == "review-confirm-rest"]
    assert "95.7 % or more" in button.help
    button.click().run()
    assert ids(shown) == [faces[1]], "class 1 comes before class 3"
    assert shown[-1]["labelling"]
    workspace.get_store().write(lambda db: apply_ops(db, "Ann", [decide(db, faces[1], class_id=1)]))
    made.run()
    next(one for one in made.button if one.key == "review-confirm-rest").click().run()
    assert ids(shown) == [faces[0], faces[2]], "the most typical first"


def test_before_the_stop_nothing_leads_to_the_rest(faces: list[str], shown: list[dict[str, Any]]) -> None:
    assert "review-confirm-rest" not in {one.key for one in page().button}
