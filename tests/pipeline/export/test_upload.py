from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Iterator
from pathlib import Path

import fsspec
import pytest
from fsspec.implementations.memory import MemoryFileSystem

from pipeline.core.errors import ExportError, StorageError, UsageError
from pipeline.export.upload import PART, Uploaded, check_remote, upload


@pytest.fixture
def url() -> Iterator[str]:
    url = f"memory://{uuid.uuid4().hex}/data"
    yield url
    fs = fsspec.filesystem("memory")
    if fs.exists(url):
        fs.rm(url, recursive=True)


def a_release(root: Path, files: dict[str, bytes]) -> Path:
    """A folder with these files and the release.json that they have."""
    for path, data in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(data)
    listed = {path: {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)} for path, data in files.items()}
    said = {
        "format": 1, "line": "line", "number": 1, "head": "", "consensus": {}, "options": {}, "split": {},
        "moved": [], "versions": {}, "models": {}, "files": listed,
    }  # fmt: skip
    (root / "release.json").write_text(json.dumps(said))
    return root


def lies_at(url: str) -> dict[str, bytes]:
    fs = fsspec.filesystem("memory")
    root = url.removeprefix("memory:/")
    return {path.removeprefix(f"{root}/"): fs.cat_file(path) for path in fs.find(url)}


def tree(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


FILES = {"README.md": b"# x", "train/smile/a.png": b"one", "train/微笑/b c.png": b"two", "val/smile/c.png": b"three"}


def test_a_release_arrives_with_every_byte_and_progress(tmp_path: Path, url: str) -> None:
    told: list[tuple[int, int]] = []
    folder = a_release(tmp_path, FILES)
    assert upload(folder, url, overwrite=False, tell=lambda done, of: told.append((done, of))) == Uploaded(4, 4)
    assert lies_at(url) == tree(folder)
    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert upload(folder, url, overwrite=False) == Uploaded(4, 0)
    assert lies_at(url) == tree(folder)


def test_a_broken_upload_goes_on_where_it_stopped_and_is_not_whole_before(
    tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, put, allowed = a_release(tmp_path, FILES), MemoryFileSystem.put_file, 2

    def breaks(self: MemoryFileSystem, source: str, target: str, **more: object) -> None:
        nonlocal allowed
        if allowed == 0:
            raise ConnectionResetError("the line is down")
        allowed -= 1
        put(self, source, target, **more)

    with monkeypatch.context() as patched:
        patched.setattr(MemoryFileSystem, "put_file", breaks)
        with pytest.raises(StorageError, match="its storage cannot be reached"):
            upload(folder, url, overwrite=False)
    assert PART in lies_at(url)
    assert "release.json" not in lies_at(url)
    check_remote(url)
    assert upload(folder, url, overwrite=False) == Uploaded(4, 2)
    assert lies_at(url) == tree(folder)


def test_what_was_cut_short_or_changed_there_is_sent_again(tmp_path: Path, url: str) -> None:
    folder, fs = a_release(tmp_path, FILES), fsspec.filesystem("memory")
    upload(folder, url, overwrite=False)
    fs.pipe_file(f"{url}/train/smile/a.png", b"on")
    fs.pipe_file(f"{url}/val/smile/c.png", b"THREE")
    assert upload(folder, url, overwrite=False) == Uploaded(4, 2)
    assert lies_at(url) == tree(folder)


def test_what_arrives_with_other_bytes_is_told(tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def garbles(self: MemoryFileSystem, source: str, target: str, **_more: object) -> None:
        self.pipe_file(target, bytes(reversed(Path(source).read_bytes())))

    monkeypatch.setattr(MemoryFileSystem, "put_file", garbles)
    with pytest.raises(StorageError, match="not with the bytes that were sent"):
        upload(a_release(tmp_path, FILES), url, overwrite=False)
    assert "release.json" not in lies_at(url)


def test_only_a_release_is_replaced_and_only_when_asked(
    tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = a_release(tmp_path / "first", FILES)
    second = a_release(tmp_path / "second", {"README.md": b"# y", "train/smile/a.png": b"one", "val/smile/d.png": b"4"})
    upload(first, url, overwrite=False)
    with pytest.raises(ExportError, match="earlier export"):
        upload(second, url, overwrite=False)
    assert lies_at(url) == tree(first)

    def fails(*_args: object, **_more: object) -> None:
        raise ConnectionResetError("gone")

    with monkeypatch.context() as patched:
        patched.setattr(MemoryFileSystem, "put_file", fails)
        with pytest.raises(StorageError):
            upload(second, url, overwrite=True)
    assert upload(second, url, overwrite=False) == Uploaded(3, 2)
    assert lies_at(url) == tree(second)


@pytest.mark.parametrize("name", ["holiday.jpg", "train/smile/x.png"])
def test_what_is_not_a_release_is_left_alone(tmp_path: Path, url: str, name: str) -> None:
    fs = fsspec.filesystem("memory")
    fs.pipe_file(f"{url}/{name}", b"mine")
    for overwrite in (False, True):
        with pytest.raises(ExportError, match="holds other files"):
            upload(a_release(tmp_path, FILES), url, overwrite=overwrite)
    assert lies_at(url) == {name: b"mine"}


def test_a_file_of_somebody_else_beside_a_release_stops_it(tmp_path: Path, url: str) -> None:
    folder = a_release(tmp_path, FILES)
    upload(folder, url, overwrite=False)
    fsspec.filesystem("memory").pipe_file(f"{url}/notes.txt", b"mine")
    with pytest.raises(ExportError, match=r"notes\.txt"):
        check_remote(url)
    with pytest.raises(ExportError, match=r"notes\.txt"):
        upload(folder, url, overwrite=True)
    assert lies_at(url)["notes.txt"] == b"mine"


@pytest.mark.parametrize("bad", ["s3://key:secret@bucket/x", "http://x.org/y", "nowhere://x/y"])
def test_urls_that_cannot_be_written_to_are_refused_in_words(bad: str) -> None:
    with pytest.raises(UsageError) as told:
        check_remote(bad)
    assert "secret" not in str(told.value)
