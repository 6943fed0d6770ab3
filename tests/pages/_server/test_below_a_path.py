"""Below a path (`server.baseUrlPath`) our routes are found as Streamlit's own addresses are."""

from __future__ import annotations

from typing import Any

import anyio
import pytest
import streamlit as st

from pages._server.spaces import Spaces


def reached(path: str, kind: str = "http") -> str:
    """The path with which the application is called."""
    seen: list[str] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope["path"])

    async def ask() -> None:
        await Spaces(app)({"type": kind, "path": path, "headers": []}, None, None)  # type: ignore[arg-type]

    anyio.run(ask)
    return seen[0]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("/moue/api/decisions", "/api/decisions"), ("/moue/dashboard", "/dashboard"), ("/moue/review", "/moue/review"),
        ("/moue/_stcore/health", "/moue/_stcore/health"), ("/moue/apis", "/moue/apis"), ("/api/x", "/api/x"),
    ],
)  # fmt: skip
def test_ours_lie_at_the_top(asked: str, found: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MOUE_WORKSPACES", raising=False)
    monkeypatch.setattr(st, "get_option", lambda name: "moue" if name == "server.baseUrlPath" else None)
    assert reached(asked) == found
    assert reached(asked, "websocket") == asked


def test_without_such_a_path_nothing_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MOUE_WORKSPACES", raising=False)
    monkeypatch.setattr(st, "get_option", lambda name: "")
    assert reached("/api/decisions") == "/api/decisions"
