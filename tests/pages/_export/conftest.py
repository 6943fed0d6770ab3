from __future__ import annotations

from collections.abc import Iterator

import pytest

from pages._export import planned
from pages._server.exports import previews


@pytest.fixture(autouse=True)
def _made_at_once(exports_at_once: None) -> None:
    """In all tests of the page."""


@pytest.fixture(autouse=True)
def _planned_at_once(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Where a test needs the program beside the server, it is waited for."""
    monkeypatch.setattr(planned, "PATIENCE_S", 120.0)
    yield
    previews.end_all()
