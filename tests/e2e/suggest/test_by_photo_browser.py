"""A photo that is not here opens the mouths that look most like it in Review, in a real browser."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from db.store.store import Store
from pipeline.actions.suggest.descriptors import update_descriptors
from tests.e2e.conftest import Server, people
from tests.e2e.test_accessible import settled, violations
from tests.pipeline.photos import numbered_head

sync_api = pytest.importorskip("playwright.sync_api", reason="pip install -r tests/requirements.txt")
expect = sync_api.expect
OpenPage = Callable[..., Any]


@pytest.fixture
def open_page(chromium: Any, server: Server) -> Iterator[OpenPage]:
    with Store.open(server.workspace) as store:
        update_descriptors(store)
    with people(chromium, server, "suggestions", ".box .files") as opened:
        yield lambda name, **options: opened(name, "section=photo", **options)


@pytest.mark.long
def test_a_photo_opens_its_nearest_mouths_in_review(open_page: OpenPage, server: Server) -> None:
    page = open_page("Ann")
    settled(page)
    assert violations(page) == []
    pick = page.locator(".box .pick-files")
    pick.set_input_files({"name": "notes.jpg", "mimeType": "image/jpeg", "buffer": b"no photo"})
    expect(page.locator(".box .trouble")).to_contain_text("the photo cannot be searched by", timeout=60_000)

    pick.set_input_files({"name": "face.jpg", "mimeType": "image/jpeg", "buffer": numbered_head(3)})
    page.wait_for_url(re.compile(r"/review\?.*selection=1"), timeout=60_000)
    card = page.locator(".card").first
    card.wait_for()
    (nearest,) = re.findall(r"looks(?:%3A|:)([0-9a-f]{32})", page.url)
    expect(card).to_have_attribute("data-id", nearest)
    assert server.rows("SELECT count(*) FROM selections") == [(1,)]
    assert server.rows("SELECT count(*) FROM images WHERE original LIKE '%face.jpg'") == [(0,)]
