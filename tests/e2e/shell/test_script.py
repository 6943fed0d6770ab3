"""The grid's script comes by its own address, once, and is kept by the browser."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.e2e.grid import becomes

pytestmark = pytest.mark.long
SignIn = Callable[..., Any]
_FETCHED = """() => performance.getEntriesByType('resource')
  .filter(one => one.name.includes('/api/script/review_grid.')).map(one => one.transferSize > 0)"""
"""Of each request for it, whether anything came over the network."""


def test_it_is_fetched_once_and_kept(sign_in: SignIn) -> None:
    page = sign_in("Ann", "state=all&size=24")
    page.locator(".card img").first.wait_for()
    becomes(lambda: page.evaluate(_FETCHED) == [True])
    page.reload()
    page.locator(".card img").first.wait_for()
    becomes(lambda: page.evaluate(_FETCHED) == [False])
