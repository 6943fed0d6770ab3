"""Names that a proxy passes: a real nginx before Moue, one that does not pass Host, and whoever goes round it."""

from __future__ import annotations

import http.client
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import CHROMIUM, Server, free_port, running
from tests.e2e.grid import press, wait_saved
from tests.e2e.nginx import WEB_SOCKET, nginx

PROXY = "127.0.0.5"
"""Where this test's proxy comes from: an address of loopback like any other, and the only one that is trusted."""


@pytest.fixture
def behind(template: Path, tmp_path: Path) -> Iterator[tuple[Server, str]]:
    """Moue behind nginx, and the address that people type."""
    if not CHROMIUM:
        pytest.skip("no browser: apt-get install chromium")
    shutil.copytree(template, tmp_path / "workspace")
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    settings = {"MOUE_AUTH": "header", "MOUE_TRUSTED_PROXIES": PROXY, "MOUE_ORIGIN": address}
    for server in running(tmp_path, **settings):
        signs_in = f"{WEB_SOCKET} proxy_bind {PROXY}; proxy_set_header X-Forwarded-User 'Zo\u00eb';"
        with nginx(tmp_path / "nginx", port, server.port, signs_in):
            yield server, address


def test_a_person_whom_a_proxy_signs_in_decides_without_host(behind: tuple[Server, str], chromium: Any) -> None:
    server, address = behind
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(20_000)
    page = context.new_page()
    page.goto(f"{address}/review?size=24")
    page.locator(".card.loaded").first.wait_for()
    press(page, "1")
    wait_saved(page)
    assert server.rows("SELECT annotator FROM decisions") == [("Zoë",)]
    context.close()


def asked(server: Server, path: str, source: str, *headers: tuple[str, str], method: str = "GET") -> int:
    """The status of a request that goes round the proxy."""
    line = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20, source_address=(source, 0))
    line.putrequest(method, path)
    for name, value in headers:
        line.putheader(name, value)
    line.endheaders()
    status = line.getresponse().status
    line.close()
    return status


def test_whoever_goes_round_the_proxy_is_nobody(behind: tuple[Server, str]) -> None:
    server, _ = behind
    ((sha, face),) = server.rows("SELECT sha256, id FROM faces ORDER BY seq LIMIT 1")
    ada = ("X-Forwarded-User", "Ada")
    for path in (f"/api/image/thumb/{sha}", f"/api/image/crop/{face}", f"/api/face/{face}", "/api/changes?since=0"):
        assert asked(server, path, "127.0.0.1", ada) == 401, path
        assert asked(server, path, "127.0.0.1", ada, ("X-Forwarded-For", PROXY)) == 401, path
        assert asked(server, path, "127.0.0.1", ("X-Moue-Annotator", "x.Ada")) == 401, path
        assert asked(server, path, PROXY) == 401, path
        assert asked(server, path, PROXY, ada, ("X-Forwarded-User", "Grace")) == 401, path
        assert asked(server, path, PROXY, ada) in (200, 400), path
