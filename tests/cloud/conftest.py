"""An S3 server of its own (moto), where that is installed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

ABSENT = "uploads to S3 are not tested: pip install -r tests/cloud/requirements.txt"


@pytest.fixture(scope="session")
def s3_server() -> Iterator[str]:
    """Its address."""
    pytest.importorskip("s3fs", reason=ABSENT)
    server = pytest.importorskip("moto.server", reason=ABSENT).ThreadedMotoServer(port=0)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(s3_server: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """An empty bucket named `bucket`, as boto3 sees it: not through what is tested."""
    import boto3

    for name, value in {
        "AWS_ENDPOINT_URL": s3_server, "AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "key",
        "AWS_DEFAULT_REGION": "us-east-1",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    found = boto3.resource("s3").Bucket("bucket")
    found.create()
    yield found
    found.objects.all().delete()
    found.delete()


@pytest.fixture(autouse=True)
def _fresh_clients() -> Iterator[None]:
    """fsspec keeps the client of an earlier server."""
    yield
    s3fs = pytest.importorskip("s3fs", reason=ABSENT)
    s3fs.S3FileSystem.clear_instance_cache()
