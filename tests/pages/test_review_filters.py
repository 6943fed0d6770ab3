"""Review's order and its quality ranges, in the address and as chips."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient
from streamlit.testing.v1 import AppTest

from db.connect import Store
from pages import _identity, _workspace, review_grid
from tests.pages.conftest import client_of
from tests.pages.faces_measured import PLAIN, add_measured

PAGE = str(Path(__file__).resolve().parents[2] / "pages" / "review.py")


@pytest.fixture
def faces(empty: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setattr(_identity, "identify", lambda cookies, headers: "Ann")
    store: Store = _workspace.get_store()
    figures = [replace(PLAIN, side=10 * n, plausibility=1 - n / 10) for n in (3, 1, 4, 2)]
    return add_measured(store, [*figures, None])


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    given: list[dict[str, Any]] = []

    def keep(data: dict[str, Any], *, key: str, on_turn: Callable[[], None]) -> None:
        given.append(data)

    monkeypatch.setattr(review_grid, "review_grid", keep)
    return given


def page(**query: str) -> AppTest:
    made = AppTest.from_file(PAGE, default_timeout=30)
    for name, value in query.items():
        made.query_params[name] = value
    return made.run()


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
    assert [b.label for b in made.button] == ["Crop side 20 to 30 px", "Turned sideways −25 to 25°"]
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
    assert len(told) == 13
    assert client.get(f"/api/face/{faces[4]}").json()["quality"] == []
