"""The pages in Chinese and in English, in a real browser."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from typing import Any

import pytest

from pages._components.streamlit_labels import LABELS
from tests.e2e.conftest import Server
from tests.e2e.grid import until

sync_api = pytest.importorskip("playwright.sync_api", reason="pip install -r tests/requirements.txt")
expect = sync_api.expect

ENGLISH = re.compile(r"[A-Za-z][A-Za-z'’-]+(?:[ ,;:]+[A-Za-z][A-Za-z'’-]+){2,}")
NO_LANGUAGE = re.compile(r"\S*/\S*|python -m [\w ]+|none, pout, smile, openmouth|Home End PgUp PgDn")
"""Paths, commands, classes and keys."""
HEADINGS = {
    "": "概览", "collect": "采集", "clean": "清理", "quality": "质量", "duplicates": "重复", "classes": "类别",
    "export": "导出", "compare": "比较两种检测器", "review": "审核",
}  # fmt: skip
TEXTS = """() => {
  const found = []
  const own = ["aria-label", "title", "placeholder", "alt"]
  const walk = (node, ours) => {
    if (node.nodeType === Node.TEXT_NODE) found.push(node.data)
    if (node.nodeType !== Node.ELEMENT_NODE && node.nodeType !== Node.DOCUMENT_FRAGMENT_NODE) return
    if (["STYLE", "SCRIPT"].includes(node.tagName) || node.dataset?.testid === "stIconMaterial") return
    // a component's attributes are ours; Streamlit names its own controls in English
    if (ours && node.getAttribute) found.push(...own.map((name) => node.getAttribute(name) ?? ""))
    if (node.shadowRoot) walk(node.shadowRoot, true)
    node.childNodes.forEach((child) => walk(child, ours))
  }
  walk(document.querySelector("[data-testid=stMain]"), false)
  return found.map((text) => text.trim()).filter(Boolean)
}"""
"""Every text of the main part, those in shadow roots too."""


@pytest.fixture
def browser(chromium: Any) -> Iterator[Any]:
    """A page, not yet anywhere, of a browser whose language is Chinese; a script error fails."""
    context = chromium.new_context(locale="zh-CN", viewport={"width": 1280, "height": 900})
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    context.close()
    assert errors == []


@pytest.fixture
def chinese(browser: Any, standing_server: Server) -> Any:
    """The same at the sign-in form."""
    browser.goto(standing_server.address)
    browser.get_by_label("您的姓名").wait_for()
    return browser


def sign_in(page: Any) -> None:
    page.get_by_label("您的姓名").fill("Ada")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="概览").wait_for()


def in_language(page: Any, locale: str) -> None:
    """The document says so once the component with the switch is there."""
    page.wait_for_function("(locale) => document.documentElement.lang === locale", arg=locale)


@pytest.mark.long
def test_the_browser_s_language_is_the_first_choice(chinese: Any) -> None:
    page = chinese
    in_language(page, "zh-CN")
    page.get_by_role("button", name="开始").click()
    page.get_by_role("alert").filter(has_text="请先输入姓名").wait_for()
    sign_in(page)
    page.wait_for_function("document.title === '概览 · 已决定 0 / 60 · Moue'")  # told when the page has run
    in_language(page, "zh-CN")
    page.get_by_role("button", name="Ada").click()
    page.get_by_role("button", name="退出登录").wait_for()


@pytest.mark.long
def test_the_switch_goes_to_english_and_back_and_outlives_a_reload(chinese: Any) -> None:
    page = chinese
    sign_in(page)
    page.get_by_role("button", name="English").click()
    page.get_by_role("heading", name="Overview").wait_for()
    in_language(page, "en")
    (cookie,) = [one for one in page.context.cookies() if one["name"] == "moue_language"]
    assert (cookie["value"], cookie["sameSite"], cookie["path"]) == ("en", "Strict", "/")
    assert 364 < (cookie["expires"] - time.time()) / 86400 < 366
    page.reload()
    page.get_by_role("heading", name="Overview").wait_for()
    chosen = page.get_by_role("group", name="Language").get_by_role("button", pressed=True)
    until(page, lambda: chosen.inner_text() == "EN")
    page.get_by_role("button", name="简体中文").focus()  # by keyboard
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="概览").wait_for()
    in_language(page, "zh-CN")


@pytest.mark.long
def test_the_sign_in_form_has_the_switch_too(chinese: Any) -> None:
    chinese.get_by_role("button", name="English").click()
    chinese.get_by_label("Your name").wait_for()
    in_language(chinese, "en")
    chinese.get_by_label("Your name").fill("Ada")
    chinese.keyboard.press("Enter")
    chinese.get_by_role("heading", name="Overview").wait_for()


@pytest.mark.long
@pytest.mark.parametrize("name", HEADINGS)
def test_no_english_sentence_is_left(browser: Any, standing_server: Server, name: str) -> None:
    """A run of three words; names of files, people, classes and paths are nobody's language."""
    page, address = browser, standing_server.address
    assert page.request.post(f"{address}/api/sign-in", data={"name": "Ada"}, headers={"Origin": address}).ok
    page.goto(f"{address}/{name}")
    page.get_by_role("heading", name=HEADINGS[name], exact=True).wait_for()
    for drawer in page.locator("[data-testid=stExpander] summary").all():
        drawer.click()
    page.wait_for_function("!document.querySelector('[data-testid=stStatusWidget]')")
    page.wait_for_timeout(1000)  # what a drawer or a component shows comes a moment later
    texts = page.evaluate(TEXTS)
    assert any(re.search(r"[\u4e00-\u9fff]", text) for text in texts)
    told = [NO_LANGUAGE.sub("", text) for text in texts]
    assert [text for text in told if ENGLISH.search(text)] == []


NAMED = """() => [...document.querySelectorAll("[aria-label], [placeholder]")].flatMap(one =>
  ["aria-label", "placeholder"].map(name => one.getAttribute(name) ?? "")).filter(Boolean)"""


@pytest.mark.long
def test_streamlit_s_own_labels_are_in_chinese(browser: Any, standing_server: Server) -> None:
    """Of its boxes, its navigation and its `?`, also what comes later: in a popover, in an empty list."""
    page, address = browser, standing_server.address
    assert page.request.post(f"{address}/api/sign-in", data={"name": "Ada"}, headers={"Origin": address}).ok
    page.goto(f"{address}/review")
    page.locator(".card.loaded").first.wait_for()
    page.locator(".st-key-review-more button").first.click()
    page.get_by_test_id("stPopoverBody").get_by_role("combobox").first.wait_for()
    page.get_by_label("选择日期").first.wait_for()
    until(page, lambda: [one for one in page.evaluate(NAMED) if one in LABELS] == [])
    page.get_by_role("combobox", name="显示").fill("zzz")
    expect(page.get_by_role("listbox")).to_have_text("没有匹配的选项")
    page.goto(f"{address}/team?section=history")
    day = page.get_by_role("group", name="日期")
    expect(day).to_have_text("年-月-日")
    year = day.get_by_role("spinbutton", name="日期：年")
    expect(year).to_have_attribute("aria-valuetext", "尚未填写")
    year.press_sequentially("2026")
    expect(day).to_have_text("2026-月-日")
    for _ in "2026":
        year.press("Backspace")
    expect(day).to_have_text("年-月-日")
    page.goto(f"{address}/classes")
    page.get_by_label("none 的颜色").wait_for()
