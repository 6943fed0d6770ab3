"""`video` from the command line, with clips made here; `ingest --frames all` with an animation."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image

from pipeline.core.geometry import Bgr
from tests.pipeline import commands as cli
from tests.pipeline.clips import write_clip
from tests.pipeline.photos import numbered_head


def picture(number: int) -> Bgr:
    """RGB, 320 x 320: a head as a clip shows it."""
    found = cv2.imdecode(np.frombuffer(numbered_head(number), np.uint8), cv2.IMREAD_COLOR)
    assert found is not None
    return np.ascontiguousarray(cv2.resize(found, (320, 320), interpolation=cv2.INTER_AREA)[:, :, ::-1])


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four heads, a second each, ten frames a second."""
    path = tmp_path_factory.mktemp("clip") / "嘴.mp4"
    heads = [picture(n) for n in range(4)]
    write_clip(path, [heads[n // 10] for n in range(40)], [100 * n for n in range(40)])
    return path


def work(tmp_path: Path, *words: object) -> dict[str, Any]:
    return cli.inside_json(*words, "--executor", "serial", "--workspace", tmp_path / "w")


def rows(tmp_path: Path, sql: str) -> list[tuple[Any, ...]]:
    return cli.rows(tmp_path / "w", sql)


def test_frames_by_time_are_one_group_of_one_source(clip: Path, tmp_path: Path) -> None:
    done = work(tmp_path, "video", clip, "--every", "1", "--class", "smile")
    assert (done["images"]["added"], done["faces"]) == (4, 4)
    assert rows(tmp_path, "SELECT kind, location FROM sources") == [("video", str(clip))]
    places = [place for (place,) in rows(tmp_path, "SELECT location FROM sightings ORDER BY id")]
    assert [place.removeprefix(str(clip)) for place in places] == [
        "@0.000s", "@1.000s", "@2.000s", "@3.000s",
    ]  # fmt: skip
    assert len(rows(tmp_path, "SELECT DISTINCT part_of FROM sightings WHERE length(part_of) = 64")) == 1
    assert rows(tmp_path, "SELECT DISTINCT storage, proposal FROM images") == [("stored", 3)]
    again = work(tmp_path, "video", clip, "--every", "1")
    assert (again["images"]["already_present"], again["faces"]) == (4, 0)


@pytest.mark.long
def test_it_is_a_command(clip: Path, tmp_path: Path) -> None:
    done = cli.call_json("video", clip, "--every", "2", "--executor", "processes:1", "--workspace", tmp_path / "w")
    assert (done["images"]["added"], done["faces"]) == (2, 2)


def test_a_known_video_is_not_decoded_again(clip: Path, tmp_path: Path) -> None:
    """Told by a file that could not be: its bytes are others, its size and time are not."""
    copy = tmp_path / "copy.mp4"
    copy.write_bytes(clip.read_bytes())
    assert work(tmp_path, "video", copy, "--every", "2")["images"]["added"] == 2
    times = (copy.stat().st_atime_ns, copy.stat().st_mtime_ns)
    head = copy.read_bytes()[:64]
    copy.write_bytes(head + bytes(copy.stat().st_size - 64))
    os.utime(copy, ns=times)
    again = work(tmp_path, "video", copy, "--every", "2")["images"]
    assert (again["already_present"], again["undecodable"]) == (2, 0)
    assert work(tmp_path, "video", copy, "--every", "1")["images"]["undecodable"] == 1  # other frames are asked for
    os.utime(copy, ns=(times[0], times[1] + 1))
    assert work(tmp_path, "video", copy, "--every", "2")["images"]["undecodable"] == 1  # it has changed


def test_scenes_and_the_sharpest(clip: Path, tmp_path: Path) -> None:
    assert work(tmp_path, "video", clip, "--sharpest", "2")["images"]["added"] == 2
    done = work(tmp_path, "video", clip, "--scenes", "0.02")["images"]
    assert done["added"] + done["already_present"] == 4


def test_half_a_video_gives_what_it_has_and_says_so(clip: Path, tmp_path: Path) -> None:
    half = tmp_path / "half.mkv"
    heads = [picture(n) for n in range(4)]
    write_clip(half, [heads[n // 10] for n in range(40)], [100 * n for n in range(40)])
    half.write_bytes(half.read_bytes()[: half.stat().st_size // 2])
    done = work(tmp_path, "video", half, "--every", "1")["images"]
    assert done["added"] >= 1
    assert done["undecodable"] == 1


def test_what_is_no_video_and_what_makes_no_sense(clip: Path, tmp_path: Path) -> None:
    (tmp_path / "note.mp4").write_text("not a video")
    assert work(tmp_path, "video", tmp_path / "note.mp4")["images"]["unsupported"] == 1
    for words, told in (
        (("--every", "0"), "between 0.001 and 86400"),
        (("--scenes", "2"), "strictly between 0 and 1"),
        (("--most", "0"), "between 1 and 10,000,000"),
    ):
        refused = cli.inside("video", clip, *words, "--workspace", tmp_path / "w")
        assert (refused.returncode, told in refused.stderr) == (2, True), refused.stderr


def test_every_picture_of_an_animation(tmp_path: Path) -> None:
    heads = [Image.fromarray(picture(n)) for n in range(3)]
    heads[0].save(tmp_path / "mouths.webp", save_all=True, append_images=heads[1:], lossless=True)
    assert work(tmp_path, "ingest", tmp_path / "mouths.webp")["images"]["added"] == 1
    done = work(tmp_path, "ingest", tmp_path / "mouths.webp", "--frames", "all")["images"]
    assert done["added"] == 3
    assert len(rows(tmp_path, "SELECT DISTINCT part_of FROM sightings WHERE part_of <> ''")) == 1


def test_an_uploaded_video_is_taken_and_removed_but_nobody_else_s(clip: Path, tmp_path: Path) -> None:
    batch = tmp_path / "w" / ".incoming" / "videos" / "1"
    batch.mkdir(parents=True)
    (batch / "talk.mp4").write_bytes(clip.read_bytes())
    done = work(tmp_path, "video", batch, "--every", "2", "--source-name", "talk.mp4, Ann")
    assert done["images"]["added"] == 2
    assert rows(tmp_path, "SELECT kind, location FROM sources") == [("video", "talk.mp4, Ann")]
    assert rows(tmp_path, "SELECT location FROM sightings ORDER BY id") == [("talk.mp4@0.000s",), ("talk.mp4@2.000s",)]
    assert not batch.exists()
    own = tmp_path / "own.mp4"
    own.write_bytes(clip.read_bytes())
    refused = cli.inside("video", own, "--source-name", "own", "--workspace", tmp_path / "w")
    assert (refused.returncode, own.exists()) == (2, True)
    assert "is no upload of this workspace" in refused.stderr
