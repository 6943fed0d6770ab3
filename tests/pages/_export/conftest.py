from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def _made_at_once(exports_at_once: None) -> None:
    """In all tests of the page."""
