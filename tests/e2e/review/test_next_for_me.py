"""Several people who take the next faces: each gets others, all are answered once, and nobody waits for who is gone."""

from __future__ import annotations

import random
import re
import shutil
import signal
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import Server, people, running
from tests.e2e.grid import becomes, card, press, until, wait_saved
from tests.pipeline import commands as cli
from tests.pipeline.photos import numbered_head

sync_api = pytest.importorskip("playwright.sync_api", reason="pip install -r tests/requirements.txt")

pytestmark = pytest.mark.long
expect = sync_api.expect
SignIn = Callable[..., Any]
NAMES = ("Ann", "Ben", "Cy")
MANY = 90
ANSWERS_SQL = "SELECT annotator, face_id FROM decisions WHERE verdict <> 'undo'"


@pytest.fixture(scope="session")
def ninety(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ninety")
    (folder / "photos").mkdir()
    for number in range(MANY):
        (folder / "photos" / f"{number:02}.jpg").write_bytes(numbered_head(number))
    assert cli.ingest(folder / "workspace", folder / "photos")["faces"] == MANY
    return folder / "workspace"


@pytest.fixture
def server_of_ninety(ninety: Path, tmp_path: Path) -> Iterator[Server]:
    shutil.copytree(ninety, tmp_path / "workspace")
    yield from running(tmp_path)


def batch(page: Any) -> str:
    """The batch in the address, "" for none."""
    return str(page.url.partition("batch=")[2].partition("&")[0])


def take(page: Any) -> int:
    """Press the key, and wait for another batch than before; how many faces it has, 0: nothing is left."""
    before = batch(page)
    press(page, "q")
    until(page, lambda: batch(page) != before)
    if not batch(page):
        page.get_by_text("nothing is left for you here").or_(page.get_by_text("Every face is decided")).first.wait_for()
        return 0
    page.locator(".page", has_text="batch: 0 of ").wait_for()
    return int(str(page.locator(".page").inner_text()).rpartition(" ")[2])


def label(page: Any, left: dict[Any, int]) -> None:
    """One key of one person, or their next batch."""
    if left[page] == 0:
        wait_saved(page) if page.locator(".status").count() else None
        left[page] = take(page) or -1
    else:
        press(page, "3")
        left[page] -= 1


@pytest.mark.parametrize("order", ["lock-step", "random"])
def test_three_browsers_label_ninety_faces_at_once(chromium: Any, server_of_ninety: Server, order: str) -> None:
    server, rng = server_of_ninety, random.Random(13)
    with people(chromium, server, "review", ".card.loaded") as open_page:
        pages = [open_page(name, "size=24") for name in NAMES]
        left = {page: take(page) for page in pages}
        assert list(left.values()) == [24, 24, 24]
        while going := [page for page in pages if left[page] >= 0]:
            for page in going if order == "lock-step" else [rng.choice(going)]:
                label(page, left)
    answers = server.rows(ANSWERS_SQL)
    faces = [face for _, face in answers]
    assert len(faces) == len(set(faces)) == MANY  # each answer is in the log, no face twice
    assert {name for name, _ in answers} == set(NAMES)
    assert server.standing() == MANY
    assert server.rows("SELECT count(*) FROM claims WHERE face_id NOT IN (SELECT face_id FROM decisions)") == [(0,)]


def expire(server: Server) -> None:
    """As if ten minutes had passed."""
    with closing(sqlite3.connect(server.workspace / "moue.db", timeout=30)) as conn, conn:
        conn.execute("UPDATE claims SET expires_at = 1")


def first_faces(page: Any, number: int) -> list[str]:
    return [str(card(page, at).get_attribute("data-id")) for at in range(number)]


def test_an_expired_claim_returns_and_who_comes_back_is_told(sign_in: SignIn, server: Server) -> None:
    ann, ben = sign_in("Ann"), sign_in("Ben")
    got = take(ann)
    assert got == 24
    anns = first_faces(ann, 3)
    expire(server)
    got = take(ben)
    assert got == 24
    becomes(lambda: first_faces(ben, 3), anns)
    ann.evaluate("document.dispatchEvent(new Event('visibilitychange'))")  # the lid is opened again
    ann.locator(".note", has_text="your batch went back to the others").wait_for()
    ann.reload()
    ann.locator(".note", has_text="your batch went back to the others").wait_for()
    assert batch(ann) == ""
    got = take(ann)
    assert got == 24
    becomes(lambda: not set(first_faces(ann, 24)) & set(first_faces(ben, 24)))


def test_a_reloaded_page_and_one_that_comes_right_back_have_their_batch(sign_in: SignIn, server: Server) -> None:
    ann = sign_in("Ann")
    take(ann)
    press(ann, "3", "x")
    wait_saved(ann)
    mine = batch(ann)
    ann.reload()
    ann.locator(".page", has_text="batch: 2 of 24").wait_for()
    ann.goto(f"{server.address}/duplicates")
    until(ann, lambda: server.rows("SELECT max(expires_at) - unixepoch() < 100 FROM claims") == [(1,)])
    ann.goto(f"{server.address}/review?batch={mine}&size=24")
    ann.locator(".page", has_text="batch: 2 of 24").wait_for()
    until(ann, lambda: server.rows("SELECT max(expires_at) - unixepoch() > 100 FROM claims") == [(1,)])


def test_faces_of_others_are_dimmed_with_a_name_and_can_be_decided_knowingly(sign_in: SignIn, server: Server) -> None:
    ann, ben = sign_in("Ann"), sign_in("Ben")
    take(ann)
    ben.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(card(ben, 0).locator(".by")).to_have_text("Ann")
    expect(card(ben, 0)).to_have_class(re.compile(r"\bclaimed\b"))
    becomes(lambda: "Ann has this face now" in str(card(ben, 0).get_attribute("aria-label")))
    press(ben, "3")
    wait_saved(ben)
    expect(card(ben, 0)).to_have_attribute("data-class", "smile")
    assert server.standing() == 1
    ann.get_by_role("button", name="Your batch of").click()
    ann.locator(".page", has_text="1–").wait_for()
    ben.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(card(ben, 1).locator(".by")).to_have_text("")


def test_the_button_does_what_the_key_does_in_both_languages(sign_in: SignIn) -> None:
    ann = sign_in("Ann")
    ann.get_by_role("button", name="Next for me").click()
    ann.locator(".page", has_text="batch: 0 of 24").wait_for()
    zoe = sign_in("Zoe", locale="zh-CN")
    zoe.get_by_role("button", name="我的下一批").click()
    zoe.locator(".page", has_text="批次：0 / 24").wait_for()


def test_another_filter_leads_back_to_the_list(sign_in: SignIn, server: Server) -> None:
    ann = sign_in("Ann")
    take(ann)
    ann.get_by_role("combobox", name="Order").click()
    ann.get_by_role("option", name="Mouth opening: highest first").click()
    ann.locator(".page", has_text="1–").wait_for()
    assert batch(ann) == ""
    until(ann, lambda: server.rows("SELECT max(expires_at) - unixepoch() < 100 FROM claims") == [(1,)])


def test_a_server_killed_in_mid_claim_gives_each_face_to_one_person(sign_in: SignIn, server: Server) -> None:
    ann, ben = sign_in("Ann"), sign_in("Ben")
    take(ann)
    ben.route("**/api/claims/*", lambda route: None)  # no answer comes
    press(ben, "q")
    server.stop(signal.SIGKILL)
    twice = "SELECT count(*) FROM (SELECT 1 FROM claims GROUP BY face_id HAVING count(*) > 1)"
    assert server.rows(twice) == [(0,)]
    server.start()
    press(ann, "3")
    wait_saved(ann)
    ben.unroute_all()
    ben.reload()
    ben.locator(".card.loaded").first.wait_for()
    if not batch(ben):
        got = take(ben)
        assert got == 24
    assert server.rows(twice) == [(0,)]
    becomes(lambda: not set(first_faces(ann, 24)) & set(first_faces(ben, 24)))
