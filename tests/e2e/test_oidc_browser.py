"""Signing in through a provider: Moue with `MOUE_AUTH=oidc`, a real provider on loopback, a real browser."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import CHROMIUM, Server, free_port
from tests.e2e.grid import becomes, press, wait_saved
from tests.e2e.test_accessible import violations

pytestmark = pytest.mark.long

ADDRESS = "http://localhost:{port}"
"""Not 127.0.0.1: the provider sends people back to the address that it was told, and cookies are of a host."""
SECRETS = """
[auth]
redirect_uri = "{address}/oauth2callback"
cookie_secret = "0123456789abcdef0123456789abcdef"
client_id = "moue"
client_secret = "not-secret"
server_metadata_url = "{provider}/.well-known/openid-configuration"
"""


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    """The address of a provider who knows Ada Lovelace, another Ada Lovelace, and somebody without a name."""
    pytest.importorskip("authlib", reason="pip install -r tests/requirements.txt")
    mock = pytest.importorskip("oidc_provider_mock", reason="pip install -r tests/requirements.txt")
    ada = {"name": "Ada Lovelace", "email": "ada@example.org"}
    users = [
        mock.User(sub="one", claims=ada), mock.User(sub="two", claims=ada),
        mock.User(sub="three", claims={"email": "grace@example.org"}),
    ]  # fmt: skip
    with mock.run_server_in_thread(user_claims=users) as running:
        yield f"http://localhost:{running.server_port}"


@pytest.fixture
def served(template: Path, tmp_path: Path, provider: str) -> Iterator[tuple[Server, str]]:
    """Moue, and the address that people type."""
    if not CHROMIUM:
        pytest.skip("no browser: apt-get install chromium")
    shutil.copytree(template, tmp_path / "workspace")
    port = free_port()
    address = ADDRESS.format(port=port)
    (tmp_path / ".streamlit").mkdir()
    (tmp_path / ".streamlit" / "secrets.toml").write_text(SECRETS.format(address=address, provider=provider), "utf-8")
    server = Server(tmp_path / "workspace", tmp_path / "server.log", port, {"MOUE_AUTH": "oidc", "HOME": str(tmp_path)})
    try:
        server.start()
        yield server, address
    finally:
        server.stop()


def arrive(chromium: Any, address: str, subject: str, path: str) -> Any:
    """A browser of somebody's own, signed in at the provider, on the page that was asked for."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.goto(f"{address}/{path}")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name=subject, exact=True).click()
    return page


def test_people_are_who_the_provider_says(served: tuple[Server, str], chromium: Any) -> None:
    """Two of one name are two; a key that each presses is theirs; the first is the owner."""
    server, address = served
    for subject in ("one", "two", "three"):
        page = arrive(chromium, address, subject, "")
        page.get_by_role("heading", name="Overview").wait_for()
        page.goto(f"{address}/review?size=24")
        page.locator(".card.loaded").first.wait_for()
        press(page, "1")
        wait_saved(page)
        page.context.close()
    names = ["Ada Lovelace", "Ada Lovelace (2)", "grace@example.org"]
    assert server.rows("SELECT annotator FROM decisions ORDER BY seq") == [(name,) for name in names]
    assert server.rows("SELECT annotator, role FROM roles") == [("Ada Lovelace", "owner")]
    page = arrive(chromium, address, "two", "classes")  # from another browser, and later
    page.get_by_role("heading", name="Classes", exact=True).wait_for()  # what was asked for, not the first page
    page.get_by_role("button", name="Ada Lovelace (2)").wait_for()
    page.context.close()


def test_whoever_signs_out_is_nobody(served: tuple[Server, str], chromium: Any) -> None:
    server, address = served
    page = arrive(chromium, address, "one", "")
    page.get_by_role("heading", name="Overview").wait_for()
    ((face,),) = server.rows("SELECT id FROM faces ORDER BY seq LIMIT 1")
    picture = f"{address}/api/image/crop/{face}"
    assert page.request.get(picture).status == 200
    page.get_by_role("button", name="Ada Lovelace").click()
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("button", name="End session").click()  # the provider asks, too
    page.get_by_role("button", name="Sign in").wait_for()
    assert page.request.get(picture).status == 401
    page.context.close()


def test_a_stranger_sees_a_button_and_nothing_else(served: tuple[Server, str], chromium: Any) -> None:
    """Deep links on a fresh server, too; a cookie of the local mode is none."""
    server, address = served
    context = chromium.new_context(color_scheme="dark")
    page = context.new_page()
    for path in ("review", "export", "team?section=people"):
        page.goto(f"{address}/{path}")
        page.get_by_role("button", name="Sign in").wait_for()
        page.get_by_text("Moue finds the mouths in photos.").wait_for()
        becomes(lambda: page.locator(".card, [data-testid=stDataFrame], [data-testid=stSelectbox]").count(), 0)
    becomes(lambda: violations(page), [])
    answer = context.request.post(f"{address}/api/sign-in", data={"name": "Ada"}, headers={"Origin": address})
    assert (answer.status, server.rows("SELECT count(*) FROM annotators")) == (400, [(0,)])
    context.close()
