"""`export --out s3://…` and `release verify s3://…` as they are typed, against an S3 server."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Any

from tests.pipeline import commands as cli
from tests.pipeline.photos import write_heads

URL = "s3://bucket/some where/data"


def lies_in(bucket: Any) -> dict[str, bytes]:
    return {one.key: one.get()["Body"].read() for one in bucket.objects.all()}


def test_a_release_is_sent_verified_and_sent_again(tmp_path: Path, bucket: Any) -> None:
    root, photos = tmp_path / "workspace", write_heads(tmp_path / "photos", 12)
    assert cli.inside("ingest", tmp_path / "photos", "--workspace", root).returncode == 0
    names = ("none", "openmouth", "pout", "smile")
    lines = [f"{sha256(one.read_bytes()).hexdigest()},accept,{names[n % 4]}" for n, one in enumerate(photos)]
    (tmp_path / "said.csv").write_text("\n".join(["sha256,verdict,label", *lines]))
    assert cli.inside("decide", tmp_path / "said.csv", "--annotator", "Ann", "--workspace", root).returncode == 0
    asked = ("--val", "0.5", "--content", "face", "--grey", "--workspace", root)
    first = cli.call("export", "--out", URL, *asked)
    assert first.returncode == 0, first.stderr
    assert f"12 crops in {URL}" in first.stdout
    sent = lies_in(bucket)
    assert sum(key.endswith(".png") for key in sent) == 12
    said = cli.call("release", "verify", URL, "--workspace", tmp_path / "none")
    assert (said.returncode, said.stdout.split(",")[0]) == (0, f"data #1: {len(sent) - 1} files"), said.stderr
    victim = next(key for key in sent if key.endswith(".png"))
    bucket.put_object(Key=victim, Body=b"another")
    harmed = cli.call("release", "verify", URL)
    assert harmed.returncode == 1
    assert harmed.stdout.splitlines() == [
        f"{victim.removeprefix('some where/data/')} is not what it was when the release was made"
    ]
    again = cli.call("export", "--out", URL, *asked)
    assert again.returncode == 0, again.stderr
    assert lies_in(bucket) == sent
    missing = cli.call("release", "verify", "s3://bucket/nothing")
    assert missing.returncode == 1
    assert "no release of Moue" in missing.stderr
