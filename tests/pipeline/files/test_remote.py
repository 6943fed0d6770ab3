from __future__ import annotations

import subprocess
import sys
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import fsspec
import pytest

from pipeline.core.errors import TooLargeError, UnavailableError, UsageError
from pipeline.core.file_urls import local_path
from pipeline.core.messages import message
from pipeline.core.outcome import Outcome
from pipeline.core.records import ImageRef
from pipeline.files.blobs import BlobStore
from pipeline.files.hashing import hash_file
from pipeline.files.remote import (
    Entry,
    Unlisted,
    _entry,
    as_temp_file,
    error_words,
    is_url,
    kind_of,
    original_location,
    path_or_url,
    read_url,
    walk_url,
)
from pipeline.pixels.decode import read_capped
from pipeline.sources.plan import plan_source
from pipeline.sources.walk import count_files, iter_source
from tests.pipeline.commands import ROOT, ingest, inside, nonzero, rows
from tests.pipeline.photos import coffee, hopper, numbered_head

ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"  # SHA-256 of "abc": FIPS 180-2, B.1


@pytest.fixture
def bucket() -> Iterator[str]:
    """memory://…/: a.jpg, smile/b.jpg, smile/deep/c.png, notes.txt, inner.ZIP."""
    name = uuid.uuid4().hex
    fs = fsspec.filesystem("memory")
    photos = {"a.jpg": hopper().read_bytes(), "smile/b.jpg": numbered_head(1), "smile/deep/c.png":
              coffee().read_bytes(), "notes.txt": b"abc", "inner.ZIP": b"PK\x05\x06" + b"\0" * 18}  # fmt: skip
    for path, data in photos.items():
        fs.pipe_file(f"memory://{name}/{path}", data)
    yield f"memory://{name}"
    fs.rm(f"memory://{name}", recursive=True)


@pytest.mark.parametrize("text", ["s3://bucket/x", "memory://x", "HTTPS://a/b.jpg", "gs://b", "file:///a"])
def test_what_is_a_url(text: str) -> None:
    assert is_url(text)
    assert not is_url(Path(text))


@pytest.mark.parametrize("text", ["/a/b", "a.jpg", "", "C:/x", "a/b://c", "://", "1s3://x", "s3:/x"])
def test_what_is_none(text: str) -> None:
    assert not is_url(text)
    assert path_or_url(text) == Path(text)


def test_a_file_url_is_a_path(tmp_path: Path) -> None:
    (tmp_path / "a b.jpg").write_bytes(b"x")
    (tmp_path / "c%20d.jpg").write_bytes(b"x")
    assert path_or_url(f"file://{tmp_path}/a%20b.jpg") == tmp_path / "a b.jpg"
    assert path_or_url(f"file://localhost{tmp_path}/a b.jpg") == tmp_path / "a b.jpg"
    assert path_or_url(f"file://{tmp_path}/c%20d.jpg") == tmp_path / "c%20d.jpg"
    assert local_path("s3://b/x") is None
    assert plan_source(f"file://{tmp_path}", tmp_path / "spool", 100).root == tmp_path


def test_where_an_original_lies() -> None:
    assert original_location(Path("/w"), "originals/ab/x.jpg") == Path("/w/originals/ab/x.jpg")
    assert original_location(Path("/w"), "/photos/x.jpg") == Path("/photos/x.jpg")
    assert original_location(Path("/w"), "s3://b/x.jpg") == "s3://b/x.jpg"


def test_bytes_behind_a_url(bucket: str) -> None:
    assert read_capped(f"{bucket}/notes.txt", 3) == b"abc"
    with pytest.raises(TooLargeError, match="3 bytes, more than the cap of 2"):
        read_capped(f"{bucket}/notes.txt", 2)
    with pytest.raises(UnavailableError, match="no such file"):
        read_capped(f"{bucket}/gone.txt", 10)
    assert hash_file(f"{bucket}/notes.txt") == ABC
    assert hash_file(f"{bucket}/gone.txt") is None


def test_a_size_that_is_not_told_is_capped_all_the_same(bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.files.remote.getattr", lambda *_: None, raising=False)
    with pytest.raises(TooLargeError, match="more bytes than the cap of 2"):
        read_capped(f"{bucket}/notes.txt", 2)


def testfile_systems_that_are_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UnavailableError, match="no file system is called nonsense://"):
        read_capped("nonsense://a/b", 10)
    monkeypatch.setitem(sys.modules, "s3fs", None)
    with pytest.raises(UnavailableError, match="pip install s3fs"):
        read_capped("s3://a/b", 10)
    for url in ("s3://a/b", "nonsense://a", "memory://not-there/x"):
        with pytest.raises(UsageError, match="nothing was ingested"):
            plan_source(url, tmp_path, 10)
    with pytest.raises(UsageError, match="password"):
        plan_source("ftp://me:secret@host/x", tmp_path, 10)


def test_errors_of_somebody_else_are_named(bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    class NoBucketsLeftError(Exception):
        pass

    def refuse(*_: object, **__: object) -> Any:
        raise NoBucketsLeftError("Unable to find\na bucket")

    monkeypatch.setattr(type(fsspec.filesystem("memory")), "_open", refuse)
    with pytest.raises(UnavailableError, match="Unable to find a bucket"):
        read_capped(f"{bucket}/a.jpg", 10)


def test_a_folder_behind_a_url(bucket: str, tmp_path: Path) -> None:
    plan = plan_source(bucket + "/", tmp_path / "spool", 10_000)
    refs = list(iter_source(plan))
    assert [r.path.removeprefix(bucket) for r in refs] == [
        "/a.jpg", "/inner.ZIP", "/notes.txt", "/smile/b.jpg", "/smile/deep/c.png"]  # fmt: skip
    assert all(r.path == r.location and not r.spooled for r in refs)
    assert (plan.kind, plan.root, plan.source_location, count_files(plan)) == ("folder", bucket, bucket, 5)
    assert (refs[2].size, refs[0].size) == (3, hopper().stat().st_size)
    assert 0 < refs[0].mtime_ns < 4e18
    assert [r.failure is None for r in refs] == [True, False, True, True, True]
    assert refs[1].failure is not None
    assert refs[1].failure[0] is Outcome.UNSUPPORTED
    assert list(iter_source(plan)) == refs  # the times do not change from one listing to the next
    one = plan_source(f"{bucket}/a.jpg", tmp_path / "spool", 10_000)
    assert (one.kind, one.source_location, list(iter_source(one))) == ("file", bucket, [refs[0]])


def test_names_that_lack_their_host_are_told_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """SFTP's listing says /x/a.jpg, S3's lists an empty marker of the folder itself, local ones may hold symlinks."""

    class Fs:
        def ls(self, path: str, detail: bool) -> list[dict[str, Any]]:
            if path == "/x/no":
                raise PermissionError(13, "Permission denied")
            names = {"/x": [("/x", "file"), ("/x/b.jpg", "file"), ("/x/a", "directory"), ("/x/no", "directory")],
                     "/x/a": [("/x/a/c.jpg", "file"), ("/x/a/pipe", "other")]}  # fmt: skip
            return [{"name": n, "type": t, "size": 1} for n, t in names[path]] + [
                {"name": f"{path}/link", "type": "file", "islink": True}]  # fmt: skip

    monkeypatch.setattr("pipeline.files.remote.file_system", lambda url: (Fs(), "/x"))
    assert list(walk_url("sftp://host/x/")) == [
        Entry("sftp://host/x/a/c.jpg", 1, 0),
        Entry("sftp://host/x/b.jpg", 1, 0),
        Unlisted("sftp://host/x/no", message("store_denied")),
    ]


@pytest.mark.parametrize(
    ("kind", "bases", "code"),
    [
        ("NoCredentialsError", (Exception,), "store_unknown_user"),
        ("EndpointConnectionError", (type("ConnectionError", (Exception,), {}),), "store_away"),  # as botocore's
        ("ClientConnectorError", (OSError,), "store_away"),
        ("ConnectionRefusedError", (ConnectionError,), "store_away"),
        ("TimeoutError", (OSError,), "store_silent"),
        ("SomebodysPermissionError", (PermissionError,), "store_denied"),
    ],
)
def test_what_a_storage_complains_of_is_told_in_our_words(
    kind: str, bases: tuple[type[Exception], ...], code: str
) -> None:
    assert error_words(type(kind, bases, {})("whatever it says")) == message(code)


def test_an_unknown_complaint_is_told_in_its_own() -> None:
    assert error_words(ValueError("line one\nline two")) == "line one line two"


@pytest.mark.parametrize(
    ("info", "expected"),
    [
        ({"mtime": 1_700_000_000.5, "created": 1}, 1_700_000_000_500_000_000),
        ({"LastModified": datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)}, 1_700_000_000_000_000_000),
        ({"updated": "2023-11-14T22:13:20Z"}, 1_700_000_000_000_000_000),
        ({"updated": "yesterday"}, 0),
        ({"created": datetime(2023, 11, 14, 22, 13, 20)}, 1_700_000_000_000_000_000),
        ({}, 0),
    ],
)
def test_the_time_of_a_file(info: dict[str, Any], expected: int) -> None:
    assert _entry("u", info) == Entry("u", 0, expected)


def test_bytes_held_for_a_while() -> None:
    with as_temp_file(b"abc") as url:
        assert read_capped(url, 3) == b"abc"
    with pytest.raises(UnavailableError):
        read_capped(url, 3)


def test_a_copy_of_what_is_behind_a_url(bucket: str, tmp_path: Path) -> None:
    store = BlobStore(tmp_path)
    assert store.adopt(f"{bucket}/notes.txt", ABC, "txt", link=False).read_bytes() == b"abc"
    with pytest.raises(UnavailableError, match="no such file"):
        store.adopt(f"{bucket}/gone", "0" * 64, "txt", link=False)


def test_ingest_of_a_url(bucket: str, tmp_path: Path) -> None:
    workspace = tmp_path / "w"
    figures = ingest(workspace, bucket, "--propose-classes")
    assert nonzero(figures) == {"added": 2, "no_face": 1, "unsupported": 2}
    assert rows(workspace, "SELECT kind, location FROM sources") == [("folder", bucket)]
    stored = rows(workspace, "SELECT storage, original FROM images ORDER BY original")
    assert stored == [("referenced", f"{bucket}/{n}") for n in ("a.jpg", "smile/b.jpg", "smile/deep/c.png")]
    assert nonzero(ingest(workspace, bucket)) == {"already_present": 3, "unsupported": 2}
    assert inside("verify", "--workspace", workspace).returncode == 0
    (tmp_path / "twin.jpg").write_bytes(hopper().read_bytes())
    assert nonzero(ingest(workspace, tmp_path / "twin.jpg")) == {"already_present": 1}
    fsspec.filesystem("memory").rm_file(f"{bucket}/a.jpg")
    done = inside("verify", "--workspace", workspace)
    assert done.returncode == 1
    assert f"original {bucket}/a.jpg" in done.stdout


def test_ingest_of_a_url_with_copy(bucket: str, tmp_path: Path) -> None:
    figures = ingest(tmp_path / "w", f"{bucket}/a.jpg", "--copy")
    assert nonzero(figures) == {"added": 1}
    ((storage, original),) = rows(tmp_path / "w", "SELECT storage, original FROM images")
    assert storage == "stored"
    assert (tmp_path / "w" / original).read_bytes() == hopper().read_bytes()


def test_a_url_that_leads_nowhere_is_a_usage_error(tmp_path: Path) -> None:
    done = inside("ingest", "memory://nowhere-at-all", "--workspace", tmp_path / "w", "--executor", "serial")
    assert done.returncode == 2
    assert "nothing was ingested" in done.stderr


def test_fsspec_and_distributed_are_imported_only_where_needed() -> None:
    script = (
        "import sys, pipeline.__main__, pipeline.cli.ingest, pipeline.run.dask_executor\n"
        "found = {'fsspec', 'distributed', 'dask'} & set(sys.modules)\n"
        "assert not found, found\n"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_what_cannot_be_listed_is_told(monkeypatch: pytest.MonkeyPatch, bucket: str, tmp_path: Path) -> None:
    plan = plan_source(bucket, tmp_path, 10)
    monkeypatch.setattr("pipeline.sources.walk.walk_url", lambda url: iter([Unlisted(url, "denied")]))
    assert list(iter_source(plan)) == [
        ImageRef(bucket, bucket, 0, failure=(Outcome.UNAVAILABLE, message("unlisted", why="denied")))]  # fmt: skip


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1/a.jpg", "HTTPS://example.org/x", "ftp://h/x", "simplecache://::http://127.0.0.1/a.jpg"]
)
def test_the_web_is_no_store(url: str) -> None:
    """A page's server must not be made to fetch what only it can reach."""
    with pytest.raises(UsageError, match="not the web"):
        kind_of(url)
    with pytest.raises(UnavailableError, match="not the web"):
        read_url(url, 1000)
