"""Names that a proxy passes: a real nginx before Moue, one that does not pass Host, and whoever goes round it."""

from __future__ import annotations

import http.client
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from pages._words import COOKIE
from tests.e2e.conftest import CHROMIUM, Server, free_port, running
from tests.e2e.grid import becomes, press, wait_saved
from tests.e2e.nginx import documented, nginx
from tests.e2e.test_accessible import violations

pytestmark = pytest.mark.long

PROXY = "127.0.0.5"
"""Where this test's proxy comes from: an address of loopback like any other, and the only one that is trusted."""


@contextmanager
def trusting(template: Path, folder: Path, **more: str) -> Iterator[tuple[Server, int, str]]:
    """Moue in `folder` that takes names from `PROXY`; the port for a proxy, and the address that people type."""
    if not CHROMIUM:
        pytest.skip("no browser: apt-get install chromium")
    shutil.copytree(template, folder / "workspace")
    (folder / "nginx").mkdir()
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    settings = {"MOUE_AUTH": "header", "MOUE_TRUSTED_PROXIES": PROXY, "MOUE_ORIGIN": address, **more}
    for server in running(folder, **settings):
        yield server, port, address


@pytest.fixture
def behind(template: Path, tmp_path: Path) -> Iterator[tuple[Server, str]]:
    """Moue behind the nginx of the docs (a cookie names the person), and the address that people type."""
    with trusting(template, tmp_path) as (server, port, address):
        block = documented()
        for given, here in (
            ("127.0.0.1:8080", f"127.0.0.1:{port}"),
            ("127.0.0.1:8501;", f"127.0.0.1:{server.port}; proxy_bind {PROXY};"),
            ('auth_basic "Moue";', ""),
            ("auth_basic_user_file /etc/nginx/moue.htpasswd;", ""),
            ("$remote_user", "$cookie_person"),  # a browser that is driven shows no password at a web socket
        ):
            assert block.count(given) == 1
            block = block.replace(given, here)
        with nginx(tmp_path / "nginx", port, block):
            yield server, address


@pytest.fixture
def below_a_path(template: Path, tmp_path: Path) -> Iterator[tuple[Server, str]]:
    """Moue below /moue/, behind the nginx of the docs."""
    with trusting(template, tmp_path, STREAMLIT_SERVER_BASE_URL_PATH="moue") as (server, port, address):
        block = documented(1)
        for given, here in (
            ("127.0.0.1:8501;", f"127.0.0.1:{server.port}; proxy_bind {PROXY};"),
            ("$remote_user", "$cookie_person"),
        ):
            assert block.count(given) == 1
            block = block.replace(given, here)
        upgrade = "map $http_upgrade $connection_upgrade { default upgrade; '' close; }"
        with nginx(tmp_path / "nginx", port, f"{upgrade} server {{ listen 127.0.0.1:{port}; {block} }}"):
            yield server, f"{address}/moue"


@pytest.fixture
def without_host(template: Path, tmp_path: Path) -> Iterator[tuple[Server, str]]:
    """Moue behind a proxy that passes neither Host nor more than it must."""
    with trusting(template, tmp_path) as (server, port, address):
        upstream = f"proxy_pass http://127.0.0.1:{server.port}; proxy_bind {PROXY}; proxy_http_version 1.1;"
        socket = "proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $http_connection;"
        user = "proxy_set_header X-Forwarded-User Zoë; proxy_set_header X-Forwarded-For $remote_addr;"
        block = f"server {{ listen 127.0.0.1:{port}; location / {{ {upstream} {socket} {user} }} }}"
        with nginx(tmp_path / "nginx", port, block):
            yield server, address


def label_one(chromium: Any, address: str, name: str = "") -> None:
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    context.add_cookies([{"name": "person", "value": name, "url": address}])
    page = context.new_page()
    page.goto(f"{address}/review?size=24")
    page.locator(".card.loaded").first.wait_for()
    press(page, "1")
    wait_saved(page)
    context.close()


def test_people_decide_through_the_proxy_of_the_docs(behind: tuple[Server, str], chromium: Any) -> None:
    server, address = behind
    for name in ("Zoe", "Ada"):
        label_one(chromium, address, name)
    assert server.rows("SELECT annotator FROM decisions ORDER BY seq") == [("Zoe",), ("Ada",)]


def upload_a_part(chromium: Any, address: str, name: str) -> int:
    """The status of a part of 8 MiB that a page of this person's sends."""
    context = chromium.new_context()
    context.add_cookies([{"name": "person", "value": name, "url": address}])
    page = context.new_page()
    page.goto(f"{address}/")
    size = 8 * 1024 * 1024
    asked = f"kind=photos&batch={'b' * 32}&name=a.zip&size={2 * size}&modified=1&number=0&offset=0"
    script = """async ([url, size]) =>
      (await fetch(url, { method: "PUT", body: new Uint8Array(size), credentials: "same-origin" })).status"""
    status = int(page.evaluate(script, [f"{address}/api/upload?{asked}", size]))
    context.close()
    return status


def test_a_part_of_an_upload_passes(behind: tuple[Server, str], chromium: Any) -> None:
    server, address = behind
    assert upload_a_part(chromium, address, "Ada") == 200
    assert [path.stat().st_size for path in server.workspace.rglob("part-*")] == [8 * 1024 * 1024]


def test_people_decide_and_upload_below_a_path(below_a_path: tuple[Server, str], chromium: Any) -> None:
    server, address = below_a_path
    label_one(chromium, address, "Zoe")
    assert server.rows("SELECT annotator FROM decisions") == [("Zoe",)]
    assert server.rows("SELECT annotator, role FROM roles") == [("Zoe", "owner")]
    assert [upload_a_part(chromium, address, name) for name in ("Zoe", "Ada")] == [200, 403]  # Ada only labels


def test_a_proxy_need_not_pass_host(without_host: tuple[Server, str], chromium: Any) -> None:
    server, address = without_host
    label_one(chromium, address)
    assert server.rows("SELECT annotator FROM decisions") == [("Zoë",)]


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


def test_whoever_goes_round_the_proxy_is_nobody(behind: tuple[Server, str], chromium: Any) -> None:
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
    context = chromium.new_context(viewport={"width": 390, "height": 844})
    context.add_cookies([{"name": COOKIE, "value": "zh", "url": server.address}])
    page = context.new_page()
    page.goto(f"{server.address}/review")
    page.get_by_role("heading", name="Moue", exact=True).wait_for()
    page.get_by_role("alert").filter(has_text="MOUE_TRUSTED_PROXIES").wait_for()  # and reads why
    becomes(lambda: violations(page), [])
    context.close()
