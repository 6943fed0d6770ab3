"""MP4s whose tables claim samples that are not there: FFmpeg would make room for each of them."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from pipeline.core.errors import UndecodableError
from pipeline.frames.mp4_samples import CHEAP, refuse_many_samples
from pipeline.frames.options import VideoOptions
from pipeline.frames.video import frames_of
from tests.pipeline.clips import numbered, write_clip

FRAGMENTS = {"movflags": "frag_keyframe+empty_moov"}
CLAIMED = 50_000_000


def clip(folder: Path, **options: object) -> bytes:
    frames, times = [numbered(n) for n in range(4)], [40 * n for n in range(4)]
    return write_clip(folder / "whole.mp4", frames, times, **options).read_bytes()  # type: ignore[arg-type]


def claiming(data: bytes, box: bytes, at: int, count: int = CLAIMED) -> bytes:
    """With another number of samples `at` bytes behind the box's name, all of one size."""
    start = data.index(box)
    out = bytearray(data)
    out[start + 4 : start + at] = struct.pack(">I", 1).rjust(at - 4, b"\0")
    out[start + at : start + at + 4] = struct.pack(">I", count)
    return bytes(out)


@pytest.mark.parametrize(("box", "at", "options"), [(b"stsz", 12, {}), (b"trun", 8, {"options": FRAGMENTS})])
def test_samples_that_the_file_has_no_bytes_for(
    tmp_path: Path, box: bytes, at: int, options: dict[str, object]
) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(claiming(clip(tmp_path, **options), box, at))
    with pytest.raises(UndecodableError) as refused:
        list(frames_of(path, VideoOptions(every=0.04)))
    assert refused.value.message.code == "too_many_samples"
    assert dict(refused.value.message.params) == {"n": CLAIMED, "size": path.stat().st_size}


def boxed(*names: bytes, body: bytes) -> bytes:
    for name in reversed(names):
        body = struct.pack(">I", 8 + len(body)) + name + body
    return body


HEAD = boxed(b"ftyp", body=b"isom\0\0\0\0")
TABLE = boxed(b"trak", b"mdia", b"minf", b"stbl", b"stsz", body=struct.pack(">III", 0, 1, CHEAP // 2 + 1))


@pytest.mark.parametrize(
    "data",
    [
        HEAD + boxed(b"moov", body=TABLE * 2),
        HEAD + boxed(b"mdat", body=b"") + struct.pack(">I4sQ", 1, b"moov", 16 + 2 * len(TABLE)) + TABLE * 2,
        boxed(b"wide", body=b"") + struct.pack(">I4s", 0, b"moov") + TABLE * 2,
        HEAD + boxed(b"moov", b"cmov", b"cmvd", body=struct.pack(">I", CHEAP + 1)),
    ],
    ids=["two tracks", "long box", "box without end", "compressed"],
)
def test_all_tables_count_together_wherever_they_lie(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(data)
    with path.open("rb") as stream, pytest.raises(UndecodableError):
        refuse_many_samples(stream)


@pytest.mark.parametrize(
    "data",
    [
        HEAD + boxed(b"moov", body=TABLE),
        HEAD + boxed(b"moov", body=TABLE * 2) + bytes(CHEAP),  # a byte for each
        HEAD + boxed(b"mdat", body=boxed(b"moov", body=TABLE * 2)),
        b"RIFF" + boxed(b"AVI ", body=TABLE * 2),
        HEAD + boxed(*[b"udta"] * 40, body=b"") + b"\0\0\0\1moov",
    ],
    ids=["few", "as many as bytes", "bytes of pictures", "another kind", "deep and cut"],
)
def test_what_passes(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(data)
    with path.open("rb") as stream:
        refuse_many_samples(stream)


def test_more_tracks_than_any_video_has(tmp_path: Path) -> None:
    """FFmpeg would open a decoder for each, a millisecond and a megabyte."""
    data = clip(tmp_path)
    start, track = data.index(b"moov") - 4, data.index(b"trak") - 4
    one = data[track : track + int.from_bytes(data[track : track + 4], "big")]
    path = tmp_path / "a.mp4"

    def with_more(tracks: int) -> int:
        size = int.from_bytes(data[start : start + 4], "big") + tracks * len(one)
        path.write_bytes(data[:start] + size.to_bytes(4, "big") + data[start + 4 :] + one * tracks)
        return len(list(frames_of(path, VideoOptions(every=0.04))))

    assert with_more(8) == 4
    with pytest.raises(UndecodableError) as refused:
        with_more(80)
    assert refused.value.message.code == "video_unopened"
