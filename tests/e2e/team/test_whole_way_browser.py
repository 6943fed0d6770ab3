"""The whole way of a team, in both languages: hand out, label, differ, settle, and export what has a consensus."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import Server
from tests.e2e.grid import press, until, wait_saved

sync_api = pytest.importorskip("playwright.sync_api", reason="pip install -r tests/requirements.txt")

pytestmark = pytest.mark.long
expect = sync_api.expect
SignIn = Callable[..., Any]

#: The keys of both on the first 24 faces; they differ on the faces 0, 11 and 20.
BEN = "333333331111111122222444"
CEM = "133333331113111122224444"
SETTLED = "31x"
#: What follows, by hand: all but the rejected pout.
LEAVING = {"smile": 8, "none": 8, "pout": 4, "openmouth": 3}


def section(page: Any, server: Server, slug: str, ready: str) -> None:
    page.goto(f"{server.address}/team?section={slug}")
    page.locator(ready).first.wait_for()


def choose(page: Any, key: str, option: Any) -> None:
    page.locator(f".st-key-{key}").get_by_role("combobox").click()
    option.click()


def hand_out(owner: Any, server: Server, name: str) -> None:
    section(owner, server, "handouts", ".st-key-handout-give")
    choose(owner, "handout-person", owner.get_by_role("option", name=name, exact=True))
    owner.locator(".st-key-handout-give button").click()
    expect(owner.locator("[class*=st-key-handout-back]")).to_have_count(1)


def label(ben: Any, cem: Any) -> None:
    """Ben what was handed out to him, Cem freely and without hearing of Ben."""
    cem.route("**/api/changes*", lambda route: route.abort())
    place = ben.locator(".page")
    before = place.inner_text()
    press(ben, "q")
    until(ben, lambda: place.inner_text() != before)
    press(ben, *BEN)
    press(cem, *CEM)
    for page in (ben, cem):
        wait_saved(page)


def let_disputes_wait(owner: Any, server: Server) -> None:
    section(owner, server, "consensus", ".st-key-consensus-name")
    choose(owner, "consensus-name", owner.get_by_role("option").nth(2))
    owner.locator(".st-key-consensus-preview button").click()
    owner.locator(".st-key-consensus-set button").click()
    owner.locator(".st-key-consensus-undo button").wait_for()


def export(owner: Any, server: Server, out: Path) -> list[dict[str, str]]:
    """The rows of the manifest."""
    owner.goto(f"{server.address}/export")
    field = owner.locator(".st-key-out input")
    field.fill(str(out))
    field.press("Enter")
    owner.locator(".st-key-export button").click()
    until(owner, lambda: server.rows("SELECT count(*) FROM releases") == [(1,)])  # noted once its folder is whole
    with (out / "manifest.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize(("locale", "word"), [("en-US", "Team"), ("zh-CN", "团队")])
def test_from_the_hand_out_to_the_export(
    sign_in: SignIn, server: Server, tmp_path: Path, locale: str, word: str
) -> None:
    ada = sign_in("Ada", locale=locale)  # who comes first is the owner
    ben, cem = (sign_in(name, locale=locale) for name in ("Ben", "Cem"))
    hand_out(ada, server, "Ben")
    expect(ada.get_by_role("heading", name=word, exact=True)).to_be_visible()

    label(ben, cem)
    assert server.rows("SELECT annotator, count(*) FROM answers GROUP BY 1") == [("Ben", 24), ("Cem", 24)]
    section(ada, server, "handouts", "[class*=st-key-handout-back]")
    expect(ada.get_by_text("36").first).to_be_visible()  # of 60 are left

    let_disputes_wait(ada, server)
    assert server.rows("SELECT waiting, count(*) FROM face_state WHERE waiting <> '' GROUP BY 1") == [("dispute", 3)]

    section(ada, server, "disagreements", ".adjudication .crop img")
    press(ada, *SETTLED)
    until(ada, lambda: server.rows("SELECT count(*) FROM face_state WHERE adjudicated = 1") == [(3,)])
    assert server.rows("SELECT count(*) FROM answers") == [(48,)]  # the first answers stay

    rows = export(ada, server, tmp_path / "train_val_data")
    assert Counter(path.parent.name for path in (tmp_path / "train_val_data").glob("*/*/*.png")) == LEAVING
    assert {row["consensus"] for row in rows} == {"adjudicated:1"}  # the rule and its quorum
    assert "adjudicated" in server.rows("SELECT params FROM releases")[0][0]
