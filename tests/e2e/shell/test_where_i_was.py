"""Page, focus and open photo are in the address: after a reload, Back, another page, or on another day."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from db.store.store import Store
from tests.db.copies import add_copies
from tests.db.make import sha_of
from tests.e2e.conftest import FACES, Server, running, visiting
from tests.e2e.grid import becomes, press, wait_saved

sync_api = pytest.importorskip("playwright.sync_api", reason="pip install -r tests/requirements.txt")
expect = sync_api.expect
SignIn = Callable[..., Any]
FOCUSED = ".card.focused"


@pytest.mark.long
def test_the_same_face_on_the_same_page_after_a_reload_back_and_another_day(sign_in: SignIn, server: Server) -> None:
    page = sign_in("Ann")
    press(page, "3", "3")
    wait_saved(page)
    press(page, "n")
    page.locator(".page", has_text=f"23–46 of {FACES - 2}").first.wait_for()
    press(page, "ArrowRight", "ArrowRight", "ArrowRight")
    face = page.locator(FOCUSED).get_attribute("data-id")
    page.wait_for_url(re.compile(f"at={face}"))
    range_text = page.locator(".page").first.inner_text()
    press(page, "f")
    page.wait_for_url(re.compile("open=focus"))

    def is_there() -> None:
        expect(page.locator(FOCUSED)).to_have_attribute("data-id", str(face))
        expect(page.locator(".over[data-mode=focus]")).to_be_visible()

    page.reload()
    is_there()
    press(page, "f")
    page.wait_for_url(re.compile(r"^(?!.*open=focus)"))
    press(page, "f")
    page.wait_for_url(re.compile("open=focus"))
    page.get_by_role("link", name="Classes").first.click()
    page.get_by_role("heading", name="Classes").first.wait_for()
    page.go_back()
    is_there()
    page.get_by_role("link", name="Classes").first.click()
    page.get_by_role("heading", name="Classes").first.wait_for()
    page.get_by_role("link", name=re.compile("^Review")).first.click()
    is_there()
    page.goto(server.address)
    page.get_by_role("button", name="Go on where I was").click()
    is_there()
    becomes(lambda: page.locator(".page").first.inner_text(), range_text)


@pytest.fixture(scope="module")
def with_copies(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The workspace of sixty photos, and twenty-seven groups of two copies beside them."""
    folder = tmp_path_factory.mktemp("copies")
    shutil.copytree(template, folder / "workspace")
    with Store.open(folder / "workspace") as store:
        for number in range(27):
            add_copies(store, (f"{number} one", f"{number} other"))
    yield from running(folder)


def there_again(page: Any, name: str, is_there: Callable[[], None]) -> None:
    """After a reload, after Back, and after another page and the way back by the page's name."""
    page.reload()
    is_there()
    page.get_by_role("link", name="Classes").first.click()
    page.get_by_role("heading", name="Classes").first.wait_for()
    page.go_back()
    is_there()
    page.get_by_role("link", name="Classes").first.click()
    page.get_by_role("heading", name="Classes").first.wait_for()
    assert "at=" not in page.url  # it is of another list
    page.get_by_role("link", name=re.compile(f"^{name}")).first.click()
    is_there()


@pytest.mark.long
def test_the_same_photo_on_the_same_page_of_clean(chromium: Any, with_copies: Server) -> None:
    with visiting(chromium, with_copies, "clean?outcome=added") as page:
        page.get_by_role("button", name="Next ›").first.click()
        page.locator(".bar .where", has_text=re.compile("^26–50 of ")).first.wait_for()
        row = page.locator(".row").nth(12)
        row.get_by_role("button", name="Draw a face").focus()
        number = row.get_attribute("data-n")
        page.wait_for_url(re.compile(f"outcome=added.*at={number}"))

        def is_there() -> None:
            expect(page.locator(".bar .where").first).to_have_text(re.compile("^26–50 of "))
            expect(page).to_have_url(re.compile("outcome=added"))
            expect(page.locator(f".row[data-n='{number}']")).to_be_in_viewport()
            expect(page.locator(f".row[data-n='{number}'] button:focus")).to_have_count(1)

        there_again(page, "Clean", is_there)


@pytest.mark.long
def test_the_same_photo_on_the_same_page_of_duplicates(chromium: Any, with_copies: Server) -> None:
    with visiting(chromium, with_copies, "duplicates?size=10") as page:
        page.locator(".group").first.wait_for()
        page.keyboard.press(".")
        page.locator(".pages .where", has_text="11–20 of 27").first.wait_for()
        for key in ("ArrowDown", "ArrowDown", "ArrowDown", "ArrowRight"):
            page.keyboard.press(key)
        focused = page.locator(".group").nth(3).locator(".card").nth(1)
        expect(focused).to_be_focused()
        page.wait_for_url(re.compile(f"size=10.*at={sha_of('13 other')}"))  # before that the address is the turn's

        def is_there() -> None:
            expect(page.locator(".pages .where").first).to_have_text("11–20 of 27")
            expect(focused).to_be_focused()
            expect(focused).to_be_in_viewport()

        there_again(page, "Duplicates", is_there)
        page.get_by_text(re.compile("^All 27")).click()
        page.locator(".pages .where", has_text="1–10 of 27").first.wait_for()
        page.reload()
        page.locator(".pages .where", has_text="1–10 of 27").first.wait_for()


@pytest.mark.long
def test_a_reload_at_once_after_a_key_finds_the_face_that_the_key_went_to(sign_in: SignIn) -> None:
    page = sign_in("Ann")
    ids = page.locator(".card").evaluate_all("cards => cards.slice(0, 9).map((card) => card.dataset.id)")
    press(page, "ArrowRight")
    expect(page.locator(FOCUSED)).to_have_attribute("data-id", ids[1])
    page.wait_for_url(re.compile(f"at={ids[1]}"))
    for at in (3, 5, 7):
        press(page, "ArrowRight", "ArrowRight")
        page.reload()
        expect(page.locator(FOCUSED)).to_have_attribute("data-id", ids[at])
    press(page, "ArrowRight")
    page.get_by_role("link", name="Classes").first.click()  # left at once
    page.get_by_role("heading", name="Classes").first.wait_for()
    page.get_by_role("link", name=re.compile("^Review")).first.click()
    expect(page.locator(FOCUSED)).to_have_attribute("data-id", ids[8])


@pytest.mark.long
def test_a_reload_at_once_after_a_key_finds_the_copy_and_the_photo(chromium: Any, with_copies: Server) -> None:
    with visiting(chromium, with_copies, "duplicates?size=10") as page:
        page.locator(".group").first.wait_for()
        page.wait_for_url(re.compile("at="))
        press(page, "ArrowDown", "ArrowDown", "ArrowRight")
        page.reload()
        expect(page.locator(".group").nth(2).locator(".card").nth(1)).to_be_focused()
    with visiting(chromium, with_copies, "clean?outcome=added") as page:
        button = page.locator(".row").nth(2).locator("button")
        button.last.focus()
        page.wait_for_url(re.compile("at="))
        number = page.locator(".row").nth(3).get_attribute("data-n")
        press(page, "Tab")
        page.reload()
        expect(page.locator(f".row[data-n='{number}'] button:focus")).to_have_count(1)
