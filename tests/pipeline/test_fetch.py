"""The fetcher among well-behaved servers; what bad ones do is in tests/faults."""

from __future__ import annotations

import ipaddress
import itertools
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from email.utils import formatdate
from pathlib import Path

import pytest

from pipeline import fetch_one
from pipeline.errors import UsageError
from pipeline.fetch import MOST_WAITING, FetchLimits, fetch_all
from pipeline.wanted import Wanted
from tests.faults.hostile import GIF, Hostile

LIMITS = FetchLimits(total_s=5, connect_s=2, parallel=8, per_host=4, allow=(ipaddress.ip_network("127.0.0.0/8"),))


@pytest.fixture(scope="module")
def server() -> Iterator[Hostile]:
    with Hostile({f"/{n}.gif": GIF + bytes([n % 251]) for n in range(600)}, latency_s=0.01) as one:
        yield one


def test_each_address_comes_back_once(server: Hostile, tmp_path: Path) -> None:
    wanted = [Wanted(server.url(f"/{n}.gif"), query=str(n)) for n in range(600)]
    found = list(fetch_all(wanted, tmp_path, replace(LIMITS, parallel=32, per_host=32)))
    assert sorted(int(one.wanted.query) for one in found) == list(range(600))
    assert all(Path(one.path).read_bytes() == GIF + bytes([int(one.wanted.query) % 251]) for one in found)
    assert len({one.path for one in found}) == 600


def test_it_reads_a_few_hundred_ahead_at_most(server: Hostile, tmp_path: Path) -> None:
    asked = []

    def endless() -> Iterator[Wanted]:
        for n in itertools.count():
            asked.append(n)
            yield Wanted(server.url(f"/{n % 600}.gif"))

    results = fetch_all(endless(), tmp_path, LIMITS)
    first = next(results)
    time.sleep(1)
    assert len(asked) < 4 * MOST_WAITING
    results.close()
    assert [str(path) for path in tmp_path.iterdir()] == [first.path]


def test_a_stop_ends_it_and_leaves_nothing_behind(server: Hostile, tmp_path: Path) -> None:
    stopped = threading.Event()
    wanted = [Wanted(server.url("/slow")) for _ in range(20)]
    threading.Timer(0.3, stopped.set).start()
    start = time.monotonic()
    assert list(fetch_all(wanted, tmp_path, LIMITS, stopped.is_set)) == []
    assert time.monotonic() - start < 4
    assert list(tmp_path.iterdir()) == []


def test_an_error_of_the_search_comes_out_behind_what_it_gave(server: Hostile, tmp_path: Path) -> None:
    def broken() -> Iterator[Wanted]:
        yield Wanted(server.url("/1.gif"))
        raise UsageError("no such engine")

    results = fetch_all(broken(), tmp_path, LIMITS)
    assert next(results).failure is None
    with pytest.raises(UsageError, match="no such engine"):
        next(results)


def test_one_host_is_asked_a_few_at_a_time_and_holds_no_other_back(tmp_path: Path) -> None:
    with Hostile({"/a.gif": GIF}, latency_s=0.3) as slow, Hostile({"/a.gif": GIF}) as quick:
        wanted = [Wanted(slow.url("/a.gif")) for _ in range(8)]
        wanted += [Wanted(quick.url("/a.gif", "localhost")) for _ in range(8)]
        hosts = [one.wanted.url for one in fetch_all(wanted, tmp_path, replace(LIMITS, per_host=2))]
    assert all("localhost" in url for url in hosts[:8])


def test_what_a_server_is_told(server: Hostile, tmp_path: Path) -> None:
    list(fetch_all([Wanted(server.url("/7.gif"), page_url="https://page.example/secret?q=1")], tmp_path, LIMITS))
    head = server.heads["/7.gif"]
    assert head["referer"] == "https://page.example/"
    assert head["accept-encoding"] == "identity"
    assert head["user-agent"] == fetch_one.AGENT
    assert "cookie" not in head


def test_who_does_not_obey_noai_gets_it(server: Hostile, tmp_path: Path) -> None:
    (one,) = fetch_all([Wanted(server.url("/noai"))], tmp_path, replace(LIMITS, obey_noai=False))
    assert one.failure is None


def test_certificates_that_are_none_are_refused(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("nothing")
    with pytest.raises(UsageError, match="give a PEM file"):
        list(fetch_all([Wanted("https://example.com/")], tmp_path / "spool", replace(LIMITS, ca=tmp_path / "ca.pem")))


@pytest.mark.parametrize(("told", "seconds"), [(None, None), ("", None), ("7", 7.0), ("soon", None), ("-1", None)])
def test_how_long_a_server_asks_to_wait(told: str | None, seconds: float | None) -> None:
    assert fetch_one.retry_after(told) == seconds


def test_a_server_may_name_the_moment() -> None:
    waits = fetch_one.retry_after(formatdate(time.time() + 60, usegmt=True))
    assert waits is not None
    assert 55 < waits <= 60
    assert fetch_one.retry_after(formatdate(0, usegmt=True)) == 0.0
