"""The picture in README: Review with the sample photos, some of them decided on.

python -m tests.docs.readme_picture    takes it anew
"""

from __future__ import annotations

import io
import tempfile
from pathlib import Path
from typing import Final

from PIL import Image
from playwright.sync_api import Page, expect, sync_playwright

from tests.docs.pages import ROOT
from tests.e2e.conftest import CHROMIUM, FLAGS, Server, free_port
from tests.e2e.grid import becomes

PICTURE: Final = ROOT / "docs" / "review.png"
_SIZE: Final = {"width": 1440, "height": 900}
_KEYS: Final = ("1", "2", "3", "4", "1", "u", "3", "4")
"""Of the first faces, in the order of the samples: none, pout, smile, openmouth …"""


def take(page: Page, server: Server) -> bytes:
    """PNG of the page, once all that is decided is saved. page: of somebody who has signed in."""
    address = server.address
    page.goto(address)
    page.get_by_role("button", name="Load sample photos").click()
    page.get_by_role("button", name="Review", exact=False).last.wait_for()
    becomes(lambda: server.rows("SELECT count(*) > 0 FROM suggestion_blocks"), [(1,)])
    page.goto(f"{address}/review?size=96")
    page.locator(".card").nth(20).wait_for()
    page.locator(".card").first.click()
    for key in _KEYS:
        page.keyboard.press(key)
    page.keyboard.press("Shift+ArrowRight")
    expect(page.locator(".moue")).to_contain_text("saved ✓")
    page.wait_for_load_state("networkidle")
    return page.screenshot()


def small(png: bytes) -> bytes:
    """The same in 256 colours, a third of the bytes."""
    packed = io.BytesIO()
    with Image.open(io.BytesIO(png)) as picture:
        picture.convert("RGB").quantize(256, dither=Image.Dither.FLOYDSTEINBERG).save(packed, "PNG", optimize=True)
    return packed.getvalue()


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server = Server(Path(folder) / "mouths", Path(folder) / "server.log", free_port(), {"MOUE_SUGGEST": "1"})
        server.start(cold=True)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        try:
            context = browser.new_context(viewport=_SIZE)
            origin = {"Origin": server.address}
            context.request.post(f"{server.address}/api/sign-in", data={"name": "Ada"}, headers=origin)
            PICTURE.write_bytes(small(take(context.new_page(), server)))
        finally:
            browser.close()
            server.stop()


if __name__ == "__main__":
    main()
