"""What is shown does not move while a page comes (https://web.dev/articles/cls: below .1 is good; here it is half)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.e2e.conftest import Server

SHIFTS = """window.shifted = 0; new PerformanceObserver(found => {
  for (const one of found.getEntries()) if (!one.hadRecentInput) window.shifted += one.value
}).observe({type: 'layout-shift', buffered: true})"""
MOST = 0.05
PAGES = ("", "collect", "suggestions", "team", "classes", "export")


@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_moves_while_a_page_comes(chromium: Any, standing_server: Server, width: int) -> None:
    address, moved = standing_server.address, {}
    for path in PAGES:
        context = chromium.new_context(viewport={"width": width, "height": 900})
        context.add_init_script(SHIFTS)
        assert context.request.post(f"{address}/api/sign-in", data={"name": "Ann"}, headers={"Origin": address}).ok
        page = context.new_page()
        page.goto(f"{address}/{path}")
        page.locator("[data-testid=stApp][data-test-script-state=notRunning] h2").first.wait_for()
        page.wait_for_function("!document.querySelector('[data-testid=stSkeleton]')")
        page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
        moved[path or "overview"] = round(page.evaluate("window.shifted"), 3)
        context.close()
    assert {path: by for path, by in moved.items() if by > MOST} == {}
