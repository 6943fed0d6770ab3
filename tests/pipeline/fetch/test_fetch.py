"""The fetcher among well-behaved servers; what bad ones do is in tests/faults."""

from __future__ import annotations

import asyncio
import hashlib
import ipaddress
import itertools
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from email.utils import formatdate
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.errors import UsageError
from pipeline.core.records import Provenance
from pipeline.fetch import body as fetch_body
from pipeline.fetch import request
from pipeline.fetch.candidate import ImageCandidate
from pipeline.fetch.fetch import MOST_WAITING, fetch_all
from pipeline.fetch.request import FetchLimits
from tests.faults.hostile import GIF, Hostile, send

LIMITS = FetchLimits(total_s=5, connect_s=2, parallel=8, per_host=4, allow=(ipaddress.ip_network("127.0.0.0/8"),))


@pytest.fixture(scope="module")
def server() -> Iterator[Hostile]:
    with Hostile({f"/{n}.gif": GIF + bytes([n % 251]) for n in range(600)}, latency_s=0.01) as one:
        yield one


def test_each_address_comes_back_once(server: Hostile, tmp_path: Path) -> None:
    wanted = [ImageCandidate(Provenance(server.url(f"/{n}.gif"), query=str(n))) for n in range(600)]
    found = list(fetch_all(wanted, tmp_path, replace(LIMITS, parallel=32, per_host=32)))
    assert sorted(int(one.candidate.provenance.query) for one in found) == list(range(600))
    assert all(Path(one.path).read_bytes() == GIF + bytes([int(one.candidate.provenance.query) % 251]) for one in found)
    assert len({one.path for one in found}) == 600


def test_it_reads_a_few_hundred_ahead_at_most(server: Hostile, tmp_path: Path) -> None:
    asked = []

    def endless() -> Iterator[ImageCandidate]:
        for n in itertools.count():
            asked.append(n)
            yield ImageCandidate.at(server.url(f"/{n % 600}.gif"))

    # Read and not yet fetched, waiting for their host, on their way, done and not taken, and one in the reader's hand.
    ahead = 3 * MOST_WAITING + LIMITS.parallel + 1
    results = fetch_all(endless(), tmp_path, LIMITS)
    taken = []
    for one in itertools.islice(results, 300):  # who reads on would be thousands ahead long before
        taken.append(one.path)
        assert len(asked) <= len(taken) + ahead
    results.close()
    assert sorted(str(path) for path in tmp_path.iterdir()) == sorted(taken)


def test_a_stop_ends_it_and_leaves_nothing_behind(server: Hostile, tmp_path: Path) -> None:
    """While four are on their way, of which each would take minutes: one that was waited for would be a result."""
    wanted = [ImageCandidate.at(server.url("/slow")) for _ in range(20)]
    patient = replace(LIMITS, total_s=3600)
    assert list(fetch_all(wanted, tmp_path, patient, lambda: server.asked["/slow"] >= LIMITS.per_host)) == []
    assert server.asked["/slow"] == LIMITS.per_host
    assert list(tmp_path.iterdir()) == []


def test_a_large_one_is_written_piece_by_piece_over_what_an_ended_run_left(tmp_path: Path) -> None:
    body = GIF + bytes(range(256)) * 12_000
    for number in range(3):
        (tmp_path / f"{number:08d}.part").write_bytes(b"old")
    with Hostile({"/large.gif": body}) as server:
        (one,) = fetch_all([ImageCandidate.at(server.url("/large.gif"))], tmp_path, LIMITS)
    assert (one.size, one.sha256) == (len(body), hashlib.sha256(body).hexdigest())
    assert Path(one.path).read_bytes() == body


def test_a_stop_while_the_disk_writes_leaves_nothing_behind(
    server: Hostile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writing, cancelled = threading.Event(), threading.Event()
    real, gather = fetch_body._append, asyncio.gather

    def slowly(saved: fetch_body.Saved, data: bytearray) -> None:
        writing.set()
        assert cancelled.wait(60)
        real(saved, data)

    def gather_cancelled(*tasks: Any, **more: Any) -> Any:
        cancelled.set()
        return gather(*tasks, **more)

    monkeypatch.setattr(fetch_body, "_append", slowly)
    monkeypatch.setattr(asyncio, "gather", gather_cancelled)
    assert list(fetch_all([ImageCandidate.at(server.url("/1.gif"))], tmp_path, LIMITS, writing.is_set)) == []
    assert list(tmp_path.iterdir()) == []


def test_an_error_of_the_search_comes_out_behind_what_it_gave(server: Hostile, tmp_path: Path) -> None:
    def broken() -> Iterator[ImageCandidate]:
        yield ImageCandidate.at(server.url("/1.gif"))
        raise UsageError("no such engine")

    results = fetch_all(broken(), tmp_path, LIMITS)
    assert next(results).failure is None
    with pytest.raises(UsageError, match="no such engine"):
        next(results)


class Held(Hostile):
    """It answers nobody before it is let go, and counts who waits."""

    let_go = False
    waiting = most = 0

    async def vice_held(self, writer: asyncio.StreamWriter) -> None:
        self.waiting += 1
        self.most = max(self.most, self.waiting)
        while not self.let_go:
            await asyncio.sleep(0.01)
        self.waiting -= 1
        send(writer, GIF)


def test_one_host_is_asked_a_few_at_a_time_and_holds_no_other_back(tmp_path: Path) -> None:
    hosts = []
    with Held({}) as slow, Hostile({"/a.gif": GIF}) as quick:
        wanted = [ImageCandidate.at(slow.url("/held")) for _ in range(8)]
        wanted += [ImageCandidate.at(quick.url("/a.gif", "localhost")) for _ in range(8)]
        for one in fetch_all(wanted, tmp_path, replace(LIMITS, per_host=2, total_s=60)):
            assert one.failure is None
            hosts.append("quick" if "localhost" in one.candidate.url else "slow")
            slow.let_go = len(hosts) >= 8
    assert hosts == ["quick"] * 8 + ["slow"] * 8
    assert slow.most == 2


def test_what_a_server_is_told(server: Hostile, tmp_path: Path) -> None:
    list(
        fetch_all(
            [ImageCandidate(Provenance(server.url("/7.gif"), page_url="https://page.example/secret?q=1"))],
            tmp_path,
            LIMITS,
        )
    )
    head = server.heads["/7.gif"]
    assert head["referer"] == "https://page.example/"
    assert head["accept-encoding"] == "identity"
    assert head["user-agent"] == LIMITS.agent == request.agent_of("")
    assert "cookie" not in head


class Busy(Hostile):
    """It says 429 once, and wants a second of rest."""

    times: ClassVar[list[float]] = []

    async def vice_busy(self, writer: asyncio.StreamWriter) -> None:
        self.times.append(time.monotonic())
        if len(self.times) == 1:
            send(writer, b"", {"Retry-After": "1"}, status=429)
        else:
            await asyncio.sleep(0.2)
            send(writer, GIF)


def test_a_host_that_wants_a_rest_is_left_alone_as_a_whole(tmp_path: Path) -> None:
    with Busy({}) as server:
        wanted = [ImageCandidate.at(server.url(f"/busy/{n}")) for n in range(5)]
        found = list(fetch_all(wanted, tmp_path, replace(LIMITS, per_host=2)))
    assert [one.failure for one in found] == [None] * 5
    assert len(server.times) == 6
    told, _already_on_its_way, *later = server.times
    assert all(at - told > 0.9 for at in later)


def test_a_rest_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr(request, "time", SimpleNamespace(monotonic=lambda: now[0]))
    backoff = request.HostBackoff()
    assert backoff.remaining("a.example") == 0.0
    backoff.back_off("a.example", 60)
    backoff.back_off("a.example", 1)
    assert backoff.remaining("a.example") == 60
    now[0] += 59
    assert backoff.remaining("a.example") == 1
    assert backoff.remaining("b.example") == 0.0
    backoff.back_off("b.example", -1)
    assert backoff.remaining("b.example") == 0.0
    now[0] += 1
    assert backoff.remaining("a.example") == 0.0
    backoff.back_off("a.example", 2)
    assert backoff.remaining("a.example") == 2


def test_who_does_not_obey_noai_gets_it(server: Hostile, tmp_path: Path) -> None:
    (one,) = fetch_all([ImageCandidate.at(server.url("/noai"))], tmp_path, replace(LIMITS, obey_noai=False))
    assert one.failure is None


def test_certificates_that_are_none_are_refused(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("nothing")
    with pytest.raises(UsageError, match="give a PEM file"):
        list(
            fetch_all(
                [ImageCandidate.at("https://example.com/")],
                tmp_path / "spool",
                replace(LIMITS, ca=tmp_path / "ca.pem"),
            )
        )


@pytest.mark.parametrize(
    ("told", "seconds"), [(None, None), ("", None), ("7", 7.0), ("soon", None), ("-1", None), ("²", None)]
)
def test_how_long_a_server_asks_to_wait(told: str | None, seconds: float | None) -> None:
    assert request.retry_after(told) == seconds


def test_a_server_may_name_the_moment() -> None:
    waits = request.retry_after(formatdate(time.time() + 60, usegmt=True))
    assert waits is not None
    assert 55 < waits <= 60
    assert request.retry_after(formatdate(0, usegmt=True)) == 0.0


@given(st.text() | st.datetimes().map(lambda when: formatdate(0)[:5] + str(when)) | st.integers().map(str))
def test_whatever_a_server_says_is_a_time_or_nothing(told: str) -> None:
    seconds = request.retry_after(told)
    assert seconds is None or seconds >= 0


def test_who_fetches_can_be_written_to() -> None:
    assert request.agent_of(" ada@example.org\r\nX: y").endswith("contact: ada@example.org X: y)")
    assert request.agent_of("嘴").endswith("contact: ?)")
    assert request.agent_of("").endswith("contact: not given)")
