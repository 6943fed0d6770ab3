"""What the server keeps of uploads: how large one may be, what waits, what has stopped and when it goes."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from pages._routes import _parts
from pages._server import lifespan, uploads
from pipeline.core.errors import UsageError
from tests.pages._routes.parts import BATCH, DATA, url
from tests.pages.conftest import client_of


@pytest.fixture(autouse=True)
def _nothing_placed() -> Iterator[None]:
    yield
    _parts._placed.clear()
    _parts._writers.clear()


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("", 32 * 1024**3),
        ("1", 1),
        ("500 MB", 500_000_000),
        ("64GB", 64 * 10**9),
        ("1GiB", 1024**3),
        ("2t", 2 * 10**12),
    ],
)
def test_the_largest_upload_is_an_option(text: str, size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOUE_UPLOAD_MAX", text)
    assert uploads.most_allowed() == size
    assert uploads.cap_of("photos", "a.jpg") == min(size, uploads.PHOTO_CAP)
    assert uploads.cap_of("photos", "a.ZIP") == uploads.cap_of("video", "a.mkv") == size


@pytest.mark.parametrize("text", ["much", "0", "-1", "1.5GB", "GB", "1XB"])
def test_a_size_that_is_none_is_told_when_the_server_starts(
    text: str, empty: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOUE_UPLOAD_MAX", text)
    with pytest.raises(UsageError, match=r"MOUE_UPLOAD_MAX=.* is no size"):
        lifespan._open(None)


def test_half_a_file_is_kept_for_a_week(empty: Path) -> None:
    fresh, old = (_parts.part_file("Ada", name, 9, "") for name in ("a", "b"))
    for path in (fresh, old):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    os.utime(old, (time.time(), time.time() - uploads.FORGOTTEN_SECONDS - 60))
    lifespan._open(None)
    assert [path.name for path in fresh.parent.iterdir()] == [fresh.name]


def test_what_waits_is_listed_with_its_size(empty: Path) -> None:
    assert uploads.waiting("video") == []
    for name, data in (("a.mp4", b"12"), ("sub/b.mp4", b"345")):
        path = uploads.batch_folder(BATCH, "video") / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    assert uploads.waiting("list") == []
    (one,) = uploads.waiting("video")
    assert (one.names, one.bytes) == (("a.mp4", "sub/b.mp4"), 5)
    assert uploads.remove(one.folder) == 2
    assert uploads.waiting("video") == []


def stopped(who: str) -> list[tuple[str, str, int, int]]:
    return [(one.name, one.kind, one.have, one.size) for one in uploads.stopped(who)]


def test_what_stopped_is_told_to_whom_it_belongs_until_it_is_whole(empty: Path) -> None:
    client = client_of("Ada")
    assert stopped("Ada") == []
    client.put(url(0), content=DATA[:5000])
    assert stopped("Ada") == [("talk.mp4", "video", 5000, len(DATA))]
    assert stopped("Bob") == []
    uploads.sweep()  # as at the server's start
    assert stopped("Ada") == [("talk.mp4", "video", 5000, len(DATA))]
    client.put(url(5000), content=DATA[5000:])
    assert stopped("Ada") == []
    assert list(uploads.partial_uploads().iterdir()) == []


def test_what_is_being_sent_has_not_stopped(empty: Path) -> None:
    client_of("Ada").put(url(0), content=DATA[:5000])
    ((part,),) = [[one.part for one in uploads.stopped("Ada")]]
    with uploads.receiving(part, "Ada", "talk.mp4", "video", len(DATA)):
        with uploads.receiving(part, "Ada", "talk.mp4", "video", len(DATA)):  # a second tab
            assert stopped("Ada") == []
        assert stopped("Ada") == []
    assert len(stopped("Ada")) == 1


def test_what_is_taken_back_is_not_told(empty: Path) -> None:
    client = client_of("Ada")
    client.put(url(0), content=DATA[:5000])
    client.delete(url())
    assert stopped("Ada") == []
    assert list(uploads.partial_uploads().iterdir()) == []


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"who": "Ada"}', '{"who": "Ada", "name": "x", "kind": "x", "size": 1}']
)
def test_a_note_that_is_half_written_is_passed_over(empty: Path, text: str) -> None:
    client_of("Ada").put(url(0), content=DATA[:5000])
    (note,) = uploads.partial_uploads().glob("note-*")
    note.write_text(text)
    assert stopped("Ada") == []


def test_after_a_week_both_are_swept(empty: Path) -> None:
    client_of("Ada").put(url(0), content=DATA[:5000])
    (part,) = uploads.partial_uploads().glob("part-*")
    (uploads.partial_uploads() / "note-of-none.json").write_text("{}")
    uploads.sweep()
    assert sorted(path.name[:5] for path in uploads.partial_uploads().iterdir()) == ["note-", "part-"]
    old = time.time() - uploads.FORGOTTEN_SECONDS - 1
    os.utime(part, (old, old))
    uploads.sweep()
    assert list(uploads.partial_uploads().iterdir()) == []
