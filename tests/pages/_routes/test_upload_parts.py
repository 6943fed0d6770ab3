"""/api/upload in parts: gone on with after a break, capped, taken back."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import anyio
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.requests import ClientDisconnect

from db.store.locks import starting
from db.tables import jobs
from pages._routes import _parts, upload
from pages._server import uploads, workspace
from tests.examples import examples
from tests.pages._routes.parts import BATCH, DATA, arrived, files, url
from tests.pages.conftest import client_of


def test_parts_become_the_file_and_the_last_says_so(empty: Path) -> None:
    client = client_of("Ada")
    assert client.get(url()).json() == {"have": 0}
    assert client.put(url(0), content=DATA[:2_000_000]).json() == {"have": 2_000_000}
    assert client.get(url()).json() == {"have": 2_000_000}
    whole = {"name": "film/talk.mp4", "bytes": len(DATA)}
    assert client.put(url(2_000_000), content=DATA[2_000_000:]).json() == whole
    assert files(empty) == arrived()
    assert client.get(url()).json() == whole  # its answer was lost on the way: it is there once all the same
    assert client.put(url(0), content=DATA).json() == whole
    assert files(empty) == arrived()


def test_a_part_that_is_not_the_next_one_is_refused_with_what_is(empty: Path) -> None:
    client = client_of("Ada")
    client.put(url(0), content=DATA[:1000])
    for offset in (0, 999, 1001):
        answer = client.put(url(offset), content=DATA[offset : offset + 500])
        assert (answer.status_code, answer.json()["have"]) == (409, 1000)
    assert client.put(url(1000), content=DATA[1000:]).json()["bytes"] == len(DATA)
    assert files(empty) == arrived()


def test_more_bytes_than_announced_are_refused_and_not_kept(empty: Path) -> None:
    client = client_of("Ada")
    assert client.put(url(0, size=1000), content=DATA[:1001]).status_code == 400
    assert client.get(url(size=1000)).json() == {"have": 0}
    for strange in (url(1001, size=1000), url(0).replace(f"&size={len(DATA)}", "")):
        assert client.put(strange, content=b"x").status_code == 400


def test_a_size_of_thousands_of_digits_is_too_large_and_no_error(empty: Path) -> None:
    """Python refuses to read a number of more than 4,300 digits."""
    told = url(0, size=int("9" * 4000)).replace("9" * 4000, "9" * 5000)
    assert client_of("Ada").put(told, content=b"x").status_code in (400, 413, 507)


@settings(max_examples=examples(25), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cuts=st.lists(st.integers(0, len(DATA)), max_size=6), lost=st.integers(0, 6))
def test_however_it_is_cut_the_bytes_are_the_same(empty: Path, cuts: list[int], lost: int) -> None:
    client = client_of("Ada")
    batch = uuid.uuid4().hex  # Hypothesis seeds `random`
    edges = [0, *sorted(cuts), len(DATA)]
    for number, (start, end) in enumerate(pairwise(edges)):
        answer = client.put(url(start, batch=batch), content=DATA[start:end])
        if number == lost:  # the answer did not come: the same part again
            client.put(url(start, batch=batch), content=DATA[start:end])
        assert answer.status_code == 200
    assert (empty / ".incoming/videos" / batch / "film/talk.mp4").read_bytes() == DATA
    assert len(list((empty / ".incoming/videos" / batch).rglob("*.mp4"))) == 1


def test_an_empty_last_part_ends_what_a_crash_left_whole(empty: Path) -> None:
    part = _parts.part_file("Ada", "film/talk.mp4", len(DATA), "17")
    part.parent.mkdir(parents=True)
    part.write_bytes(DATA)
    client = client_of("Ada")
    assert client.get(url()).json() == {"have": len(DATA)}
    assert client.put(url(len(DATA)), content=b"").json()["bytes"] == len(DATA)
    assert files(empty) == arrived()


def test_it_goes_on_in_another_batch_but_not_for_another_person(empty: Path) -> None:
    client_of("Ada").put(url(0), content=DATA[:5000])
    later = "0" * 31 + "3"
    assert client_of("Bob").get(url(batch=later)).json() == {"have": 0}
    assert client_of("Ada").get(url(batch=later)).json() == {"have": 5000}
    assert client_of("Ada").get(url(batch=later, size=len(DATA) - 1)).json() == {"have": 0}  # another file


def test_what_came_before_the_line_broke_is_kept(empty: Path) -> None:
    """The body ends in the middle as Starlette tells it: an exception, not an end."""
    empty.mkdir()
    sent = 1_500_000

    class Broken:
        async def stream(self) -> Any:
            yield DATA[:1_200_000]
            yield DATA[1_200_000:sent]
            raise ClientDisconnect

    query = dict(pair.split("=") for pair in url(0).partition("?")[2].split("&"))
    wanted = upload._parse_request(query, "Ada")

    async def receive() -> None:
        await upload._receive_part(Broken(), wanted, 0, len(DATA))  # type: ignore[arg-type]

    with pytest.raises(ClientDisconnect):
        anyio.run(receive)
    client = client_of("Ada")
    assert client.get(url()).json() == {"have": sent}
    client.put(url(sent), content=DATA[sent:])
    assert files(empty) == arrived()


def test_the_newest_request_writes_and_an_older_one_no_more(empty: Path) -> None:
    empty.mkdir()
    part = _parts.part_file("Ada", "a", 9, "")
    older = _parts.begin(part, 0)
    assert _parts.append(part, older, b"ab") == 2
    newer = _parts.begin(part, 2)
    for work in (lambda: _parts.append(part, older, b"XX"), lambda: _parts.complete(part, older)):
        with pytest.raises(_parts.OutOfStepError):
            work()
    assert _parts.append(part, newer, b"cd") == 4
    _parts.drop(part)
    with pytest.raises(_parts.OutOfStepError):
        _parts.append(part, newer, b"ef")
    assert files(empty) == {}


def test_taken_back_is_gone(empty: Path) -> None:
    client = client_of("Ada")
    client.put(url(0), content=DATA)
    client.put(url(0, name="b.mp4"), content=DATA[:9])
    assert client.delete(url(name="b.mp4")).json() == {"removed": 0}
    assert files(empty) == arrived()
    assert client_of(None).delete(url()).status_code == 401
    assert client.delete(url(), headers={"Origin": "http://evil"}).status_code == 403
    assert client.delete(f"/api/upload?batch={BATCH}&kind=video").json() == {"removed": 1}
    assert files(empty) == {}


def test_what_is_worked_on_is_not_taken_back(empty: Path) -> None:
    client = client_of("Ada")
    client.put(url(0), content=DATA)
    params = {"paths": [str(uploads.batch_folder(BATCH, "video"))]}
    store = workspace.get_store()
    with starting(store.root, "job"):
        store.write(lambda db: jobs.start_job(db, "video", params))
        answer = client.delete(f"/api/upload?batch={BATCH}&kind=video")
        assert (answer.status_code, files(empty)) == (409, arrived())
    assert client.delete(f"/api/upload?batch={BATCH}&kind=video").status_code == 200
    assert files(empty) == {}


def test_over_the_cap_is_told_before_a_byte_is_read(empty: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOUE_UPLOAD_MAX", "3MB")
    client = client_of("Ada")
    for answer in (client.get(url()), client.put(url(0), content=b"")):
        assert answer.status_code == 413
        assert answer.json()["error"].startswith("talk.mp4 has 3.5 MB; Moue takes up to 3.0 MB here.")
        assert "MOUE_UPLOAD_MAX" in answer.json()["error"]
    client.cookies.set("moue_language", "zh")
    assert client.get(url()).json()["error"].startswith("talk.mp4 大小为 3.5 MB，此处最多接受 3.0 MB")
    assert files(empty) == {}


def test_a_disk_without_room_is_told_before_a_byte_is_read(empty: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    client = client_of("Ada")
    client.put(url(0), content=DATA[:3_000_000])
    usage = type("Usage", (), {"free": upload.SPARE + 400_000})
    monkeypatch.setattr("shutil.disk_usage", lambda _: usage)
    answer = client.get(url())
    assert answer.status_code == 507
    assert "free some space" in answer.json()["error"]
    usage.free = upload.SPARE + 500_000  # what is missing fits
    assert client.get(url()).json() == {"have": 3_000_000}


@pytest.mark.parametrize("query", ["kind=film", "kind="])
def test_an_unknown_kind_is_refused(query: str, empty: Path) -> None:
    assert client_of("Ada").get(f"/api/upload?name=a&batch={BATCH}&{query}").status_code == 400


@pytest.fixture(autouse=True)
def _nothing_placed() -> Iterator[None]:
    yield
    _parts._placed.clear()
    _parts._writers.clear()
