"""Releases sent to an S3 server: on the wire what `tests/pipeline/export/test_upload.py` holds of the steps."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from pipeline.core.errors import ExportError, StorageError
from pipeline.export.release.verify import verify_release
from pipeline.export.upload import PART, Uploaded, upload
from tests.pipeline.export.test_upload import FILES, a_release, tree

ROOT = Path(__file__).parents[2]
URL = "s3://bucket/some where/data"


def lies_in(bucket: Any) -> dict[str, bytes]:
    return {
        one.key.removeprefix("some where/data/"): one.get()["Body"].read()
        for one in bucket.objects.filter(Prefix="some where/data/")
    }


def test_a_release_arrives_whole_and_is_sent_once(tmp_path: Path, bucket: Any) -> None:
    files = {**FILES, **{f"train/none/{n:03}.png": str(n).encode() * 99 for n in range(60)}}
    folder = a_release(tmp_path, files)
    assert upload(folder, URL, overwrite=False) == Uploaded(64, 64)
    assert lies_in(bucket) == tree(folder)
    before = {one.key: one.last_modified for one in bucket.objects.all()}
    assert upload(folder, URL, overwrite=False) == Uploaded(64, 0)
    after = {one.key: one.last_modified for one in bucket.objects.all()}
    assert {key: time for key, time in after.items() if not key.endswith("release.json")} == {
        key: time for key, time in before.items() if not key.endswith("release.json")
    }


def test_a_broken_upload_goes_on(tmp_path: Path, bucket: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    import s3fs

    folder, put, sent = a_release(tmp_path, FILES), s3fs.S3FileSystem._put_file, []

    async def breaks(self: Any, source: str, target: str, **more: Any) -> None:
        if sent:
            raise ConnectionResetError("the line is down")
        sent.append(target)
        await put(self, source, target, **more)

    with monkeypatch.context() as patched:
        patched.setattr(s3fs.S3FileSystem, "_put_file", breaks)
        patched.setattr("pipeline.files.upload._AT_ONCE", 1)
        with pytest.raises(StorageError, match="its storage cannot be reached"):
            upload(folder, URL, overwrite=False)
    s3fs.S3FileSystem.clear_instance_cache()  # it holds on to the method that breaks
    assert PART in lies_in(bucket)
    assert "release.json" not in lies_in(bucket)
    done = upload(folder, URL, overwrite=False)
    assert (done.files, done.sent) == (4, 3)
    assert lies_in(bucket) == tree(folder)


def test_what_changed_there_is_sent_again_and_what_is_not_ours_is_left_alone(tmp_path: Path, bucket: Any) -> None:
    folder = a_release(tmp_path, FILES)
    upload(folder, URL, overwrite=False)
    bucket.put_object(Key="some where/data/val/smile/c.png", Body=b"THREE")
    assert upload(folder, URL, overwrite=False) == Uploaded(4, 1)
    assert lies_in(bucket) == tree(folder)
    bucket.put_object(Key="some where/data/notes.txt", Body=b"mine")
    with pytest.raises(ExportError, match=r"notes\.txt"):
        upload(folder, URL, overwrite=True)
    assert lies_in(bucket)["notes.txt"] == b"mine"


def test_a_bucket_that_is_not_there_is_told_and_not_made(tmp_path: Path, bucket: Any) -> None:
    import boto3

    with pytest.raises(StorageError, match="cannot be written"):
        upload(a_release(tmp_path, FILES), "s3://nobucket/data", overwrite=False)
    assert [one["Name"] for one in boto3.client("s3").list_buckets()["Buckets"]] == ["bucket"]


KILLED = """
import os, signal, sys
from pathlib import Path
import s3fs
from pipeline.export.upload import upload
put, begun = s3fs.S3FileSystem._put_file, []

async def kills(self, source, target, **more):
    begun.append(target)
    if len(begun) == 30:
        os.kill(os.getpid(), signal.SIGKILL)  # others are on their way
    await put(self, source, target, **more)

s3fs.S3FileSystem._put_file = kills
upload(Path(sys.argv[1]), sys.argv[2], overwrite=False)
"""


def test_an_upload_that_was_killed_is_no_release_and_goes_on(tmp_path: Path, bucket: Any) -> None:
    files = {**FILES, **{f"train/none/{n:03}.png": str(n).encode() * 99 for n in range(60)}}
    folder = a_release(tmp_path, files)
    done = subprocess.run([sys.executable, "-c", KILLED, folder, URL], check=False, cwd=ROOT)
    assert done.returncode == -signal.SIGKILL
    left, whole = lies_in(bucket), tree(folder)
    assert PART in left
    assert "release.json" not in left
    arrived = {name for name, data in left.items() if whole.get(name) == data}
    assert 10 < len(arrived) < 30
    with pytest.raises(ExportError, match="no release of Moue"):
        verify_release(URL)
    when = {one.key: one.last_modified for one in bucket.objects.all()}
    again = upload(folder, URL, overwrite=False)
    assert (again.files, again.sent) == (64, 64 - len(arrived))
    assert lies_in(bucket) == whole
    assert {one.key for one in bucket.objects.all() if when.get(one.key) == one.last_modified} == {
        f"some where/data/{name}" for name in arrived
    }
