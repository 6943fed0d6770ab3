"""A provider signs somebody in once, for all workspaces of the server."""

from __future__ import annotations

import shutil
import signal
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import CHROMIUM, Server, free_port
from tests.e2e.grid import becomes
from tests.e2e.test_oidc_browser import ADDRESS, SECRETS, arrive, provider
from tests.pipeline import commands as cli

pytestmark = pytest.mark.long

__all__ = ["provider"]


def test_who_signs_in_at_the_provider_is_somebody_in_every_workspace(
    chromium: Any, template: Path, tmp_path: Path, provider: str
) -> None:
    if not CHROMIUM:
        pytest.skip("no browser: apt-get install chromium")
    every, port = tmp_path / "all", free_port()
    for name in ("a", "b"):
        shutil.copytree(template, every / name)
    address = ADDRESS.format(port=port)
    (tmp_path / ".streamlit").mkdir()
    (tmp_path / ".streamlit" / "secrets.toml").write_text(SECRETS.format(address=address, provider=provider), "utf-8")
    settings = {"MOUE_AUTH": "oidc", "HOME": str(tmp_path), "MOUE_WORKSPACES": str(every)}
    server = Server(every / "a", tmp_path / "server.log", port, settings)
    try:
        server.start()
        page = chromium.new_page()
        page.goto(f"{address}/")  # the list: a stranger is told no names
        page.get_by_role("button", name="Sign in").wait_for()
        becomes(lambda: page.locator(".moue-workspaces").count(), 0)
        page.context.close()
        page = arrive(chromium, address, "one", "w/a/review")
        page.get_by_role("link", name="a", exact=True).click()  # the provider sends everybody to the list
        page.locator(".card.loaded").first.wait_for()  # and then comes what was asked for in it
        page.goto(f"{address}/w/b/classes")
        page.get_by_role("heading", name="Classes").wait_for()
        page.context.close()
    finally:
        server.stop(signal.SIGKILL)
    for name in ("a", "b"):
        assert cli.rows(every / name, "SELECT name FROM annotators") == [("Ada Lovelace",)]
