"""What a server may do wrong: each ends in one named outcome, within the caps, and the good images beside it come."""

from __future__ import annotations

import hashlib
import ipaddress
import socket
import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pytest

from pipeline.fetch import Fetched, FetchLimits, fetch_all
from pipeline.process import process_image
from pipeline.records import ImageRef, Outcome, Settings
from pipeline.wanted import Wanted
from tests.faults.hostile import GIF, Hostile
from tests.pipeline.photos import numbered_head

LOOPBACK = (ipaddress.ip_network("127.0.0.0/8"),)
LIMITS = FetchLimits(
    max_bytes=200_000, max_inflated=400_000, total_s=3, connect_s=2, longest_wait_s=2, allow=LOOPBACK
)  # fmt: skip
PHOTO = numbered_head(1)
UNAVAILABLE, UNSUPPORTED = Outcome.UNAVAILABLE, Outcome.UNSUPPORTED


@pytest.fixture(scope="module")
def server() -> Iterator[Hostile]:
    with Hostile(
        {f"/good{n}.jpg": PHOTO + bytes(n) for n in range(12)} | {"/good.jpg": PHOTO, "/lie.png": PHOTO}
    ) as one:
        yield one


def fetch(tmp_path: Path, *urls: str, limits: FetchLimits = LIMITS) -> dict[str, Fetched]:
    found = {one.wanted.url: one for one in fetch_all([Wanted(url) for url in urls], tmp_path / "spool", limits)}
    kept = {one.path for one in found.values() if one.path}
    assert {str(path) for path in (tmp_path / "spool").iterdir()} == kept  # nothing half done stays
    return found


VICES = {
    "/404": (UNAVAILABLE, "the server answers 404"),
    "/403": (UNAVAILABLE, "the server answers 403"),
    "/never": (UNAVAILABLE, "the server answers 503"),
    "/empty": (Outcome.UNDECODABLE, "the file is empty"),
    "/html": (UNSUPPORTED, "this is a web page, not a photo"),
    "/cut": (UNAVAILABLE, "the connection was cut"),
    "/huge": (Outcome.TOO_LARGE, "the file has 10,737,418,240 bytes, more than the cap of 200,000"),
    "/endless": (Outcome.TOO_LARGE, "the file has more bytes than the cap of 200,000"),
    "/gzip": (Outcome.TOO_LARGE, "it unpacks to more than 400,000 bytes"),
    "/broken-gzip": (Outcome.UNDECODABLE, "what the server compressed is damaged"),
    "/brotli": (UNSUPPORTED, "the server sends it compressed (br) although it was asked not to"),
    "/slow": (UNAVAILABLE, "the server took longer than 3 s"),
    "/slow-head": (UNAVAILABLE, "the server took longer than 3 s"),
    "/noai": (UNAVAILABLE, "its owner does not want it used for AI (X-Robots-Tag)"),
    "/loop": (UNAVAILABLE, "the address leads on more than 5 times"),
    "/to-metadata": (UNAVAILABLE, "the address 169.254.169.254 is not a public one"),
    "/to-file": (UNAVAILABLE, "only http and https are fetched, not file"),
    "/to-nowhere": (UNAVAILABLE, "the server answers 302 and does not say where to look"),
    "/garbage": (UNAVAILABLE, "the server's answer is not HTTP that can be read"),
    "/header-bomb": (UNAVAILABLE, "the server's answer is not HTTP that can be read"),
}


def test_every_vice_has_a_name_and_the_good_ones_come(server: Hostile, tmp_path: Path) -> None:
    good = [server.url(f"/good{n}.jpg") for n in range(12)]
    bad = [server.url(path) for path in VICES]
    start = time.monotonic()
    found = fetch(tmp_path, *(url for pair in zip_longest(bad, good) for url in pair if url))
    assert time.monotonic() - start < 30
    assert {path: found[server.url(path)].failure for path in VICES} == VICES
    for n, url in enumerate(good):
        assert Path(found[url].path).read_bytes() == PHOTO + bytes(n)
        assert found[url].sha256 == hashlib.sha256(PHOTO + bytes(n)).hexdigest()
        assert found[url].size == len(PHOTO) + n
    assert not (tmp_path / "spool" / "passwd").exists()


def test_a_server_that_is_busy_is_asked_again(server: Hostile, tmp_path: Path) -> None:
    found = fetch(tmp_path, server.url("/429"))[server.url("/429")]
    assert found.failure is None
    assert server.asked["/429"] == 3
    assert server.asked["/404"] <= 1  # what is certain is not


def test_kind_ones_that_look_strange(server: Hostile, tmp_path: Path) -> None:
    urls = [server.url(path) for path in ("/zipped", "/to-good", "/lie.png")]
    found = fetch(tmp_path, *urls)
    assert Path(found[urls[0]].path).read_bytes() == GIF
    assert found[urls[1]].final_url == server.url("/good.jpg")
    assert Path(found[urls[2]].path).read_bytes() == PHOTO


def test_what_the_decoder_refuses_is_refused_there(tmp_path: Path) -> None:
    """Half a JPEG looks like a photo to whoever sees its beginning only; a 1x1 GIF is one."""
    with Hostile({"/half.jpg": PHOTO[: len(PHOTO) // 2], "/dot.gif": GIF}) as server:
        urls = [server.url("/half.jpg"), server.url("/dot.gif")]
        found = fetch(tmp_path, *urls)
    outcomes = [
        process_image(ImageRef(found[url].path, url, found[url].size, spooled=True), Settings()).outcome for url in urls
    ]
    assert outcomes == [Outcome.UNDECODABLE, Outcome.NO_FACE]


def test_without_leave_loopback_is_not_asked(server: Hostile, tmp_path: Path) -> None:
    before = server.asked.total()
    urls = [server.url("/good.jpg"), server.url("/good.jpg", "localhost"), server.url("/good.jpg", "127.1")]
    found = fetch(tmp_path, *urls, limits=replace(LIMITS, allow=()))
    assert all(one.failure and one.failure[0] is UNAVAILABLE for one in found.values())
    assert server.asked.total() == before


def lookups(monkeypatch: pytest.MonkeyPatch, answers: dict[str, list[list[str]]]) -> list[str]:
    """Names are looked up here: each time the next answer, the last one for ever. Returns what was asked."""
    asked: list[str] = []
    real = socket.getaddrinfo

    def look_up(host: str, port: int, *args: Any, **more: Any) -> Any:
        if host not in answers:
            return real(host, port, *args, **more)
        asked.append(host)
        now = answers[host].pop(0) if len(answers[host]) > 1 else answers[host][0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in now]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return asked


def test_a_name_that_leads_inside_is_not_asked(
    server: Hostile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lookups(monkeypatch, {"inside.example": [["10.0.0.1"]], "both.example": [["93.184.215.14", "127.0.0.1"]]})
    before = server.asked.total()
    urls = ["http://inside.example/a.jpg", f"http://both.example:{8000}/a.jpg"]
    found = fetch(tmp_path, *urls, limits=replace(LIMITS, allow=()))
    assert [found[url].failure for url in urls] == [
        (UNAVAILABLE, "inside.example leads nowhere public: the address 10.0.0.1 is not a public one"),
        (UNAVAILABLE, "both.example leads nowhere public: the address 127.0.0.1 is not a public one"),
    ]
    assert server.asked.total() == before


def test_a_name_that_changes_its_answer_is_asked_once(
    server: Hostile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The connection goes to the address that was checked; a second look-up would have met another one."""
    asked = lookups(monkeypatch, {"turn.example": [["127.0.0.1"], ["169.254.169.254"]]})
    url = server.url("/good.jpg", "turn.example")
    assert fetch(tmp_path, url)[url].failure is None
    assert asked == ["turn.example"]


def test_bad_tls_is_refused(tmp_path: Path) -> None:
    with Hostile({"/good.jpg": PHOTO}) as server:
        url = server.url("/good.jpg").replace("http:", "https:")
        failure = fetch(tmp_path, url)[url].failure
    assert failure is not None
    assert failure[0] is UNAVAILABLE
