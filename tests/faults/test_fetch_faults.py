"""What a server may do wrong: each ends in one named outcome, within the caps, and the good images beside it come."""

from __future__ import annotations

import hashlib
import ipaddress
import socket
import threading
import zlib
from collections.abc import Iterator
from dataclasses import replace
from itertools import zip_longest
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from pipeline.core.errors import StorageError
from pipeline.core.outcome import Outcome
from pipeline.core.records import ImageRef, Provenance, Settings
from pipeline.fetch import body
from pipeline.fetch.candidate import ImageCandidate
from pipeline.fetch.fetch import Fetched, fetch_all
from pipeline.fetch.request import FetchLimits
from pipeline.run.process_image import process_image
from tests.faults.hostile import GIF, Hostile
from tests.faults.test_bombs import forged_png
from tests.pipeline.photos import numbered_head

LOOPBACK = (ipaddress.ip_network("127.0.0.0/8"),)
LIMITS = FetchLimits(
    max_bytes=200_000, max_inflated=400_000, total_s=3, connect_s=2, longest_wait_s=2, allow=LOOPBACK
)  # fmt: skip
PHOTO = numbered_head(1)
UNAVAILABLE, UNSUPPORTED = Outcome.UNAVAILABLE, Outcome.UNSUPPORTED


def ended(one: Fetched) -> tuple[Outcome, str] | None:
    """The outcome and its reason in English, None where the file came."""
    return one.failure and (one.failure[0], one.failure[1].text)


@pytest.fixture(scope="module")
def server() -> Iterator[Hostile]:
    with Hostile(
        {f"/good{n}.jpg": PHOTO + bytes(n) for n in range(12)} | {"/good.jpg": PHOTO, "/lie.png": PHOTO}
    ) as one:
        yield one


def fetch(tmp_path: Path, *urls: str, limits: FetchLimits = LIMITS) -> dict[str, Fetched]:
    found = {one.candidate.url: one for one in fetch_all(map(ImageCandidate.at, urls), tmp_path / "spool", limits)}
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
    "/half-gzip": (Outcome.UNDECODABLE, "what the server compressed is damaged"),
    "/tail-gzip": (Outcome.UNDECODABLE, "what the server compressed is damaged"),
    "/slow": (UNAVAILABLE, "the server took longer than 3 s"),
    "/slow-head": (UNAVAILABLE, "the server took longer than 3 s"),
    "/noai": (UNAVAILABLE, "its owner does not want it used for AI (X-Robots-Tag)"),
    "/loop": (UNAVAILABLE, "the address leads on more than 5 times"),
    "/to-nowhere": (UNAVAILABLE, "the server answers 302 and does not say where to look"),
    "/garbage": (UNAVAILABLE, "the server's answer is not HTTP that can be read"),
    "/header-bomb": (UNAVAILABLE, "the server's answer is not HTTP that can be read"),
    "/headers": (UNAVAILABLE, "the server's answer is not HTTP that can be read"),
    "/trailers": (UNAVAILABLE, "the connection was cut"),
    "/wait-for-ever": (UNAVAILABLE, "the server took longer than 3 s"),
    "/odd-place": (UNAVAILABLE, "the server answers 404"),
    "/odd-wait": (UNAVAILABLE, "the server answers 503"),
    "/upgrade": (UNAVAILABLE, "the server answers 101"),
    "/two-lengths": (UNAVAILABLE, "the server's answer is not HTTP that can be read"),
}


def test_every_vice_has_a_name_and_the_good_ones_come(server: Hostile, tmp_path: Path) -> None:
    good = [server.url(f"/good{n}.jpg") for n in range(12)]
    bad = [server.url(path) for path in VICES]
    found = fetch(tmp_path, *(url for pair in zip_longest(bad, good) for url in pair if url))
    assert {path: ended(found[server.url(path)]) for path in VICES} == VICES
    for n, url in enumerate(good):
        assert Path(found[url].path).read_bytes() == PHOTO + bytes(n)
        assert found[url].sha256 == hashlib.sha256(PHOTO + bytes(n)).hexdigest()
        assert found[url].size == len(PHOTO) + n


PLACES = {
    "http://127.0.0.2:PORT/good.jpg": "the address 127.0.0.2 is not a public one",
    "//127.0.0.2:PORT/good.jpg": "the address 127.0.0.2 is not a public one",
    "http://2130706434:PORT/good.jpg": "the address 127.0.0.2 is not a public one",
    "http://0x7f.2:PORT/good.jpg": "the address 127.0.0.2 is not a public one",
    "http://0:PORT/good.jpg": "the address 0.0.0.0 is not a public one",
    "http://[::1]:PORT/good.jpg": "the address ::1 is not a public one",
    "http://[::]:PORT/good.jpg": "the address :: is not a public one",
    "http://[::ffff:127.0.0.1]:PORT/good.jpg": "the address ::ffff:7f00:1 is not a public one",
    "http://169.254.169.254/latest/meta-data/": "the address 169.254.169.254 is not a public one",
    "http://[64:ff9b::a9fe:a9fe]/": "the address 64:ff9b::a9fe:a9fe is not a public one",
    "http://[fe80::1]/": "the address fe80::1 is not a public one",
    "http://good.example@127.0.0.2:PORT/good.jpg": "the address holds a name or a password before its host",
    "http://127.0.0.2\\.good.example/": "the address is too long, or holds a backslash or a control character",
    "file:///etc/passwd": "only http and https are fetched, not file",
    "data:image/gif;base64,R0lGODlh": "only http and https are fetched, not data",
    "gopher://127.0.0.1:6379/_FLUSHALL": "only http and https are fetched, not gopher",
}


def test_a_redirect_is_checked_like_the_first_address(server: Hostile, tmp_path: Path) -> None:
    """Only 127.0.0.1 is allowed here, so that the next loopback address stands for everything inside."""
    limits = replace(LIMITS, allow=(ipaddress.ip_network("127.0.0.1/32"),))
    urls = {server.url(f"/to/{quote(place, safe='')}"): reason for place, reason in PLACES.items()}
    before = server.asked["/good.jpg"]
    found = fetch(tmp_path, *urls, server.url("/good1.jpg"), limits=limits)
    assert {url: ended(found[url]) for url in urls} == {url: (UNAVAILABLE, why) for url, why in urls.items()}
    assert found[server.url("/good1.jpg")].failure is None
    assert server.asked["/good.jpg"] == before


def test_an_address_nobody_can_have_meant_ends_alone(server: Hostile, tmp_path: Path) -> None:
    """Half a character, a header's end inside, a name too long: no error of a library ends the run of all."""
    strange = ["http://127.0.0.1/\ud800", "http://xn--a.example/", f"http://{'a.' * 200}com/", "http://[", "", "\x00"]
    pages = ["http://page.example/\x00", "http://pa\x00ge/", "http://page\r\nCookie: a=b/", "http://[", "\ud800"]
    good = [ImageCandidate(Provenance(server.url(f"/good{n}.jpg"), page_url=page)) for n, page in enumerate(pages)]
    found = list(fetch_all([*map(ImageCandidate.at, strange), *good], tmp_path / "spool", LIMITS))
    assert {one.candidate.url for one in found if one.failure is None} == {one.url for one in good}
    assert {one.failure[0] for one in found if one.failure is not None} == {UNAVAILABLE}
    assert len(found) == len(strange) + len(good)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
def test_a_full_disk_ends_the_run_with_its_name(
    server: Hostile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = body._append
    monkeypatch.setattr(body, "_append", lambda saved, data: real(replace(saved, path=Path("/dev/full")), data))
    with pytest.raises(StorageError, match="the disk is full"):
        list(fetch_all([ImageCandidate.at(server.url("/good.jpg"))], tmp_path / "spool", LIMITS))
    assert list((tmp_path / "spool").iterdir()) == []


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
    """Half a JPEG and a PNG of 3.6 gigapixels look like photos to whoever sees their beginning; a 1x1 GIF is one."""
    bomb = forged_png(60_000, 60_000, zlib.compress(bytes(100_000)))
    with Hostile({"/half.jpg": PHOTO[: len(PHOTO) // 2], "/bomb.png": bomb, "/dot.gif": GIF}) as server:
        urls = [server.url("/half.jpg"), server.url("/bomb.png"), server.url("/dot.gif")]
        found = fetch(tmp_path, *urls)
    outcomes = [
        process_image(ImageRef(found[url].path, url, found[url].size, spooled=True), Settings()).outcome for url in urls
    ]
    assert outcomes == [Outcome.UNDECODABLE, Outcome.TOO_LARGE, Outcome.NO_FACE]


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
    assert [ended(found[url]) for url in urls] == [
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


def test_a_name_server_that_hangs_holds_nobody_back(
    server: Hostile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    released, gave_up = threading.Event(), []
    real = socket.getaddrinfo

    def look_up(host: str, *args: Any, **more: Any) -> Any:
        if host.startswith("hangs") and not released.wait(120):
            gave_up.append(host)
        return real("127.0.0.1" if host == "good.example" else host, *args, **more)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    bad = [f"http://hangs{n}.example:{server.port}/a.jpg" for n in range(20)]
    good = server.url("/good.jpg", "good.example")
    try:
        found = fetch(tmp_path, *bad, good, limits=replace(LIMITS, connect_s=0.5, retries=0))
    finally:
        released.set()
    assert gave_up == []  # nobody has waited for the name server
    assert found[good].failure is None
    assert {ended(found[url]) for url in bad} == {(UNAVAILABLE, "its host cannot be looked up")}


def test_the_same_twice_is_two_results_of_the_same_hash(server: Hostile, tmp_path: Path) -> None:
    """Duplicates are the ledger's to name: here each address gets its answer."""
    urls = [server.url("/good.jpg"), server.url("/good.jpg"), server.url("/lie.png")]
    found = list(fetch_all(map(ImageCandidate.at, urls), tmp_path / "spool", LIMITS))
    assert [one.sha256 for one in found] == [hashlib.sha256(PHOTO).hexdigest()] * 3
    assert len({one.path for one in found}) == 3
