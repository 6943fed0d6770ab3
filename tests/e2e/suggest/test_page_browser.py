"""The Suggestions page in a browser: figures lead into Review, the file downloads, the switch holds, nothing moves."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from db.decisions.log import apply_ops
from db.store.store import Db, Store
from pipeline.actions.suggest.train import train
from pipeline.core.records import Verdict
from pipeline.suggest.classifier import Classifier
from tests.db.make import decide
from tests.e2e.conftest import Server, running
from tests.e2e.grid import becomes, card

sync_api = pytest.importorskip("playwright.sync_api", reason="pip install -r tests/requirements.txt")

pytestmark = pytest.mark.long
expect = sync_api.expect
SignIn = Callable[..., Any]
SHIFTS = """new PerformanceObserver(found => {
  for (const one of found.getEntries())
    if (one.sources.every(({node}) => node?.parentElement?.closest("[data-testid=stMainBlockContainer]")))
      window.shifted = (window.shifted || 0) + one.value
}).observe({type: 'layout-shift', buffered: true})"""
"""What moves of the page itself; the shell comes before it, on every page."""


def labelled(template: Path, folder: Path) -> None:
    """The template's workspace; every face is labelled, by turns none and smile, and learned from."""
    shutil.copytree(template, folder / "workspace")
    store = Store.open(folder / "workspace")

    def work(db: Db) -> None:
        faces = [face for (face,) in db.execute("SELECT id FROM faces ORDER BY seq")]
        apply_ops(db, "Ann", [decide(db, face, Verdict.ACCEPT, 1 + 2 * (at % 2)) for at, face in enumerate(faces)])

    try:
        store.write(work)
        train(store)
    finally:
        store.close()


@pytest.fixture
def server(template: Path, chromium: Any, tmp_path: Path) -> Iterator[Server]:
    labelled(template, tmp_path)
    yield from running(tmp_path, MOUE_SUGGEST="0")


def opened(page: Any, server: Server) -> Any:
    page.add_init_script(SHIFTS)
    page.goto(f"{server.address}/suggestions?section=scores")
    page.locator(".moue-matrix").wait_for()
    page.get_by_role("button", name="Review").last.wait_for()
    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()
    return page


def test_figures_lead_into_review_and_nothing_moves(sign_in: SignIn, server: Server) -> None:
    page = opened(sign_in("Ann", "state=all"), server)
    matrix = page.locator(".moue-matrix")
    numbers = [int(text) for text in matrix.locator("td").all_inner_texts()]
    assert sum(numbers) == 60
    for picture in page.locator(".moue-plots img").all():
        becomes(lambda picture=picture: picture.evaluate("one => one.complete && one.naturalWidth > 0"))
    becomes(lambda: page.evaluate("window.shifted || 0") <= 0.05)
    cell = matrix.get_by_role("link").first
    said = cell.get_attribute("aria-label")
    assert re.fullmatch(r"label “(none|smile)”, suggested “\w+”: [\d,]+ faces?", said)
    address = cell.get_attribute("href")
    cell.click()
    card(page, 0).wait_for()
    expect(page).to_have_url(re.compile(re.escape(address)))  # the grid adds its place behind it
    held = {row[0] for row in server.rows("SELECT DISTINCT class_id FROM face_state WHERE verdict = 'accept'")}
    wanted = int(re.search(r"state=class%3A(\d)", address)[1])
    assert wanted in held
    label = "none" if wanted == 1 else "smile"
    for one in page.locator(".card").all()[:3]:
        expect(one).to_have_attribute("aria-label", re.compile(label))


def test_the_downloaded_file_is_a_classifier(sign_in: SignIn, server: Server, tmp_path: Path) -> None:
    page = opened(sign_in("Ann", "state=all"), server)
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Download the classifier").click()
    waiting.value.save_as(tmp_path / "c.json")
    assert waiting.value.suggested_filename == "moue-classifier-1.json"
    found = Classifier.from_json((tmp_path / "c.json").read_text("utf-8"), "c.json")
    assert (found.n_labels, found.kind) == (60, "learned")
    assert str(server.workspace) not in (tmp_path / "c.json").read_text("utf-8")


def test_the_switch_holds_and_comes_back(sign_in: SignIn, server: Server) -> None:
    page = opened(sign_in("Ann", "state=all"), server)
    switch = page.get_by_role("switch", name="Suggest classes")
    expect(switch).to_be_checked()
    page.get_by_text("Suggest classes", exact=True).click()
    page.get_by_text("Suggestions are off").wait_for()
    page.reload()
    page.get_by_text("Suggestions are off").wait_for()
    expect(switch).not_to_be_checked()
    rows = server.rows("SELECT params FROM audit WHERE action = 'setting'")
    assert [json.loads(text) for (text,) in rows] == [{"name": "suggestions", "value": False}]


def test_in_chinese(sign_in: SignIn, server: Server) -> None:
    page = opened_in_chinese(sign_in, server)
    page.get_by_text("学习曲线", exact=True).wait_for()
    text = page.locator("[data-testid=stMain]").inner_text()
    assert "What it looks at" not in text
    assert "Accuracy" not in text


def opened_in_chinese(sign_in: SignIn, server: Server) -> Any:
    page = sign_in("Ann", "state=all", locale="zh-CN")
    page.goto(f"{server.address}/suggestions?section=scores")
    page.locator(".moue-matrix").wait_for()
    return page
