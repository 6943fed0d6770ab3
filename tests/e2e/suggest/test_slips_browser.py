"""Possible slips in a real browser: kept or changed by key, undone, and what is remembered."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from db.decisions.log import apply_ops
from db.store.store import Db, Store
from db.suggest.slips import Slip
from tests.db.make import decide
from tests.db.suggest.make import replace_slips
from tests.e2e.conftest import Server, people
from tests.e2e.grid import press, until, wait_saved
from tests.e2e.test_accessible import in_colours, settled, violations, wider_than_the_window

sync_api = pytest.importorskip("playwright.sync_api", reason="pip install -r tests/requirements.txt")
expect = sync_api.expect
OpenPage = Callable[..., Any]
SLIPS, EXAMPLES = 5, 4


@pytest.fixture
def doubted(server: Server) -> list[str]:
    """The faces of five doubted smiles (none is suggested), in the order of the queue; the next four are examples."""
    with Store.open(server.workspace) as store:
        ids = [face for (face,) in store.read(lambda db: db.execute("SELECT id FROM faces ORDER BY seq").fetchall())]
        slips, smiles, nones = ids[:SLIPS], ids[SLIPS : SLIPS + EXAMPLES], ids[SLIPS + EXAMPLES : SLIPS + 2 * EXAMPLES]

        def work(db: Db) -> None:
            apply_ops(db, "Ann", [decide(db, face, class_id=3) for face in (*slips, *smiles)])
            apply_ops(db, "Ann", [decide(db, face, class_id=1) for face in nones])
            replace_slips(db, [Slip(face, 3, 1, 0.06, 0.9, 0, {3: smiles, 1: nones}) for face in slips])

        store.write(work)
    return slips


@pytest.fixture
def open_page(chromium: Any, server: Server, doubted: list[str]) -> Iterator[OpenPage]:
    with people(chromium, server, "suggestions", ".slips .kind img") as opened:
        yield lambda name, **options: opened(name, "section=slips", **options)


def label_of(server: Server, face: str) -> Any:
    return server.rows(f"SELECT verdict, class_id FROM face_state WHERE face_id = '{face}'")[0]


def shown(page: Any) -> str:
    """The id of the face whose crop is shown."""
    found = re.search(r"crop/(\w+)", page.locator(".crop img").get_attribute("src"))
    return found[1] if found else ""


@pytest.mark.long
def test_kept_changed_and_taken_back_by_key(open_page: OpenPage, server: Server, doubted: list[str]) -> None:
    page = open_page("Ann")
    expect(page.locator(".left")).to_have_text("5 possible slips left")
    expect(page.locator(".kind").first).to_contain_text("smile")
    expect(page.locator(".kind").nth(1)).to_contain_text("the suggestion, 90 %")
    until(page, lambda: [kind.locator("img").count() for kind in page.locator(".kind").all()] == [3, 3, 0, 0])

    press(page, "Enter")  # the label stays
    expect(page.locator(".note")).to_have_text("kept: “smile”")
    until(page, lambda: shown(page) == doubted[1])
    press(page, "1")  # it was a slip
    expect(page.locator(".note")).to_have_text("changed: “none”")
    press(page, "x")
    wait_saved(page)
    assert label_of(server, doubted[0]) == ("accept", 3)
    assert label_of(server, doubted[1]) == ("accept", 1)
    assert label_of(server, doubted[2]) == ("reject", None)
    assert server.rows("SELECT face_id, class_id, annotator FROM kept_labels") == [(doubted[0], 3, "Ann")]
    expect(page.locator(".left")).to_have_text("2 possible slips left")

    press(page, "z", "z", "z")  # all three, in their own ways
    until(page, lambda: shown(page) == doubted[0])
    until(page, lambda: label_of(server, doubted[2]) == ("accept", 3))
    until(page, lambda: label_of(server, doubted[1]) == ("accept", 3))
    until(page, lambda: server.rows("SELECT count(*) FROM kept_labels") == [(0,)])
    expect(page.locator(".left")).to_have_text("5 possible slips left")


@pytest.mark.long
def test_what_was_kept_is_remembered_for_everybody_and_the_end_says_so(open_page: OpenPage, server: Server) -> None:
    ann = open_page("Ann")
    press(ann, "Enter", "Enter")
    wait_saved(ann)
    ben = open_page("Ben")
    expect(ben.locator(".left")).to_have_text("3 possible slips left")
    press(ben, "Enter", "1", "Enter")
    ben.get_by_text("No label is doubted now.").wait_for()
    assert server.rows("SELECT annotator, count(*) FROM kept_labels GROUP BY 1 ORDER BY 1") == [("Ann", 2), ("Ben", 2)]
    ann.reload()
    ann.get_by_text("No label is doubted now.").wait_for()


@pytest.mark.long
def test_a_label_that_somebody_changed_meanwhile_is_not_kept(
    open_page: OpenPage, server: Server, doubted: list[str]
) -> None:
    page = open_page("Ann")
    with Store.open(server.workspace) as store:
        store.write(lambda db: apply_ops(db, "Ann", [decide(db, doubted[0], class_id=2)]))
    press(page, "Enter")
    expect(page.locator(".note")).to_have_text("this face carries another label by now: reload the page")
    expect(page.locator(".left")).to_have_text("5 possible slips left")


@pytest.mark.long
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_can_be_read_and_used_by_everybody(open_page: OpenPage, scheme: str) -> None:
    page = open_page("Ann")
    in_colours(page, scheme)
    settled(page)
    assert violations(page) == []
    page.set_viewport_size({"width": 390, "height": 800})
    settled(page)
    assert wider_than_the_window(page) == []
    page.get_by_role("button", name="keep the label").click()
    expect(page.locator(".note")).to_have_text("kept: “smile”")


@pytest.mark.long
def test_in_chinese(open_page: OpenPage) -> None:
    page = open_page("Ann", locale="zh-CN")
    expect(page.locator(".left")).to_have_text("还剩 5 个可能的标错")
    press(page, "Enter")
    expect(page.locator(".note")).to_have_text("已保留：“smile”")
