"""The Quality page: its figures, its address, and its rules."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from db.decisions import rules
from db.projection.range_text import parse
from db.reads.counts import workspace_counts
from db.store.store import Store
from pages._components import quality_range
from pages._quality import view
from pages._quality.view import Shown
from pages._server import identity, workspace
from pipeline.core.metrics import BY_NAME
from tests.pages.faces_measured import PLAIN, add_measured

PAGE = str(Path(__file__).resolve().parents[2] / "pages" / "quality.py")


@pytest.fixture
def store(empty: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """Ten faces with sides of 10, 20 … 100 pixels and one that was not measured."""
    monkeypatch.setattr(identity, "identify", lambda cookies, headers: "Ann")
    store = workspace.get_store()
    add_measured(store, [*(replace(PLAIN, side=10 * n, yaw=n) for n in range(1, 11)), None])
    return store


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> dict[str, dict[str, Any]]:
    """What the component was last given, by measure."""
    given: dict[str, dict[str, Any]] = {}

    def keep(data: dict[str, Any], *, key: str, on_range: Callable[[], None]) -> None:
        given[data["name"]] = data

    monkeypatch.setattr(quality_range, "quality_range", keep)
    return given


def page(**query: str) -> AppTest:
    made = AppTest.from_file(PAGE, default_timeout=30)
    for name, value in query.items():
        made.query_params[name] = value
    return made.run()


def told(made: AppTest) -> str:
    return "\n".join(one.value for kind in (made.markdown, made.caption) for one in kind)


def test_it_begins_with_all_faces_and_rejects_nothing(store: Store, shown: dict[str, dict[str, Any]]) -> None:
    made = page()
    assert not made.exception
    assert "Keeps **11** of **11** · 100 %" in told(made)
    assert "Until a rule is switched on here, nothing is rejected" in told(made)
    assert list(shown) == ["sharpness"]
    assert sum(shown["sharpness"]["counts"]) == 10
    assert shown["sharpness"]["missing_words"] == "1 face without this figure: a range leaves it out."
    assert store.read(workspace_counts).decisions == 0


def test_an_address_opens_the_same_view(store: Store, shown: dict[str, dict[str, Any]]) -> None:
    made = page(quality="side:35:80,yaw::7", measure="side", of="all")
    assert "Keeps **4** of **11**" in told(made)  # 40, 50, 60, 70
    large, small = shown["side"], shown["yaw"]
    assert (large["large"], large["from"], large["to"]) == (True, 35, 80)
    assert (small["large"], small["from"], small["to"], small["edges"]) == (False, None, 7, [])
    assert sorted(made.query_params["quality"].split(",")) == ["side:35:80", "yaw::7"]
    low, high = large["edges"]
    # the other range holds for the crops, too: faces of 80 and more look too far aside
    assert [crop["value"] for crop in low["out"]] == ["30", "20", "10"]
    assert [crop["value"] for crop in low["in"]] == ["40", "50", "60", "70"]
    assert [crop["value"] for crop in high["in"]] == ["70", "60", "50", "40"]
    assert high["out"] == []


def test_without_a_range_the_ends_are_shown(store: Store) -> None:
    (edge,) = store.read(lambda db: view.edges(db, BY_NAME["side"], (), Shown("all", None, "dlib")))
    assert [crop["value"] for crop in edge["out"]][:2] == ["10", "20"]
    assert [crop["value"] for crop in edge["in"]][:2] == ["100", "90"]


@pytest.mark.usefixtures("shown")
def test_a_rule_says_what_it_will_do_does_it_and_takes_it_back(store: Store) -> None:
    made = page(quality="side:35:", measure="side")
    assert "Rejects 3 undecided faces that fall out of: Crop side at least 35 px" in told(made).replace("\\", "")
    assert "switched on by Ann" in told(made)
    assert store.read(rules.list_rules) == []
    made.text_input(key="rule-name").set_value("big mouths").run()
    assert store.read(workspace_counts).decisions == 0  # naming it is not switching it on
    button = made.button(key="rule-on")
    assert button.label == "Switch on: reject 3 faces"
    button.click().run()
    assert not made.exception
    (rule,) = store.read(rules.list_rules)
    assert (rule.name, rule.ranges, rule.reason, rule.active, rule.decided, rule.annotator) == (
        "big mouths", parse("side:35:"), "too_small", True, 3, "Ann",
    )  # fmt: skip
    assert store.read(workspace_counts).rejected == 3
    assert "**big mouths** · on · 3 faces rejected" in told(made)

    made.button(key="rule-off-0").click().run()
    assert store.read(workspace_counts).rejected == 0
    assert "**big mouths** · off" in told(made)
    assert made.button(key="rule-again-0").label == "Switch on: reject 3 faces"
    made.button(key="rule-forget-0").click().run()
    assert store.read(rules.list_rules) == []


@pytest.mark.usefixtures("shown", "store")
def test_a_rule_without_a_name_is_called_by_its_ranges() -> None:
    made = page(quality="side:35:", measure="side")
    made.button(key="rule-on").click().run()
    assert "**crop side at least 35 px** · on" in told(made)


@pytest.mark.usefixtures("empty")
def test_a_workspace_without_faces_points_to_collect(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(identity, "identify", lambda cookies, headers: "Ann")
    made = page()
    assert not made.exception
    assert "no faces yet" in made.info[0].value
    assert [button.label for button in made.button] == ["Collect photos"]


@pytest.mark.usefixtures("full")
def test_nobody_sees_the_page_unsigned(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(identity, "identify", lambda cookies, headers: None)
    made = page()
    assert (len(made.header), len(made.button)) == (0, 0)


def test_figures_of_two_landmark_models_are_shown_one_at_a_time(store: Store, shown: dict[str, dict[str, Any]]) -> None:
    """Four of eleven faces are the mesh's; a rule is made for what is shown."""
    assert "quality-model" not in [one.key for one in page().segmented_control]
    placed = "UPDATE faces SET landmark_model = 'landmarker' WHERE seq IN (SELECT seq FROM faces ORDER BY seq LIMIT 4)"
    store.write(lambda db: db.execute(placed))
    made = page(measure="yaw")
    chosen = made.segmented_control(key="quality-model")
    assert (chosen.options, chosen.value) == (["dlib, 68 points · 7", "Face Landmarker · 4"], "dlib")
    assert sum(shown["yaw"]["counts"]) == 6  # one was not measured
    made.segmented_control(key="quality-model").set_value("landmarker").run()
    assert sum(shown["yaw"]["counts"]) == 4
    assert "Keeps **4** of **4**" in told(made)
    made = page(measure="yaw", quality="yaw::3", landmarks="landmarker")
    assert "Keeps **3** of **4**" in told(made)
    made.button(key="rule-on").click().run()
    (rule,) = store.read(rules.list_rules)
    assert (rule.landmarks, rule.decided) == ("landmarker", 1)
    assert "landmarks by the Face Landmarker" in told(made)
