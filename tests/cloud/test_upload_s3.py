"""Releases sent to an S3 server: on the wire what `tests/pipeline/export/test_upload.py` holds of the steps."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pipeline.core.errors import ExportError, StorageError
from pipeline.export.upload import PART, Uploaded, upload
from tests.pipeline.export.test_upload import FILES, a_release, tree

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
        with pytest.raises(StorageError, match="the line is down"):
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
