"""PUT /api/upload: whole files under harmless names, or nothing."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from pages._routes import upload
from pages._server import lifespan, uploads
from tests.pages.conftest import client_of

BATCH = "0" * 31 + "1"


def waiting(root: Path) -> dict[str, bytes]:
    folder = root / ".incoming"
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_a_file_arrives_byte_for_byte_below_its_folder(empty: Path) -> None:
    data = bytes(range(256)) * 9000
    answer = client_of("Ada").put(f"/api/upload?name=party/smile/a b.jpg&batch={BATCH}", content=data)
    assert (answer.status_code, answer.json()) == (200, {"name": "party/smile/a b.jpg", "bytes": len(data)})
    assert waiting(empty) == {f"uploads/{BATCH}/party/smile/a b.jpg": data}


def test_two_files_of_one_name_are_two_files(empty: Path) -> None:
    client = client_of("Ada")
    names = [client.put(f"/api/upload?name=a.jpg&batch={BATCH}", content=data).json()["name"] for data in (b"1", b"2")]
    assert names == ["a.jpg", "a (2).jpg"]
    assert sorted(waiting(empty).values()) == [b"1", b"2"]


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("a.jpg", ["a.jpg"]),
        ("../../etc/passwd", ["etc", "passwd"]),
        ("/abs/x.png", ["abs", "x.png"]),
        ("C:\\photos\\x.png", ["C_", "photos", "x.png"]),
        (".hidden/..x.png", [".hidden", ".x.png"]),
        ("a\x00b\n.jpg", ["ab.jpg"]),
        ("嘴 巴.jpg", ["嘴 巴.jpg"]),
        ("what?.jpg", ["what_.jpg"]),
    ],
)
def test_names_become_harmless(name: str, parts: list[str]) -> None:
    assert upload.safe_parts(name) == parts


def test_a_long_name_keeps_its_ending() -> None:
    (name,) = upload.safe_parts("嘴" * 200 + ".jpeg")
    assert name.endswith("嘴.jpeg")
    assert 147 < len(name.encode()) <= 150  # no character more is cut than has to be


@pytest.mark.parametrize("query", ["name=a.jpg", f"batch={BATCH}", f"name=..&batch={BATCH}", "name=a.jpg&batch=../x"])
def test_what_has_no_name_or_batch_is_refused(empty: Path, query: str) -> None:
    assert client_of("Ada").put(f"/api/upload?{query}", content=b"x").status_code == 400


def test_nobody_else_may_upload(empty: Path) -> None:
    url = f"/api/upload?name=a.jpg&batch={BATCH}"
    assert client_of(None).put(url, content=b"x").status_code == 401
    assert client_of("Ada").put(url, content=b"x", headers={"Origin": "http://evil"}).status_code == 403
    assert waiting(empty) == {}


def test_a_file_over_the_cap_is_refused_announced_or_not(empty: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "PHOTO_CAP", 10)

    def unannounced() -> Iterator[bytes]:
        yield b"x" * 6
        yield b"x" * 6

    url = f"/api/upload?name=a.jpg&batch={BATCH}"
    assert client_of("Ada").put(url, content=b"x" * 11).status_code == 413
    assert client_of("Ada").put(url, content=unannounced()).status_code == 413
    assert waiting(empty) == {}
    assert client_of("Ada").put(url.replace("a.jpg", "a.ZIP"), content=b"x" * 11).status_code == 200


def test_a_full_disk_is_named_and_leaves_nothing(empty: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> str:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(upload, "_move_into_batch", full)
    answer = client_of("Ada").put(f"/api/upload?name=a.jpg&batch={BATCH}", content=b"x")
    assert answer.status_code == 507
    assert "is full" in answer.json()["error"]
    assert waiting(empty) == {}


@pytest.mark.parametrize(("number", "status"), [(errno.ENOSPC, 507), (errno.EROFS, 503)])
@pytest.mark.parametrize("more", ["", "&size=1&offset=0"])
def test_a_file_whose_name_cannot_be_kept_is_not_in_the_batch(
    empty: Path, monkeypatch: pytest.MonkeyPatch, number: int, status: int, more: str
) -> None:
    """It was there and said to have failed: the next try was `a (2).jpg`."""
    url = f"/api/upload?name=a.jpg&batch={BATCH}{more}"

    def refuse(_: Path) -> None:
        raise OSError(number, "no")

    with monkeypatch.context() as failing:
        failing.setattr(upload, "flush", refuse)
        answer = client_of("Ada").put(url, content=b"x")
    assert (answer.status_code, answer.json()["code"][:7]) == (status, "upload_")
    assert [name for name in waiting(empty) if "uploads" in name] == []
    again = client_of("Ada").put(url.replace("offset=0", "offset=1"), content=b"" if more else b"x")
    assert again.json()["name"] == "a.jpg"
    assert waiting(empty) == {f"uploads/{BATCH}/a.jpg": b"x"}


@pytest.mark.parametrize("more", ["", "&size=1&offset=0"])
@pytest.mark.parametrize("call", ["flush", "replace"])
def test_a_workspace_that_is_moved_away_meanwhile_keeps_no_file_that_failed(
    empty: Path, monkeypatch: pytest.MonkeyPatch, more: str, call: str
) -> None:
    """It stayed in the batch, and where the workspace came back the next try was `a (2).jpg`."""
    url, away = f"/api/upload?name=a.jpg&batch={BATCH}{more}", empty.with_name("away")
    client, place = client_of("Ada"), os if call == "replace" else upload
    real = getattr(place, call)

    def moved(*of: Path, **more: object) -> None:
        if not away.exists() and of[-1].name in ("a.jpg", BATCH):
            empty.rename(away)
        real(*of, **more)

    with monkeypatch.context() as failing:
        failing.setattr(place, call, moved)
        assert client.put(url, content=b"x").status_code == 503
    assert not list((away / "uploads").rglob("*.jpg"))
    assert not empty.exists()
    away.rename(empty)
    again = client.put(url.replace("offset=0", "offset=1"), content=b"" if more else b"x")
    assert again.json()["name"] == "a.jpg"


def test_what_a_killed_server_was_receiving_is_swept_by_the_next(empty: Path) -> None:
    left, whole = upload.partial_uploads() / "upload-half", upload.batch_folder(BATCH) / "a.jpg"
    for path in (left, whole):
        path.parent.mkdir(parents=True)
        path.write_bytes(b"x")
    lifespan._open(None)
    assert waiting(empty) == {f"uploads/{BATCH}/a.jpg": b"x"}
