"""A release sent to where a URL leads: the same bytes as in a folder, noted once all is there, gone on with."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import fsspec
import pytest
from fsspec.implementations.memory import MemoryFileSystem

from db.store.store import Store
from db.tables.releases import list_releases
from pipeline.actions.releases import write_folder, write_remote
from pipeline.core.errors import ExportError, StorageError
from pipeline.export.export import ExportPlan


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
    with pytest.raises(ExportError, match="the name must have"):
        send(store, chosen, "memory://bucket/.hidden")
