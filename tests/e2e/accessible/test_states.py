"""The rules of test_accessible.py in every state that a page can be in, not only as it is opened."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from db.images import images
from db.store.locks import job_lock
from db.store.store import Db, Store
from db.tables import jobs
from pipeline.core.messages import message
from pipeline.core.outcome import Outcome
from tests.db.make import make_outcome
from tests.e2e.conftest import Server, running, visiting
from tests.e2e.grid import press, wait_saved
from tests.e2e.test_accessible import HEADS, in_colours, settled, violations

sync_api = pytest.importorskip("playwright.sync_api", reason="pip install -r tests/requirements.txt")

pytestmark = pytest.mark.long
expect = sync_api.expect
SignIn = Callable[..., Any]
EVERY = {**HEADS, "review": "Review", "guidelines": "Guidelines"}


class States:
    """What breaks a rule, by the state it was in."""

    def __init__(self, page: Any, server: Server, name: str = "Ann") -> None:
        self.page, self.server, self.name = page, server, name
        self.found: dict[str, list[str]] = {}

    def goto(self, path: str) -> Any:
        """The page at `path`, drawn."""
        self.page.goto(f"{self.server.address}/{path}")
        self.page.locator("[data-testid=stApp][data-test-script-state=notRunning] h2").first.wait_for()
        settled(self.page, self.name)
        return self.page

    def look(self, what: str) -> None:
        for scheme in ("light", "dark"):
            in_colours(self.page, scheme)
            wrong = violations(self.page) and violations(self.page)  # once more: colours may have been on their way
            if wrong:
                self.found[f"{what} in {scheme}"] = wrong


@pytest.fixture
def nothing(chromium: Any, tmp_path: Path) -> Iterator[Server]:
    """A server without a workspace yet."""
    yield from running(tmp_path)


def test_an_empty_workspace(chromium: Any, nothing: Server) -> None:
    with visiting(chromium, nothing, "") as page:
        states = States(page, nothing)
        for path in EVERY:
            states.goto(path)
            states.look(f"{path} of an empty workspace")
    assert states.found == {}


def test_the_drawers(sign_in: SignIn, server: Server) -> None:
    page = sign_in("Ann")
    press(page, "3", "4", "x")
    wait_saved(page)
    states = States(page, server)
    for path in ("", "progress", "collect", "clean", "suggestions", "export"):
        states.goto(path)
        drawers = page.locator("[data-testid=stExpander] summary")
        for at in range(drawers.count()):
            drawers.nth(at).click()
            settled(page)
        states.look(f"the drawers of {path}")
    assert states.found == {}


def test_the_ways_to_collect(sign_in: SignIn, server: Server) -> None:
    states = States(sign_in("Ann"), server)
    page = states.page
    for way in ("Upload", "Image search", "List of addresses", "Video", "Webcam", "Labelled data set", "Sample photos"):
        states.goto("collect")
        page.get_by_role("radio", name=way).or_(page.get_by_role("button", name=way, exact=True)).first.click()
        settled(page)
        if way == "Upload":
            expect(page.locator("button.files")).not_to_be_empty()  # its script has run
        states.look(f"{way} of collect")
    assert states.found == {}


def test_what_opens_over_review(sign_in: SignIn, server: Server) -> None:
    states = States(sign_in("Ann"), server)
    page = states.page
    for name in ("Filters", "Views", "More"):
        states.goto("review")
        page.get_by_role("button", name=name).first.click()
        page.locator("[data-testid=stPopoverBody]").wait_for()
        settled(page)
        states.look(f"{name} of review")
    page.get_by_role("button", name="Label all").click()
    page.get_by_role("dialog").first.wait_for()
    states.look("the question of Label all")
    for key in ("g", "c", "e", "i"):
        states.goto("review")
        page.locator(".card.loaded").first.wait_for()
        press(page, *(["Shift+ArrowRight"] if key == "c" else []), key)
        states.look(f"{key} in review")
    assert states.found == {}


def test_what_opens_over_clean_and_the_account_s_corner(sign_in: SignIn, server: Server) -> None:
    states = States(sign_in("Ann"), server)
    page = states.page
    states.goto("clean")
    page.get_by_role("button", name="Erase this photo").first.click()
    page.get_by_role("dialog", name="Erase this photo").wait_for()
    states.look("the question of Erase")
    states.goto("clean")
    page.get_by_role("button", name="Draw a face").first.click()
    page.locator("dialog[open]").wait_for()
    states.look("the editor of clean")
    states.goto("")
    page.get_by_role("button", name="Ann", exact=True).click()
    states.look("the account's corner")
    assert states.found == {}


def begin(db: Db) -> str:
    job_id = jobs.start_job(db, "ingest", {"paths": ["/x"]}, os.getpid(), annotator="Ben")
    failed = [make_outcome(f"bad {n}", failure=Outcome.UNDECODABLE) for n in range(3)]
    images.record_outcomes(db, images.ensure_source(db, "folder", "/x"), job_id, failed)
    jobs.progress(db, job_id, 100, 40, {"added": 37, "undecodable": 3, "faces": 39})
    return job_id


def test_a_job_that_runs_rests_and_ends_early(sign_in: SignIn, server: Server) -> None:
    states = States(sign_in("Ann"), server)
    with Store.open(server.workspace) as store:
        with job_lock(store.root):
            job_id = store.write(begin)
            for path in ("", "collect", "clean", "review?state=rejected"):
                states.goto(path)
                states.look(f"{path} while a job runs")
            store.write(lambda db: jobs.request_pause(db, job_id))
            states.goto("collect")
            states.page.get_by_role("button", name="Go on").wait_for()
            states.look("collect while a job rests")
        for state in ("failed", "interrupted", "cancelled", "done"):
            store.write(lambda db, state=state: jobs.finish(db, job_id, state, message("file_empty")))
            states.goto("collect")
            states.look(f"collect after a job that {state}")
            states.goto("")
            states.look(f"overview after a job that {state}")
    assert states.found == {}


def test_who_may_only_look(sign_in: SignIn, server: Server) -> None:
    sign_in("Ann")
    with Store.open(server.workspace) as store:
        store.write(lambda db: db.execute("INSERT OR IGNORE INTO annotators (name, created_at) VALUES ('Vic', '2026')"))
        for name, role in (("Ann", "owner"), ("Vic", "viewer")):
            give = "INSERT OR REPLACE INTO roles VALUES (?, ?, 'Ann', '2026-01-31')"
            store.write(lambda db, given=(name, role), give=give: db.execute(give, given))
    states = States(sign_in("Vic"), server, "Vic")
    for path in EVERY:
        states.goto(path)
        states.look(f"{path} for a viewer")
    assert states.found == {}


def test_nothing_found_nowhere_and_nobody(sign_in: SignIn, server: Server, chromium: Any) -> None:
    states = States(sign_in("Ann"), server)
    for path in (
        "review?state=rejected",
        "review?state=class:3",
        "clean?outcome=undecodable",
        "duplicates?state=apart",
    ):
        states.goto(path)
        states.look(path)
    states.page.goto(f"{server.address}/nothing/here")
    states.page.get_by_text("Nothing is here").or_(states.page.locator("h2")).first.wait_for()
    states.look("a wrong address")
    page = chromium.new_context(viewport={"width": 1280, "height": 900}).new_page()
    page.goto(f"{server.address}/review")
    page.locator("input").first.wait_for()
    signing = States(page, server)
    signing.look("the sign-in page")
    page.context.close()
    assert states.found | signing.found == {}


def test_a_server_that_is_away(sign_in: SignIn, server: Server) -> None:
    page = sign_in("Ann")
    states = States(page, server)
    others = {path: States(page.context.new_page(), server) for path in ("classes", "export")}
    for path, one in others.items():
        one.goto(path)
    server.stop(signal.SIGKILL)
    press(page, "3")
    for path, one in {"review": states, **others}.items():
        one.page.locator("#moue-away").wait_for()
        one.look(f"{path} while the server is away")
    assert states.found | others["classes"].found | others["export"].found == {}
