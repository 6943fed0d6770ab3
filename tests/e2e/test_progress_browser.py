"""The Progress page in a real browser: a bar leads to its faces, a target is set, the charts are drawn."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from db.decisions.log import apply_ops
from db.store.store import Db, Store
from tests.db import make
from tests.e2e.conftest import Server, running, visiting
from tests.e2e.grey_crops import put_grey_crops
from tests.e2e.grid import becomes
from tests.pages.faces_measured import PLAIN, add_measured

sync_api = pytest.importorskip("playwright.sync_api", reason="pip install -r tests/requirements.txt")

pytestmark = pytest.mark.long
expect = sync_api.expect
SIDES = (10, 40, 45, 59, 60, 300, 490, 2000)


def fill(workspace: Path) -> None:
    """A face for each side; the first one is a smile by Bob."""
    with Store.open(workspace) as store:
        faces = add_measured(store, [replace(PLAIN, side=side) for side in SIDES])

        def smile(db: Db) -> None:
            apply_ops(db, "Bob", [make.decide(db, faces[0])])

        store.write(smile)
    put_grey_crops(workspace, faces)


@pytest.fixture
def server(chromium: Any, tmp_path: Path) -> Iterator[Server]:
    fill(tmp_path / "workspace")
    yield from running(tmp_path)


@pytest.fixture
def screen(chromium: Any, server: Server) -> Iterator[Any]:
    """Bob's browser on the Progress page, crop side chosen; a script error, or one in the server's log, fails."""
    with visiting(chromium, server, "progress", height=2600, name="Bob") as shown:
        shown.get_by_role("button", name="Crop side", exact=True).or_(
            shown.get_by_role("radio", name="Crop side", exact=True)
        ).click()
        shown.get_by_text("Side of the crop in pixels of the original").wait_for()
        shown.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()
        yield shown


def faces_in_review(screen: Any, server: Server, number: int) -> list[int]:
    """The sides of the faces on the cards, in their order; there must be so many."""
    expect(screen.locator(".card")).to_have_count(number)
    ids = screen.locator(".card").evaluate_all("all => all.map(card => card.dataset.id)")
    sides = dict(server.rows("SELECT f.id, q.side FROM faces f JOIN face_quality q ON q.seq = f.seq"))
    return [sides[face] for face in ids]


def chart(screen: Any, title: str) -> Any:
    """The chart whose name for a screen reader begins so."""
    return screen.locator(f"[aria-label^='{title}']").first


def test_a_bar_shows_exactly_its_faces_at_any_height(screen: Any, server: Server) -> None:
    bar = screen.get_by_role("link", name="40 to 59 px · 3")
    bar.click(position={"x": 2, "y": 2})
    assert faces_in_review(screen, server, 3) == [40, 45, 59]
    expect(screen.get_by_role("button", name="Crop side 40 to 59 px")).to_be_visible()


def test_the_last_bar_holds_what_lies_beyond_and_is_reached_by_the_keyboard(screen: Any, server: Server) -> None:
    expect(screen.locator(".moue-plot .ends i").last).to_have_text("480 px and more")
    screen.get_by_role("link", name="480 px and more · 2").focus()
    screen.keyboard.press("Enter")
    assert faces_in_review(screen, server, 2) == [490, 2000]


def test_a_target_is_set_and_kept(screen: Any, server: Server) -> None:
    screen.get_by_text("Targets", exact=True).click()  # the form is made now
    screen.get_by_role("spinbutton", name="s smile").fill("5")
    screen.get_by_role("button", name="Save targets").click()
    screen.get_by_text("4 faces missing").wait_for()
    assert server.rows("SELECT value FROM meta WHERE key = 'targets'") == [('{"3": 5}',)]
    screen.reload()
    screen.get_by_text("4 faces missing").wait_for()
    expect(chart(screen, "Accepted faces by class")).to_have_attribute(
        "aria-label", re.compile("smile 1 of 5 · 4 missing")
    )


def test_charts_are_drawn(screen: Any) -> None:
    for title in ("Decisions over time: 1", "Decisions over time: s\u00a0smile", "Decisions a minute", "All sources"):
        expect(chart(screen, title)).to_be_visible()
        becomes(lambda title=title: chart(screen, title).bounding_box()["width"] > 600)
