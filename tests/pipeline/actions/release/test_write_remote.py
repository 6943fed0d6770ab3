"""A release sent to where a URL leads: the same bytes as in a folder, noted once all is there, gone on with."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import fsspec
import pytest
from fsspec.implementations.memory import MemoryFileSystem

from db.store.store import Store
from db.tables.releases import list_releases
from pipeline.actions.erase import erase_image
from pipeline.actions.release.remote import write_remote
from pipeline.actions.releases import write_folder, write_zip
from pipeline.core.errors import BusyError, ExportError, StorageError, UsageError
from pipeline.export.export import ExportPlan, plan
from pipeline.export.options import ExportOptions
from pipeline.export.release.verify import verify_release


@pytest.fixture
def url() -> Iterator[str]:
    url = f"memory://{uuid.uuid4().hex}/data"
    yield url
    fs = fsspec.filesystem("memory")
    if fs.exists(url):
        fs.rm(url, recursive=True)


def send(store: Store, chosen: ExportPlan, url: str) -> list[tuple[int, int]]:
    """How far the upload was at each step."""
    told: list[tuple[int, int]] = []

    def tell(doing: str, done: int, of: int) -> None:
        if doing == "upload":
            told.append((done, of))

    write_remote(store, chosen, url, None, "Ann", overwrite=False, tell=tell)
    return told


def lies_at(url: str) -> dict[str, bytes]:
    fs, start = fsspec.filesystem("memory"), f"{url.removeprefix('memory:/')}/"
    return {path.removeprefix(start): fs.cat_file(path) for path in fs.find(url)}


def test_what_arrives_is_what_a_folder_would_hold(store: Store, chosen: ExportPlan, url: str, tmp_path: Path) -> None:
    told = send(store, chosen, url)
    write_folder(store, chosen, tmp_path / "out", "data", "Ann", overwrite=False)
    root = tmp_path / "out"
    written = {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}
    assert lies_at(url) == written
    assert told[-1] == (len(written) - 1, len(written) - 1)
    folder, remote = store.read(list_releases)
    assert (remote.name, remote.path, remote.params["as"], remote.digest) == ("data", url, "remote", folder.digest)
    assert (remote.title, folder.title) == ("data #1", "data #1")
    assert list((store.root / "releases").iterdir()) == []


def test_a_broken_one_is_noted_only_when_it_is_whole(
    store: Store, chosen: ExportPlan, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    put, left = MemoryFileSystem.put_file, 5

    def breaks(self: MemoryFileSystem, source: str, target: str, **more: object) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise ConnectionResetError("the line is down")
        put(self, source, target, **more)

    with monkeypatch.context() as patched:
        patched.setattr(MemoryFileSystem, "put_file", breaks)
        with pytest.raises(StorageError, match="goes on from where it stopped"):
            send(store, chosen, url)
    assert store.read(list_releases) == []
    assert list((store.root / "releases").iterdir()) == []
    sent: list[str] = []

    def counted(self: MemoryFileSystem, source: str, target: str, **more: object) -> None:
        sent.append(target)
        put(self, source, target, **more)

    monkeypatch.setattr(MemoryFileSystem, "put_file", counted)
    told = send(store, chosen, url)
    assert len(sent) == len(told) - 5
    assert [row.path for row in store.read(list_releases)] == [url]


def test_a_place_that_holds_something_else_is_refused_before_anything_is_written(
    store: Store, chosen: ExportPlan, url: str
) -> None:
    fsspec.filesystem("memory").pipe_file(f"{url}/mine.txt", b"mine")
    with pytest.raises(ExportError, match="holds other files"):
        send(store, chosen, url)
    assert not (store.root / "releases").exists()
    assert lies_at(url) == {"mine.txt": b"mine"}


def test_a_url_whose_last_part_is_no_name_needs_one(store: Store, chosen: ExportPlan) -> None:
    with pytest.raises(UsageError, match="the name must have"):
        send(store, chosen, "memory://bucket/.hidden")


def during(monkeypatch: pytest.MonkeyPatch, does: Callable[[], object]) -> None:
    """Do something once, while the first file is on its way."""
    put, left = MemoryFileSystem.put_file, [does]

    def puts(self: MemoryFileSystem, source: str, target: str, **more: object) -> None:
        if left:
            left.pop()()
        put(self, source, target, **more)

    monkeypatch.setattr(MemoryFileSystem, "put_file", puts)


def test_others_export_while_it_is_on_its_way(
    store: Store, chosen: ExportPlan, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    during(monkeypatch, lambda: write_zip(store, chosen, "other", "Ben"))
    send(store, chosen, url)
    assert [row.title for row in store.read(list_releases)] == ["data #1", "other #1"]
    assert verify_release(url)[1] == ()
    assert [path.name for path in (store.root / "releases").iterdir()] == ["other.zip"]


def test_a_second_one_is_told_to_wait(
    store: Store, chosen: ExportPlan, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def second() -> None:
        with pytest.raises(BusyError) as refused:
            send(store, chosen, f"{url}2")
        assert refused.value.message.code == "upload_busy"

    during(monkeypatch, second)
    send(store, chosen, url)
    assert [row.path for row in store.read(list_releases)] == [url]


def test_what_was_erased_meanwhile_does_not_stay_there(
    store: Store, chosen: ExportPlan, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    during(monkeypatch, lambda: erase_image(store, chosen.rows[0].item.image_sha256))
    with pytest.raises(ExportError) as refused:
        send(store, chosen, url)
    assert (refused.value.message.code, refused.value.message.params["n"]) == ("upload_faces_gone", 1)
    assert lies_at(url) == {}
    assert store.read(list_releases) == []
    assert list((store.root / "releases").iterdir()) == []


def test_one_that_was_overtaken_is_not_whole_and_goes_on(
    store: Store, chosen: ExportPlan, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    smaller = plan([row.item for row in chosen.rows], chosen.class_names, chosen.split_plan, ExportOptions(size=16))
    during(monkeypatch, lambda: write_folder(store, smaller, tmp_path / "out", "data", "Ben", overwrite=False))
    with pytest.raises(ExportError) as refused:
        send(store, chosen, url)
    assert refused.value.message.code == "upload_overtaken"
    assert "release.json" not in lies_at(url)
    send(store, chosen, url)
    assert [row.title for row in store.read(list_releases)] == ["data #2", "data #1"]


def test_what_a_killed_one_left_goes_with_the_next(store: Store, chosen: ExportPlan, url: str) -> None:
    left = store.root / "releases" / ".upload-abc" / "release"
    left.mkdir(parents=True)
    (left / "face.png").write_bytes(b"somebody")
    send(store, chosen, url)
    assert list((store.root / "releases").iterdir()) == []


def test_a_release_that_a_url_leads_to_proves_itself(store: Store, chosen: ExportPlan, url: str) -> None:
    send(store, chosen, url)
    fs, victim = fsspec.filesystem("memory"), f"{url}/{chosen.rows[0].file}"
    said, findings = verify_release(url)
    assert (said.line, said.number, findings) == ("data", 1, ())
    fs.pipe_file(victim, b"another")
    fs.pipe_file(f"{url}/more.txt", b"mine")
    fs.rm_file(f"{url}/{chosen.rows[1].file}")
    found = {(one.code, str(one.params["file"])) for one in verify_release(url)[1]}
    assert found == {
        ("release_file_changed", chosen.rows[0].file), ("release_file_missing", chosen.rows[1].file),
        ("release_strange_file", "more.txt"),
    }  # fmt: skip
    with pytest.raises(ExportError, match="no release of Moue"):
        verify_release(f"{url}/nothing")
