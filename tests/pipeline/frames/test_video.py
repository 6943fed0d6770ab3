"""Frames by time stamp, by scene, by sharpness, upright, from damaged files too. Each clip is made here."""

from __future__ import annotations

import io
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from pipeline.core.errors import TooLargeError, UnavailableError, UndecodableError, UnsupportedError, UsageError
from pipeline.core.geometry import Bgr
from pipeline.core.records import Settings
from pipeline.frames import video
from pipeline.frames.options import VideoOptions
from pipeline.frames.video import frames_of
from pipeline.frames.video_frame import VideoFrame
from tests.pipeline.clips import cut, number_in, numbered, write_clip
from tests.pipeline.photos import head_jpeg
from tests.pipeline.pixels.test_formats import upright

FRONT = {"movflags": "faststart"}


def taken(path: Path, **options: object) -> list[VideoFrame]:
    return list(frames_of(path, VideoOptions(**options)))  # type: ignore[arg-type]


def variable_times(count: int = 60) -> list[int]:
    """Milliseconds: 20 a frame, but every third stays for 90 and the twentieth for a second."""
    at, times = 0, []
    for i in range(count):
        times.append(at)
        at += 1000 if i == 20 else 90 if i % 3 == 0 else 20
    return times


def shown(times: list[int], at: float) -> int:
    """The number of the frame that a player shows at a time."""
    return max(i for i, t in enumerate(times) if t <= at * 1000 + 0.5)


@pytest.mark.parametrize("every", [0.1, 0.25, 1.0])
@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "片.mov"])
def test_every_n_seconds_of_a_variable_rate(tmp_path: Path, name: str, every: float) -> None:
    times = variable_times()
    clip = write_clip(tmp_path / name, [numbered(i) for i in range(60)], times)
    end = (times[-1] + 20) / 1000
    wanted = list(dict.fromkeys(shown(times, k * every) for k in range(int(end / every) + 1)))
    got = taken(clip, every=every)
    assert [f.index for f in got] == [number_in(f.bgr) for f in got] == wanted
    assert [f.seconds for f in got] == pytest.approx([times[n] / 1000 for n in wanted], abs=0.001)
    naive = list(range(0, 60, max(1, round(every * 25))))
    assert naive != wanted


def test_a_constant_rate_gives_one_frame_an_interval(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "a.mp4", [numbered(i) for i in range(50)], [i * 40 for i in range(50)])
    assert [number_in(f.bgr) for f in taken(clip, every=0.5)] == [0, 12, 25, 37]
    assert [number_in(f.bgr) for f in taken(clip, every=100)] == [0]


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_display_matrix_is_applied(tmp_path: Path, orientation: int) -> None:
    # x' = a x + c y, y' = b x + d y: which side of the picture the first row and column come to lie on.
    abcd = {1: (1, 0, 0, 1), 2: (-1, 0, 0, 1), 3: (-1, 0, 0, -1), 4: (1, 0, 0, -1),
            5: (0, 1, 1, 0), 6: (0, 1, -1, 0), 7: (0, -1, -1, 0), 8: (0, -1, 1, 0)}[orientation]  # fmt: skip
    quarters = np.full((96, 160, 3), 30, np.uint8)
    quarters[:48, :80], quarters[:48, 80:], quarters[48:, :80] = (220, 40, 40), (40, 220, 40), (40, 40, 220)
    clip = write_clip(tmp_path / "a.mp4", [quarters] * 3, [0, 40, 80], matrix=abcd)
    (frame,) = taken(clip)
    expected = upright(quarters, orientation)
    assert frame.bgr.shape == expected.shape
    inner = np.abs(frame.bgr[:, :, ::-1].astype(int) - expected)
    assert np.median(inner) <= 4
    assert inner[4, 4].max() <= 20
    assert inner[4, -5].max() <= 20


@pytest.mark.parametrize(("width", "height", "red", "blue"), [(1280, 720, 0.2126, 0.0722), (320, 240, 0.299, 0.114)])
def test_colours_of_untagged_clips(tmp_path: Path, width: int, height: int, red: float, blue: float) -> None:
    """High definition is BT.709, the rest BT.601, as players take it. Limited range: 16 to 235, 16 to 240."""
    r, g, b = 200, 60, 30
    light = red * r + (1 - red - blue) * g + blue * b
    y = 16 + 219 * light / 255
    u, v = (128 + 224 * (c - light) / 255 / (2 * (1 - weight)) for c, weight in ((b, blue), (r, red)))
    planes = np.full((height * 3 // 2, width), round(y), np.uint8)
    planes[height : height * 5 // 4], planes[height * 5 // 4 :] = round(u), round(v)
    clip = write_clip(tmp_path / "a.mp4", [planes] * 2, [0, 40])
    (frame,) = taken(clip)
    assert frame.bgr[height // 2, width // 2].tolist() == pytest.approx([b, g, r], abs=4)


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv"])
def test_a_truncated_file_gives_what_it_has_and_says_so(tmp_path: Path, name: str) -> None:
    noise = np.random.default_rng(1).integers(0, 60, (60, 96, 160, 3), np.uint8)
    frames = [np.maximum(numbered(i), noise[i]) for i in range(60)]
    whole = write_clip(tmp_path / name, frames, [i * 100 for i in range(60)], options=FRONT if name == "a.mp4" else {})
    got: list[VideoFrame] = []
    with pytest.raises(UndecodableError, match=r"cut short: its frames until \d\.\d s of (5\.9|6\.0) s"):
        got.extend(frames_of(cut(whole, 0.6), VideoOptions(every=0.5)))
    assert 3 <= len(got) < 12
    numbers = [number_in(f.bgr) for f in got]
    assert [round(f.seconds * 10) for f in got] == numbers
    assert numbers[:-1] == list(range(0, 5 * len(got) - 5, 5))  # the last one may stand at the edge of the hole


def test_a_hole_in_the_middle_costs_its_own_frames(tmp_path: Path) -> None:
    noise = np.random.default_rng(1).integers(0, 60, (60, 96, 160, 3), np.uint8)
    frames = [np.maximum(numbered(i), noise[i]) for i in range(60)]
    whole = write_clip(tmp_path / "a.mp4", frames, [i * 100 for i in range(60)], options=FRONT, gop=5)
    data = bytearray(whole.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 6000] = bytes(6000)
    (tmp_path / "hole.mp4").write_bytes(data)
    got: list[VideoFrame] = []
    with pytest.raises(UndecodableError, match="damaged in"):
        got.extend(frames_of(tmp_path / "hole.mp4", VideoOptions(every=0.1)))
    numbers = [number_in(f.bgr) for f in got]
    assert 30 < len(numbers) < 60
    assert {0, 59} <= set(numbers)
    assert [round(f.seconds * 10) for f in got] == numbers  # each at its own time, none made up


def test_what_is_no_video(tmp_path: Path) -> None:
    def refusal(data: bytes) -> type[Exception]:
        (tmp_path / "x.mp4").write_bytes(data)
        with pytest.raises((UnsupportedError, UndecodableError, UnavailableError)) as told:
            list(frames_of(tmp_path / "x.mp4", VideoOptions()))
        return told.type

    playlist = b"#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:9/secret.ts\n"
    assert refusal(playlist) is UnsupportedError  # FFmpeg would fetch it
    assert refusal(b"ffconcat version 1.0\nfile /etc/passwd\n") is UnsupportedError
    assert refusal(head_jpeg()) is UnsupportedError
    assert refusal(b"") is UnsupportedError
    assert refusal(b"\0\0\0\x18ftypisom" + bytes(500)) is UndecodableError
    whole = write_clip(tmp_path / "whole.mp4", [numbered(0)] * 20, [i * 40 for i in range(20)])
    assert refusal(whole.read_bytes()[:-200]) is UndecodableError  # its index, at the end, is gone
    with pytest.raises(UnavailableError):
        list(frames_of(tmp_path / "gone.mp4", VideoOptions()))


def test_ffmpeg_opens_nothing_but_containers_and_the_file_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even where the first look is passed, a playlist is none of the formats that are tried."""
    other = write_clip(tmp_path / "other.ts", [numbered(1)] * 5, [0, 40, 80, 120, 160])
    playlist = tmp_path / "x.m3u8"
    playlist.write_text(f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{other}\n#EXT-X-ENDLIST\n")
    assert taken(other)
    monkeypatch.setattr(video, "is_video", lambda head: True)
    with pytest.raises(UndecodableError, match="cannot be opened"):
        taken(playlist)
    (tmp_path / "list").write_text(f"ffconcat version 1.0\nfile '{other}'\n")
    with pytest.raises(UndecodableError, match="cannot be opened"):
        taken(tmp_path / "list")


@pytest.mark.parametrize("wrong", [{"every": 0}, {"every": float("nan")}, {"scene": 1.0}, {"mode": "x"}, {"most": 0}])
def test_options_out_of_range(wrong: dict[str, object]) -> None:
    with pytest.raises(UsageError):
        VideoOptions(**wrong)  # type: ignore[arg-type]


def test_pixels_that_are_not_square_are_stretched(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "a.mp4", [numbered(5)] * 3, [0, 40, 80], pixel=(3, 2))
    (frame,) = taken(clip)
    assert frame.bgr.shape == (96, 240, 3)


def test_the_caps(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "a.mp4", [numbered(i) for i in range(5)], [i * 100 for i in range(5)])
    with pytest.raises(TooLargeError, match="160 x 96"):
        list(frames_of(clip, VideoOptions(), Settings(max_pixels=160 * 96 - 1)))
    got: list[VideoFrame] = []
    with pytest.raises(TooLargeError, match="more than 2 frames"):
        got.extend(frames_of(clip, VideoOptions(every=0.1, most=2)))
    assert [f.index for f in got] == [0, 1]


def test_scene_cuts(tmp_path: Path) -> None:
    dice = np.random.default_rng(2)
    walls = [cv2.resize(dice.integers(0, 256, (6, 10, 3), np.uint8), (160, 96)) for _ in range(3)]
    frames = [walls[0]] * 10 + [walls[1]] * 7 + [walls[2]] * 8
    clip = write_clip(tmp_path / "a.mp4", frames, [i * 40 for i in range(25)])
    assert [f.index for f in taken(clip, mode="scene")] == [0, 10, 17]
    assert [f.index for f in taken(clip, mode="scene", scene=0.99)] == [0]


def face_frame(blur: float) -> Bgr:
    """A face at the left of 480 x 256 pixels, on a background that stays sharp."""
    with Image.open(io.BytesIO(head_jpeg())) as head:
        face = np.asarray(head.convert("RGB"))
    if blur:
        face = np.asarray(cv2.GaussianBlur(face, (0, 0), blur), np.uint8)
    dice = np.random.default_rng(4)
    wall = cv2.resize(dice.integers(0, 256, (16, 14, 3), np.uint8), (224, 256), interpolation=cv2.INTER_NEAREST)
    return np.hstack([face, np.asarray(wall, np.uint8)])


def test_the_sharpest_face_of_each_window(tmp_path: Path) -> None:
    empty = np.full((256, 480, 3), 90, np.uint8)
    blurs = [3.0, 2.0, 0.0, 2.0, 3.0, 4.0, 4.0, 4.0, 4.0, 4.0, 4.0, 4.0, 4.0, 4.0, 4.0, 4.0, 2.0, 0.7, 3.0, 4.0]
    frames = [face_frame(b) for b in blurs] + [empty] * 10 + [face_frame(1.0)] * 3
    clip = write_clip(tmp_path / "a.mp4", frames, [i * 100 for i in range(33)])
    got = taken(clip, mode="sharpest", every=1.0)
    assert [f.index for f in got[:2]] == [2, 17]
    assert len(got) == 3  # a window without a face gives none
    assert got[2].index >= 30
    assert got[0].bgr.shape == (256, 480, 3)


@pytest.mark.parametrize("sides", [(16_000, 16_000), (7000, 3000)])
def test_a_frame_that_grows_in_mid_video_is_never_made_room_for(tmp_path: Path, sides: tuple[int, int]) -> None:
    """VP8 says the size of each key frame anew (RFC 6386, 9.1): behind its start code, 14 bits a side. Each thread
    holds one: 700 bytes cost 400 MB, within the 8K that a header may say."""
    path = write_clip(tmp_path / "x.webm", [numbered(0), numbered(1)], [0, 40], codec="libvpx", gop=1)
    data = bytearray(path.read_bytes())
    at = data.index(b"\x9d\x01\x2a" + (160).to_bytes(2, "little") + (96).to_bytes(2, "little"))
    data[at + 3 : at + 7] = b"".join(side.to_bytes(2, "little") for side in sides)
    path.write_bytes(data)
    seen = []
    with pytest.raises(UndecodableError):
        seen += [frame.bgr.shape for frame in frames_of(path, VideoOptions(every=0.01))]
    assert all(shape == (96, 160, 3) for shape in seen)


def test_a_video_of_more_than_8k_is_refused_by_its_header(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_clip(tmp_path / "x.mp4", [numbered(0)], [0])
    monkeypatch.setattr(video, "MOST_PIXELS", 160 * 96 - 1)
    with pytest.raises(TooLargeError, match="160 x 96"):
        list(frames_of(path, VideoOptions(every=1.0)))
    monkeypatch.setattr(video, "MOST_PIXELS", 160 * 96)
    assert len(list(frames_of(path, VideoOptions(every=1.0)))) == 1
