"""Whom the fetcher believes: certificates, proxies, name servers."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import trustme

from pipeline.core.errors import UsageError
from pipeline.core.outcome import Outcome
from pipeline.fetch.candidate import ImageCandidate
from pipeline.fetch.fetch import Fetched, fetch_all
from pipeline.fetch.request import FetchLimits
from pipeline.fetch.session import CheckedResolver, ForbiddenHostError, check_proxy, open_session, without_password
from tests.faults.hostile import GIF, Hostile
from tests.pipeline.socks import Socks

LIMITS = FetchLimits(total_s=10, connect_s=5, retries=0, allow=(ipaddress.ip_network("127.0.0.0/8"),))
OUTSIDE = replace(LIMITS, allow=())


def ended(one: Fetched) -> tuple[Outcome, str] | None:
    """The outcome and its reason in English, None where the file came."""
    return one.failure and (one.failure[0], one.failure[1].text)


@pytest.fixture(scope="module")
def server() -> Iterator[Hostile]:
    with Hostile({"/a.gif": GIF}) as one:
        yield one


def fetch(tmp_path: Path, url: str, limits: FetchLimits) -> Fetched:
    (one,) = fetch_all([ImageCandidate.at(url)], tmp_path / "spool", limits)
    return one


def of_server(certificate: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context


@pytest.mark.parametrize("fault", ["", "unknown authority", "other name", "expired"])
def test_a_certificate_must_be_right(tmp_path: Path, fault: str) -> None:
    authority = trustme.CA()
    name = "other.example" if fault == "other name" else "127.0.0.1"
    until = datetime(2020, 1, 1, tzinfo=UTC) if fault == "expired" else None
    certificate = authority.issue_cert(name, not_after=until)
    (trustme.CA() if fault == "unknown authority" else authority).cert_pem.write_to_path(tmp_path / "ca.pem")
    with Hostile({"/a.gif": GIF}, tls=of_server(certificate)) as server:
        one = fetch(tmp_path, server.url("/a.gif"), replace(LIMITS, ca=tmp_path / "ca.pem"))
        asked = server.asked.total()
    told = (Outcome.UNAVAILABLE, "the server's certificate is not to be trusted") if fault else None
    assert (ended(one), asked) == (told, 0 if fault else 1)


def test_plain_words_where_tls_is_expected(server: Hostile, tmp_path: Path) -> None:
    one = fetch(tmp_path, server.url("/a.gif").replace("http:", "https:"), LIMITS)
    assert ended(one) == (Outcome.UNAVAILABLE, "the server speaks no TLS that can be trusted")


@pytest.mark.parametrize(
    "proxy",
    [
        "foo", "localhost:8080", "ftp://proxy:21", "socks5://", "http://proxy", "http://[", "http://:80", "file:///etc",
        "http://proxy:port",
    ],
)  # fmt: skip
def test_a_proxy_that_is_none_is_refused_and_nothing_is_fetched_without_it(
    server: Hostile, tmp_path: Path, proxy: str
) -> None:
    before = server.asked.total()
    with pytest.raises(UsageError, match="give http://host:port or socks5://host:port"):
        fetch(tmp_path, server.url("/a.gif"), replace(LIMITS, proxy=proxy))
    assert server.asked.total() == before


def test_proxies_that_are_understood() -> None:
    assert check_proxy("") == ""
    assert check_proxy("HTTP://user:secret@proxy:3128") == "http://user:secret@proxy:3128"
    assert check_proxy("socks5h://127.0.0.1:1080") == "socks5://127.0.0.1:1080"


def test_a_session_of_a_proxy_that_is_none_is_not_opened() -> None:
    async def opened() -> None:
        open_session(proxy="foo", ca=None, allow=(), parallel=1, connect_s=1, agent="x")

    with pytest.raises(UsageError):
        asyncio.run(opened())


def test_through_socks_the_name_is_looked_up_there(
    server: Hostile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_up: list[str] = []
    real = socket.getaddrinfo

    def look_up(host: str, *args: Any, **more: Any) -> Any:
        looked_up.append(host)
        return real(host, *args, **more)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    with Socks(server.port) as proxy:
        limits = replace(OUTSIDE, proxy=proxy.url.replace("socks5", "socks5h"))
        one = fetch(tmp_path, "http://photos.example/a.gif", limits)
    assert one.failure is None
    assert proxy.asked == ["photos.example:80"]
    assert "photos.example" not in looked_up


@pytest.mark.parametrize("host", ["127.0.0.1", "169.254.169.254", "2130706433", "[::1]", "localhost", "a.internal"])
def test_a_proxy_is_not_asked_for_what_is_plainly_inside(server: Hostile, tmp_path: Path, host: str) -> None:
    with Socks(server.port) as proxy:
        one = fetch(tmp_path, f"http://{host}/a.gif", replace(OUTSIDE, proxy=proxy.url))
    assert one.failure is not None
    assert one.failure[0] is Outcome.UNAVAILABLE
    assert proxy.asked == []


@pytest.mark.parametrize("scheme", ["http", "socks5"])
def test_a_proxy_that_is_down_is_named(tmp_path: Path, scheme: str) -> None:
    with socket.socket() as reserved:  # bound and not listening: nothing else gets the port meanwhile
        reserved.bind(("127.0.0.1", 0))
        limits = replace(OUTSIDE, proxy=f"{scheme}://127.0.0.1:{reserved.getsockname()[1]}")
        one = fetch(tmp_path, "http://photos.example/a.gif", limits)
    assert ended(one) == (Outcome.UNAVAILABLE, "the proxy cannot be reached")


def test_a_proxy_that_refuses_is_named(server: Hostile, tmp_path: Path) -> None:
    limits = replace(OUTSIDE, proxy=f"http://127.0.0.1:{server.port}")
    one = fetch(tmp_path, "https://photos.example/a.gif", limits)
    assert ended(one) == (Outcome.UNAVAILABLE, "the proxy answers 404")


def test_the_environment_chooses_no_proxy(server: Hostile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert fetch(tmp_path, server.url("/a.gif"), LIMITS).failure is None


def test_one_inner_address_among_many_refuses_the_name(monkeypatch: pytest.MonkeyPatch) -> None:
    def look_up(host: str, port: int, *_: Any) -> Any:
        answers = {
            "good.example": ["93.184.215.14"],
            "both.example": ["93.184.215.14", "fe80::1%eth0"],
            "no.example": [],
        }
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in answers[host]]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    resolver = CheckedResolver((), 5.0)
    (found,) = asyncio.run(resolver.resolve("good.example", 80))
    assert (found["host"], found["port"]) == ("93.184.215.14", 80)
    with pytest.raises(ForbiddenHostError):
        asyncio.run(resolver.resolve("both.example", 80))
    with pytest.raises(OSError, match="has no address"):
        asyncio.run(resolver.resolve("no.example", 80))


@pytest.mark.parametrize(
    ("proxy", "shown"),
    [
        ("", ""), ("http://proxy:3128", "http://proxy:3128"), ("http://ada:pw@proxy:3128", "http://proxy:3128"),
        ("socks5://a:b@c@proxy:1080", "socks5://proxy:1080"), ("ada:pw@proxy:3128", "proxy:3128"),
    ],
)  # fmt: skip
def test_a_proxy_is_kept_without_its_password(proxy: str, shown: str) -> None:
    assert without_password(proxy) == shown
