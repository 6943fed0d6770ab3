"""The editor of the Classes page, as a person uses it: what is typed is kept, what is refused is told."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.conftest import Server, visiting
from tests.e2e.grid import becomes

sync_api = pytest.importorskip("playwright.sync_api", reason="pip install -r tests/requirements.txt")

expect = sync_api.expect


@pytest.fixture
def page(chromium: Any, server: Server) -> Iterator[Any]:
    with visiting(chromium, server, "classes") as page:
        page.get_by_label("Name of none").wait_for()
        yield page


def stored(server: Server) -> list[tuple[str, str]]:
    rows = server.rows("SELECT name, key FROM classes WHERE archived = 0 ORDER BY position")
    return [(str(name), str(key)) for name, key in rows]


def test_each_change_is_kept_at_once_and_a_refusal_told_beside_it(page: Any, server: Server) -> None:
    name = page.get_by_label("Name of pout")
    name.fill("  kiss ")
    name.press("Enter")
    expect(page.get_by_label("Name of kiss")).to_have_value("kiss")  # as it is stored
    key = page.get_by_label("Key of smile")
    key.fill("1")
    key.blur()
    row = page.get_by_role("group", name="smile")
    expect(row.get_by_role("alert")).to_contain_text("belongs to")
    expect(key).to_have_value("3")
    key.fill("w")
    key.blur()
    expect(row.get_by_role("alert")).to_have_count(0)
    page.get_by_label("Colour of none").fill("#102030")
    becomes(lambda: stored(server), [("none", "1"), ("kiss", "2"), ("smile", "w"), ("openmouth", "4")])
    becomes(lambda: server.rows("SELECT colour FROM classes WHERE name = 'none'"), [("#102030",)])


def test_order_follows_the_buttons_and_the_keyboard_stays_on_them(page: Any, server: Server) -> None:
    def order_shown() -> str:
        return " ".join(page.locator("input.name").evaluate_all("all => all.map(one => one.value)"))

    up = page.get_by_role("button", name="Move openmouth up")
    up.focus()
    for order in ("none pout openmouth smile", "none openmouth pout smile", "openmouth none pout smile"):
        page.keyboard.press("Enter")
        becomes(lambda order=order: " ".join(name for name, _ in stored(server)), order)
        becomes(
            lambda order=order: page.locator("input.name").evaluate_all("all => all.map(o => o.value).join(' ')"), order
        )
    expect(up).to_be_disabled()
    expect(page.get_by_role("button", name="Move openmouth down")).to_be_focused()
    page.get_by_role("button", name="Let the digits follow this order").click()
    becomes(lambda: stored(server), [("openmouth", "1"), ("none", "2"), ("pout", "3"), ("smile", "4")])
    expect(page.get_by_role("button", name="Let the digits follow this order")).to_be_hidden()


def test_a_new_class_and_the_way_of_one_that_is_put_away(page: Any, server: Server) -> None:
    new = page.get_by_label("New class")
    new.fill("Smile")
    new.press("Enter")
    expect(page.get_by_role("alert").filter(has_text="already")).to_be_visible()
    expect(new).to_have_value("Smile")  # to be mended
    new.fill("tongue out")
    page.get_by_role("button", name="Add").click()
    page.get_by_label("Name of tongue out").wait_for()
    expect(new).to_have_value("")
    page.get_by_role("button", name="Archive pout").click()
    page.get_by_role("button", name="Bring pout back").click()
    becomes(lambda: [name for name, _ in stored(server)], ["none", "smile", "openmouth", "tongue out", "pout"])
    expect(page.get_by_role("heading", name="Archived")).to_be_hidden()


def test_a_class_in_use_is_merged_before_it_is_put_away(page: Any, server: Server, sign_in: Any) -> None:
    ann = sign_in("Ann")
    for key in "133":
        ann.keyboard.press(key)
    ann.locator(".status[data-state=saved]").wait_for()
    becomes(lambda: server.rows("SELECT count(*) FROM face_state WHERE class_id = 3"), [(2,)])
    page.reload()
    page.get_by_role("button", name="Archive smile").click()
    row = page.get_by_role("group", name="smile")
    expect(row.get_by_role("alert")).to_contain_text("2 accepted faces")
    expect(row.get_by_role("link", name="See its faces in Review")).to_have_attribute("href", "/review?state=class%3A3")
    merge = page.locator(".do-merge")
    expect(merge).to_be_disabled()  # into which class is said, not taken as it comes
    page.get_by_label("Faces of").select_option("smile")
    page.get_by_label("become").select_option("pout")
    expect(merge).to_have_text("Label 2 faces “pout”")
    merge.click()
    expect(page.get_by_text("2 faces given the other class, as one step.")).to_be_visible()
    expect(merge).to_be_disabled()  # a second press would merge the class that comes next in the list
    becomes(lambda: server.rows("SELECT count(*) FROM face_state WHERE class_id = 2"), [(2,)])
    page.get_by_role("button", name="Archive smile").click()
    page.get_by_role("button", name="Bring smile back").wait_for()


def test_what_is_typed_while_another_change_is_answered_is_kept(page: Any, server: Server, chromium: Any) -> None:
    for at, name in enumerate(("kiss", "笑", "wide")):
        page.locator("input.name").nth(at).click()
        page.keyboard.press("Control+A")
        page.keyboard.insert_text(name)
    page.keyboard.press("Enter")
    becomes(lambda: [name for name, _ in stored(server)], ["kiss", "笑", "wide", "openmouth"])
    with visiting(chromium, server, "classes") as other:
        other.get_by_role("button", name="Move wide up").click()
        becomes(lambda: [name for name, _ in stored(server)], ["kiss", "wide", "笑", "openmouth"])
    name = page.get_by_label("Name of kiss")
    name.fill("pout")
    name.press("Enter")  # of a class that nobody else touched
    becomes(lambda: [name for name, _ in stored(server)], ["pout", "wide", "笑", "openmouth"])
    with visiting(chromium, server, "classes") as other:
        other.get_by_label("Name of wide").fill("grin")
        other.get_by_label("Name of wide").press("Enter")
        becomes(lambda: [name for name, _ in stored(server)], ["pout", "grin", "笑", "openmouth"])
    name = page.get_by_label("Name of wide")
    name.fill("laugh")
    name.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("“wide” became “grin”")
    expect(page.get_by_label("Name of grin")).to_have_value("grin")
