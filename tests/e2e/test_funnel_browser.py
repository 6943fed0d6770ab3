"""From the funnel of the Progress page to Review and back, and the histogram over a range in Review's Filters."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from db.decisions.log import apply_ops
from db.images import images
from db.store.store import Db, Store
from tests.db import make
from tests.e2e.conftest import Server, running, visiting
from tests.e2e.grey_crops import put_grey_crops
from tests.e2e.grid import until
from tests.pages.faces_measured import PLAIN, add_measured

sync_api = pytest.importorskip("playwright.sync_api", reason="pip install -r tests/requirements.txt")

pytestmark = pytest.mark.long
expect = sync_api.expect
SIDES = (10, 45, 300)


def fill(workspace: Path) -> None:
    """A folder with three faces, and a search with two that are smiles by Bob."""
    with Store.open(workspace) as store:
        faces = add_measured(store, [replace(PLAIN, side=side) for side in SIDES])

        def search(db: Db) -> list[str]:
            source = images.ensure_source(db, "search", "bing: pout")
            made = [make.make_outcome(f"found {n}") for n in range(2)]
            images.record_outcomes(db, source, None, made)
            found = [one.outcome.faces[0].face_id for one in made]
            apply_ops(db, "Bob", [make.decide(db, face) for face in found])
            return found

        faces += store.write(search)
    put_grey_crops(workspace, faces)


@pytest.fixture
def server(chromium: Any, tmp_path: Path) -> Iterator[Server]:
    fill(tmp_path / "workspace")
    yield from running(tmp_path)


@pytest.fixture
def screen(chromium: Any, server: Server) -> Iterator[Any]:
    """Ann on the Progress page, high enough for all of it; a script error, or one in the server's log, fails."""
    with visiting(chromium, server, "progress", height=2600) as shown:
        shown.get_by_role("link", name="Faces · 5").wait_for()
        yield shown


def filters_of(screen: Any) -> list[str]:
    """What the address says but for the place on the page, which it gains a moment later."""
    query = screen.url.partition("?")[2].split("&")
    return sorted(one for one in query if not one.startswith(("at=", "from=")))


def test_a_step_and_a_row_of_one_source_show_its_faces(screen: Any) -> None:
    box = screen.get_by_role("combobox", name="Source")
    box.click()
    screen.get_by_role("option", name="Image search: bing: pout").click()
    screen.get_by_role("link", name="Faces · 2").wait_for()
    expect(screen.get_by_role("link", name=re.compile("^Undecided"))).to_have_count(0)
    screen.get_by_role("link", name="Accepted · 2").click()
    expect(screen.locator(".card")).to_have_count(2)
    until(screen, lambda: filters_of(screen) == ["source=2", "state=accepted"])
    screen.go_back()
    screen.get_by_role("link", name="Undecided · 3").click()  # of all sources
    expect(screen.locator(".card")).to_have_count(3)
    screen.go_back()
    screen.get_by_role("table", name="Sources").get_by_role("link", name="bing: pout").click()
    expect(screen.locator(".card")).to_have_count(2)
    expect(screen).to_have_url(re.compile("source=2"))


def test_the_range_of_a_figure_is_chosen_over_its_histogram(screen: Any, server: Server) -> None:
    screen.goto(f"{server.address}/review")
    screen.locator(".card").first.wait_for()
    screen.get_by_role("button", name="Filters").click()
    spread = screen.get_by_role("img", name="Crop side: at most 19 px 1; 40 to 59 px 1; 300 to 319 px 1")
    spread.wait_for()
    until(screen, lambda: spread.bounding_box()["height"] > 30)
    heights = spread.locator("span").evaluate_all("all => all.map(bar => bar.getBoundingClientRect().height)")
    assert [place for place, height in enumerate(heights) if height > 30] == [0, 2, 15]
    low = screen.get_by_role("slider", name="Crop side — start")
    low.focus()
    for step in range(1, 7):  # 2 of the 20 px of the first bar; each press must have been heard before the next
        screen.keyboard.press("ArrowRight")
        expect(spread.locator("span").first).to_have_attribute("style", re.compile(rf"\b{10 * step}% 100%"))
    screen.get_by_text("2 of 5 would show").wait_for()
