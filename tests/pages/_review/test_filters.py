"""Review's order and its quality ranges, in the address and as chips."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient
from streamlit.testing.v1 import AppTest

from db.decisions.log import apply_ops
from db.store.store import Db, Store
from pages._components import review_grid
from pages._server import identity, workspace
from pipeline.core.records import Verdict
from tests.db.make import decide
from tests.pages.conftest import client_of
from tests.pages.faces_measured import PLAIN, add_measured

PAGE = str(Path(__file__).resolve().parents[3] / "pages" / "review.py")


def chips(made: AppTest) -> list[Any]:
    """The buttons beside those that take the next faces and hand them out."""
    return [one for one in made.button if one.key not in ("review-next-for-me", "review-hand-out", "review-relabel")]


@pytest.fixture
def faces(empty: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setattr(identity, "identify", lambda cookies, headers: "Ann")
    store: Store = workspace.get_store()
    figures = [replace(PLAIN, side=10 * n, plausibility=1 - n / 10) for n in (3, 1, 4, 2)]
    return add_measured(store, [*figures, None])


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    given: list[dict[str, Any]] = []

    def keep(data: dict[str, Any], *, key: str, on_turn: Callable[[], None], on_like: Callable[[], None]) -> None:
        given.append(data)

    monkeypatch.setattr(review_grid, "review_grid", keep)
    return given


def page(**query: str) -> AppTest:
    made = AppTest.from_file(PAGE, default_timeout=30)
    for name, value in query.items():
        made.query_params[name] = value
    return made.run()


def decided(face: str, verdict: Verdict, class_id: int = 3, at: str | None = None, who: str = "Ann") -> str:
    """Decide on a face; the decision's UUID."""

    def work(db: Db) -> str:
        op = decide(db, face, verdict, class_id)
        (result,) = apply_ops(db, who, [op], at)
        assert result.status == "saved"
        return op.uuid

    return workspace.get_store().write(work)


@pytest.mark.parametrize(
    ("order", "expected"),
    [("import", [0, 1, 2, 3, 4]), ("side", [1, 3, 0, 2, 4]), ("-side", [2, 0, 3, 1, 4]), ("doubtful", [2, 0, 3, 1, 4])],
)
def test_the_order_is_the_addresss(
    faces: list[str], shown: list[dict[str, Any]], order: str, expected: list[int]
) -> None:
    made = page(order=order)
    assert not made.exception
    assert [item["id"] for item in shown[-1]["items"]] == [faces[n] for n in expected]


def test_ranges_are_chips_that_can_be_taken_away(faces: list[str], shown: list[dict[str, Any]]) -> None:
    made = page(quality="side:20:30,yaw:-25:25", order="side")
    assert [item["id"] for item in shown[-1]["items"]] == [faces[3], faces[0]]
    assert [one.label for one in chips(made)] == ["Crop side 20 to 30 px", "Turned sideways −25 to 25°", "Clear all"]
    assert "**2** of 5" in "\n".join(m.value for m in made.markdown)
    made.button(key="review-range-side").click().run()
    assert made.query_params["quality"] == "yaw:-25:25"
    assert len(shown[-1]["items"]) == 4  # the one that was not measured passes no range
    made.button(key="review-range-yaw").click().run()
    assert "quality" not in made.query_params
    assert len(shown[-1]["items"]) == 5


def test_the_inspector_is_told_the_figures(faces: list[str]) -> None:
    client: TestClient = client_of("Ann")
    told = client.get(f"/api/face/{faces[0]}").json()["quality"]
    assert told[0] == {
        "name": "side", "label": "Crop side", "value": "30", "unit": "px",
        "help": "Side of the crop in pixels of the original",
    }  # fmt: skip
    assert [one["name"] for one in told[-2:]] == ["covered", "mouth_disagreement"]
    assert len(told) == 17
    assert client.get(f"/api/face/{faces[4]}").json()["quality"] == []


def boxes(made: AppTest) -> dict[str, list[str]]:
    return {box.key: list(box.options) for box in made.selectbox if box.key}


def test_each_choice_tells_what_it_would_show_with_the_others(faces: list[str], shown: list[dict[str, Any]]) -> None:
    decided(faces[0], Verdict.ACCEPT, 3)
    decided(faces[1], Verdict.REJECT)
    made = page(state="class:3", quality="side:20:")
    assert boxes(made)["review_state"] == [
        "Undecided · 2", "none · 0", "pout · 0", "smile · 1", "openmouth · 0", "Rejected · 0", "Unsure · 0",
        "Accepted · 1", "All · 3",
    ]  # fmt: skip
    assert "**1** of 5" in "\n".join(m.value for m in made.markdown)
    made.selectbox(key="review_state").select("all").run()
    assert made.query_params["state"] == "all"
    assert [item["id"] for item in shown[-1]["items"]] == [faces[0], faces[2], faces[3]]


def test_the_shape_of_the_mouth_stands_first_among_the_orders(faces: list[str], shown: list[dict[str, Any]]) -> None:
    orders = boxes(page())["review_order"]
    assert orders[:2] == ["As imported", "Mouth opening: lowest first"]
    assert orders[7] == "Doubtful landmarks first"
    assert orders[8] == "Least like a face first"
    assert len(orders) == len(set(orders)) == 37


def test_similar_mouths_and_the_way_back(faces: list[str], shown: list[dict[str, Any]]) -> None:
    made = page(order=f"like:{faces[2]}", state="all")
    assert shown[-1]["items"][0]["id"] == faces[2]
    assert made.selectbox(key="review_order").value == f"like:{faces[2]}"
    assert made.button(key="review-like").label == f"Similar in shape to face {faces[2][:8]}"
    made.button(key="review-like").click().run()
    assert "order" not in made.query_params
    assert [item["id"] for item in shown[-1]["items"]] == faces


def test_what_an_address_says_wrongly_is_left_out(faces: list[str], shown: list[dict[str, Any]]) -> None:
    wrong = {
        "state": "class:77", "source": "9", "order": "like:me", "size": "7", "proposal": "1", "outcome": "too_large",
        "annotator": "*nobody*", "since": "yesterday", "until": "9999-12-31T23:59Z", "disagreement": "yes",
        "outside": "1",
    }  # fmt: skip
    made = page(**wrong)
    assert not made.exception
    assert len(shown[-1]["items"]) == 5
    assert chips(made) == []
    assert [box.value for box in made.selectbox] == ["undecided", "import", "96"]


def test_everything_at_once_and_all_of_it_taken_away(faces: list[str], shown: list[dict[str, Any]]) -> None:
    decided(faces[0], Verdict.ACCEPT, 3, "2026-03-01T10:00:00.000Z")
    decided(faces[2], Verdict.ACCEPT, 3, "2026-03-02T10:00:00.000Z")
    decided(faces[3], Verdict.ACCEPT, 3, "2026-03-02T10:00:00.000Z", who="B*o*b")
    decided(faces[2], Verdict.REJECT, at="2026-03-02T09:00:00.000Z", who="B*o*b")
    decided(faces[2], Verdict.ACCEPT, 3, "2026-03-02T11:00:00.000Z")
    asked = {
        "state": "class:3", "annotator": "Ann", "outcome": "added", "since": "2026-03-02T00:00Z",
        "until": "2026-03-03T00:00Z", "disagreement": "1", "quality": "side:30:", "size": "24",
    }  # fmt: skip
    made = page(**asked)
    assert [item["id"] for item in shown[-1]["items"]] == [faces[2]]
    assert dict(made.query_params) == asked
    assert [one.label for one in chips(made)] == [
        "Crop side at least 30 px", "Face found by the detector", "Decided by Ann", "Decided from 2026\\-03\\-02",
        "Decided until 2026\\-03\\-02", "People disagree", "Clear all",
    ]  # fmt: skip
    made.button(key="review-annotator").click().run()
    assert "annotator" not in made.query_params
    made.button(key="review-chips-clear").click().run()
    assert dict(made.query_params) == {"state": "class:3", "size": "24"}
    assert len(shown[-1]["items"]) == 3


def test_a_name_in_a_chip_is_no_markdown(faces: list[str], shown: list[dict[str, Any]]) -> None:
    decided(faces[0], Verdict.ACCEPT, 3, who="B*o*b")
    made = page(state="all", annotator="B*o*b")
    assert made.button(key="review-annotator").label == "Decided by B\\*o\\*b"


def test_the_grid_is_told_the_decision_and_the_newest_number(faces: list[str], shown: list[dict[str, Any]]) -> None:
    key = decided(faces[1], Verdict.REJECT)
    page(state="all")
    assert [item["decision"] for item in shown[-1]["items"]] == [None, key, None, None, None]
    assert (shown[-1]["seq"], shown[-1]["suggestions_hidden"]) == (1, False)
