"""A server's answer to a file, piece by piece as the net may cut it; the answer is played here."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import zlib
from collections.abc import AsyncIterator, Sequence
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from multidict import CIMultiDict

from pipeline.core.errors import (
    DecodeError,
    StorageError,
    TooLargeError,
    UnavailableError,
    UndecodableError,
    UnsupportedError,
)
from pipeline.fetch.body import Caps, Saved, refuse_by_head, save
from tests.examples import examples
from tests.faults.hostile import GIF

CAPS = Caps(10_000_000, 20_000_000)


def answer(pieces: Sequence[bytes], **headers: str) -> Any:
    async def iter_chunked(_: int) -> AsyncIterator[bytes]:
        for piece in pieces:
            yield piece

    named = CIMultiDict({name.replace("_", "-"): value for name, value in headers.items()})
    size = int(named["Content-Length"]) if "Content-Length" in named else None
    return SimpleNamespace(headers=named, content_length=size, content=SimpleNamespace(iter_chunked=iter_chunked))


def saved(path: Path, pieces: Sequence[bytes], caps: Caps = CAPS, **headers: str) -> Saved:
    return asyncio.run(save(answer(pieces, **headers), path, caps))


def cut(data: bytes, places: Sequence[int]) -> list[bytes]:
    """The net's pieces: never empty ones."""
    ends = sorted({place % (len(data) + 1) for place in places} | {0, len(data)})
    return [data[a:b] for a, b in pairwise(ends)]


@settings(max_examples=examples(40))
@given(st.binary(max_size=3000), st.lists(st.integers(0, 4000), max_size=12), st.sampled_from(["", "gzip", "deflate"]))
def test_however_it_is_cut_the_file_is_what_was_sent(
    tmp_path_factory: pytest.TempPathFactory, tail: bytes, places: list[int], coding: str
) -> None:
    path = tmp_path_factory.mktemp("body") / "one"
    data = GIF + tail
    sent = {"": data, "gzip": gzip.compress(data), "deflate": zlib.compress(data)}[coding]
    one = saved(path, cut(sent, places), **({"Content_Encoding": coding} if coding else {}))
    assert path.read_bytes() == data
    assert (one.size, one.digest.hexdigest(), one.head) == (len(data), hashlib.sha256(data).hexdigest(), data[:4096])


def test_a_long_one_is_appended_in_order(tmp_path: Path) -> None:
    pieces = [GIF, *(bytes([n]) * 700_000 for n in range(6))]
    one = saved(tmp_path / "one", pieces)
    assert (tmp_path / "one").read_bytes() == b"".join(pieces)
    assert one.size == sum(map(len, pieces))


PAGE = b"<!DOCTYPE html><html><body>Not found</body></html>"
PACKED = gzip.compress(GIF + bytes(1000))


@pytest.mark.parametrize(
    ("pieces", "headers", "error"),
    [
        ([], {}, UndecodableError),
        ([PAGE[:9], PAGE[9:], bytes(10**6)], {}, UnsupportedError),
        ([b"short"], {}, UnsupportedError),
        ([PAGE[:9]], {}, UnsupportedError),
        ([GIF], {"Content_Encoding": "br"}, UnsupportedError),
        ([PACKED[:-5]], {"Content_Encoding": "gzip"}, UndecodableError),
        ([PACKED, b"behind its end"], {"Content_Encoding": "gzip"}, UndecodableError),
        ([PACKED[:20] + b"\xff" * 40], {"Content_Encoding": "gzip"}, UndecodableError),
    ],
)
def test_what_is_no_photo_never_reaches_the_disk(
    pieces: list[bytes], headers: dict[str, str], error: type[DecodeError], tmp_path: Path
) -> None:
    with pytest.raises(error):
        saved(tmp_path / "one", pieces, **headers)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("coding", "more"), [("", 0), ("", 1), ("gzip", 0), ("gzip", 1)])
def test_the_caps_count_to_the_byte(coding: str, more: int, tmp_path: Path) -> None:
    data = GIF + bytes(500_000)
    sent = gzip.compress(data) if coding else data
    caps = Caps(len(sent), len(data) - more) if coding else Caps(len(sent) - more, 0)
    headers = {"Content_Encoding": coding} if coding else {}
    if more:
        with pytest.raises(TooLargeError):
            saved(tmp_path / "one", cut(sent, [100, 200_000]), caps, **headers)
    else:
        assert saved(tmp_path / "one", cut(sent, [100, 200_000]), caps, **headers).size == len(data)


def test_a_packed_one_is_refused_by_what_was_received_too(tmp_path: Path) -> None:
    with pytest.raises(TooLargeError):
        saved(tmp_path / "one", [PACKED], Caps(len(PACKED) - 1, 10**6), Content_Encoding="gzip")


def test_by_its_head_alone() -> None:
    caps = Caps(1000, 1000)
    refuse_by_head(answer([], Content_Length="1000"), caps, obey_noai=True)
    refuse_by_head(answer([]), caps, obey_noai=True)
    with pytest.raises(TooLargeError):
        refuse_by_head(answer([], Content_Length="1001"), caps, obey_noai=True)
    for value in ("noai", "noindex, NoImageAI"):
        with pytest.raises(UnavailableError):
            refuse_by_head(answer([], X_Robots_Tag=value), caps, obey_noai=True)
        refuse_by_head(answer([], X_Robots_Tag=value), caps, obey_noai=False)
    refuse_by_head(answer([], X_Robots_Tag="noindex, nofollow"), caps, obey_noai=True)


def test_a_disk_that_refuses_is_named(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="one"):
        saved(tmp_path / "gone" / "one", [GIF])
