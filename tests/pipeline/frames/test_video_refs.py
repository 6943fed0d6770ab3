"""Frames as refs: their names, their files, their group, and what a dying process costs."""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import time
from collections.abc import Callable, Iterator
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline.core.errors import StorageError, UndecodableError, UsageError
from pipeline.core.outcome import Outcome
from pipeline.core.records import ImageRef, Settings
from pipeline.frames import subprocess_decoder
from pipeline.frames.options import VideoOptions
from pipeline.frames.subprocess_decoder import AHEAD, run_in_subprocess
from pipeline.frames.video_refs import video_refs
from pipeline.pixels.decode import decode
from tests.pipeline.clips import cut, number_in, numbered, write_clip

SETTINGS = Settings()


def refs_of(path: Path, spool: Path, every: float) -> Iterator[ImageRef]:
    info = path.stat() if path.exists() else None
    ref = ImageRef(str(path), str(path), info.st_size if info else 0, info.st_mtime_ns if info else 0, "smile")
    return video_refs(ref, spool, VideoOptions(every=every), SETTINGS)


def test_each_frame_is_a_spooled_photo_of_the_videos_group(tmp_path: Path) -> None:
    times = [0, 40, 1990, 2500, 4100]
    clip = write_clip(tmp_path / "影.mp4", [numbered(i) for i in range(5)], times)
    refs = list(refs_of(clip, tmp_path / "spool", 2))
    assert [r.location for r in refs] == [f"{clip}@0.000s", f"{clip}@1.990s", f"{clip}@2.500s"]
    assert {r.group for r in refs} == {hashlib.sha256(clip.read_bytes()).hexdigest()}
    assert {r.proposal for r in refs} == {"smile"}
    assert {r.mtime_ns for r in refs} == {clip.stat().st_mtime_ns}
    for ref, number in zip(refs, (0, 2, 3), strict=True):
        data = Path(ref.path).read_bytes()
        assert (ref.size, ref.spooled, Path(ref.path).parent) == (len(data), True, tmp_path / "spool")
        decoded = decode(data, ref.location, SETTINGS)
        assert decoded.intact_jpeg
        assert number_in(decoded.bgr) == number
    again = list(refs_of(clip, tmp_path / "spool", 2))
    assert [(r.location, r.size) for r in again] == [(r.location, r.size) for r in refs]


def test_a_damaged_video_is_one_more_ref_with_its_reason(tmp_path: Path) -> None:
    noise = np.random.default_rng(1).integers(0, 60, (30, 96, 160, 3), np.uint8)
    clip = write_clip(tmp_path / "a.mkv", list(noise), [i * 100 for i in range(30)])
    short = cut(clip, 0.5)
    refs = list(refs_of(short, tmp_path / "spool", 0.5))
    assert len(refs) >= 3
    assert all(r.failure is None for r in refs[:-1])
    assert refs[-1].location == refs[-1].path == str(short)
    assert refs[-1].failure is not None
    assert refs[-1].failure[0] is Outcome.UNDECODABLE
    assert "cut short" in refs[-1].failure[1].text


@pytest.mark.parametrize(
    ("data", "outcome"), [(b"words", Outcome.UNSUPPORTED), (None, Outcome.UNAVAILABLE),
                          (b"\0\0\0\x18ftypisom" + bytes(900), Outcome.UNDECODABLE)]
)  # fmt: skip
def test_what_is_no_video_is_one_ref(tmp_path: Path, data: bytes | None, outcome: Outcome) -> None:
    path = tmp_path / "x.mp4"
    if data is not None:
        path.write_bytes(data)
    (ref,) = refs_of(path, tmp_path / "spool", 1)
    assert ref.failure is not None
    assert ref.failure[0] is outcome


def test_an_unreachable_spool_is_an_error_of_the_run(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "a.mp4", [numbered(1)] * 3, [0, 40, 80])
    (tmp_path / "spool").write_bytes(b"")  # a file where the folder should be
    with pytest.raises(StorageError, match="spool"):
        list(refs_of(clip, tmp_path / "spool", 1))


def count_to(heartbeat: Callable[[], None], most: int, folder: str) -> Iterator[int]:
    for number in range(most):
        Path(folder, str(number)).touch()
        yield number


def die(heartbeat: Callable[[], None], after: int) -> Iterator[int]:
    yield from range(after)
    os._exit(7)


def hang(heartbeat: Callable[[], None], seconds: float) -> Iterator[int]:
    yield 0
    time.sleep(seconds)


def breathe(heartbeat: Callable[[], None], seconds: float) -> Iterator[int]:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        heartbeat()
    yield 1


def refuse(heartbeat: Callable[[], None]) -> Iterator[int]:
    yield 0
    raise UsageError("not like this")


def test_results_come_in_order_and_few_ahead(tmp_path: Path) -> None:
    read = 0
    for read, number in enumerate(run_in_subprocess(count_to, 500, str(tmp_path)), 1):
        assert number == read - 1
        assert len(list(tmp_path.iterdir())) <= read + AHEAD + 2
    assert read == 500


def test_a_reader_that_stops_ends_the_process(tmp_path: Path) -> None:
    walk = run_in_subprocess(count_to, 10_000, str(tmp_path))
    next(walk)
    walk.close()  # type: ignore[attr-defined]
    assert multiprocessing.active_children() == []
    assert len(list(tmp_path.iterdir())) <= AHEAD + 2


def test_a_process_that_dies_is_named_after_what_it_gave() -> None:
    got: list[int] = []
    with pytest.raises(UndecodableError, match="exit code 7"):
        got.extend(run_in_subprocess(die, 3))
    assert got == [0, 1, 2]
    got = []
    with pytest.raises(UndecodableError, match="exit code 7"):
        got.extend(run_in_subprocess(die, 20))
    assert got == list(range(20))


def test_a_process_that_hangs_is_ended() -> None:
    with pytest.raises(UndecodableError, match="stuck"):
        list(run_in_subprocess(hang, 600.0, silent_seconds=1.0))


def test_a_process_says_now_and_then_that_it_lives(monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []

    def noted(ends: list[Any], seconds: float) -> Any:
        waits.append(seconds)
        return wait(ends, seconds)

    monkeypatch.setattr(subprocess_decoder, "wait", noted)
    assert list(run_in_subprocess(breathe, 1.2, silent_seconds=20)) == [1]
    # Its start, a sign of life a second, the result, the end: behind each the whole patience begins anew.
    assert len(waits) >= 4
    assert waits == [subprocess_decoder._START_SECONDS] + [20] * (len(waits) - 1)


def test_an_error_of_ours_comes_through() -> None:
    with pytest.raises(UsageError, match="not like this"):
        list(run_in_subprocess(refuse))
