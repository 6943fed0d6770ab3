"""Another model's file, brought in by the page, compared and put in force, in a real browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from db.decisions.log import apply_ops
from db.store.store import Db, Store
from tests.db.make import decide
from tests.e2e.conftest import Server, people
from tests.e2e.test_accessible import in_colours, settled, violations, wider_than_the_window

sync_api = pytest.importorskip("playwright.sync_api", reason="pip install -r tests/requirements.txt")

pytestmark = pytest.mark.long
expect = sync_api.expect
OpenPage = Callable[..., Any]
GOLD = 24


@pytest.fixture
def faces(server: Server) -> list[str]:
    """Ann owns the workspace; 24 of her smiles are gold."""
    with Store.open(server.workspace) as store:
        ids = [face for (face,) in store.read(lambda db: db.execute("SELECT id FROM faces ORDER BY seq").fetchall())]

        def work(db: Db) -> None:
            apply_ops(db, "Ann", [decide(db, face, class_id=3) for face in ids[:GOLD]])
            for face in ids[:GOLD]:
                db.execute("INSERT INTO gold VALUES (?, 'accept', 3, NULL, 'Ann', '2026-01-31')", [face])

        store.write(work)
    return ids


@pytest.fixture
def open_page(chromium: Any, server: Server, faces: list[str]) -> Iterator[OpenPage]:
    with people(chromium, server, "suggestions", "[data-testid=stFileUploader]") as opened:
        yield lambda name, **options: opened(name, "section=models", **options)


def bring_in(page: Any, text: str) -> None:
    file = {"name": "theirs.csv", "mimeType": "text/csv", "buffer": text.encode()}
    page.locator("input[type=file]").set_input_files(file)
    name = page.get_by_label("Name of the model")
    name.fill("resnet")
    name.press("Enter")
    page.get_by_role("button", name="Bring in", exact=True).click()


def test_a_file_comes_in_is_compared_and_is_put_in_force(open_page: OpenPage, server: Server, faces: list[str]) -> None:
    page = open_page("Ann")
    bring_in(page, f"face_id,class,confidence\n{faces[0]},grin,0.9\n")
    page.get_by_text("line 2: no class is called 'grin'").wait_for()
    assert server.rows("SELECT count(*) FROM suggestion_models WHERE name = 'resnet'") == [(0,)]

    rows = [f"{face},{'smile' if at < 18 else 'none'},0.9" for at, face in enumerate(faces)]
    page.reload()
    bring_in(page, "face_id,class,confidence\n" + "\n".join(rows) + "\n")
    page.get_by_text("60 faces with new suggestions of “resnet”.").wait_for()
    row = page.locator(".moue-scores tr", has=page.get_by_role("rowheader", name="resnet"))
    expect(row).to_contain_text("75 % (55 to 88, of 24)")  # Wilson's interval of 18 of 24
    assert server.rows("SELECT count(*) FROM decisions") == [(GOLD,)], "nothing was decided by it"

    page.get_by_role("combobox", name="In force: whose suggestions Review shows").click()
    page.get_by_role("option", name="resnet").click()
    page.get_by_role("button", name="Put in force").click()
    expect(row).to_contain_text("in force")
    assert server.rows("SELECT value FROM meta WHERE key = 'suggester'") == [("resnet",)]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_can_be_read_by_everybody(open_page: OpenPage, scheme: str) -> None:
    page = open_page("Ann")
    in_colours(page, scheme)
    settled(page)
    assert violations(page) == []
    page.set_viewport_size({"width": 390, "height": 800})
    settled(page)
    assert wider_than_the_window(page) == []
