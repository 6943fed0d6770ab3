"""What was damaged is never remembered as done: each run tries it again and names it, until it is whole."""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.pipeline import commands as cli
from tests.pipeline.cli.test_video import picture
from tests.pipeline.clips import write_clip
from tests.pipeline.photos import encoded


def clip() -> bytes:
    """Four heads, a second each, ten frames a second; as a stream, whose first half can be read by itself."""
    file = Path(os.environ.get("TMPDIR", "/tmp")) / f"clip-{os.getpid()}.mkv"
    heads = [picture(n) for n in range(4)]
    write_clip(file, [heads[n // 10] for n in range(40)], [100 * n for n in range(40)])
    data = file.read_bytes()
    file.unlink()
    return data


def animation(kind: str) -> Callable[[], bytes]:
    heads = [Image.fromarray(np.asarray(picture(n))) for n in range(4)]
    return lambda: encoded(heads[0], kind, save_all=True, append_images=heads[1:], duration=80)


def archive() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as made:
        for n in range(3):
            made.writestr(f"{n}.jpg", encoded(Image.fromarray(np.asarray(picture(n))), "JPEG"))
    return stream.getvalue()


def cut(data: bytes) -> bytes:
    return data[: len(data) * 6 // 10]


def hurt(data: bytes) -> bytes:
    """A zip with the bytes of its second member spoilt."""
    at = data.index(b"1.jpg") + 2000
    return data[:at] + bytes(60) + data[at + 60 :]


CASES: dict[str, tuple[str, Callable[[], bytes], Callable[[bytes], bytes], Sequence[str]]] = {
    "video": ("x.mkv", clip, cut, ("video", "--every", "1")),
    "GIF": ("x.gif", animation("GIF"), cut, ("ingest", "--frames", "all")),
    "APNG": ("x.png", animation("PNG"), cut, ("ingest", "--frames", "all")),
    "TIFF": ("x.tif", animation("TIFF"), cut, ("ingest", "--frames", "all")),
    "zip that does not open": ("x.zip", archive, cut, ("ingest",)),
    "zip with a damaged member": ("x.zip", archive, hurt, ("ingest",)),
}


@pytest.mark.long_but(4)
@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("same_time", [False, True])
def test_it_is_named_each_time_and_taken_once_it_is_whole(name: str, same_time: bool, tmp_path: Path) -> None:
    called, make, spoil, words = CASES[name]
    file, whole = tmp_path / called, make()
    file.write_bytes(spoil(whole))

    def run() -> dict[str, Any]:
        line = (words[0], file, *words[1:], "--executor", "serial", "--workspace", tmp_path / "w")
        images: dict[str, Any] = cli.inside_json(*line)["images"]
        return images

    first = run()
    assert first["undecodable"] == 1
    again = run()
    assert again["undecodable"] == 1
    assert again["added"] == again["no_face"] == 0
    assert again["already_present"] == first["added"] + first["no_face"]
    (reason,) = cli.rows(tmp_path / "w", "SELECT DISTINCT reason FROM sightings WHERE outcome = 'undecodable'")
    assert reason[0]
    times = (file.stat().st_atime_ns, file.stat().st_mtime_ns)
    file.write_bytes(whole)
    if same_time:  # a copy that went on keeps the time of what it copies; only bytes and size are others
        os.utime(file, ns=times)
    healed = run()
    assert healed["undecodable"] == 0
    assert healed["added"] + healed["no_face"] + healed["already_present"] >= 3
    assert cli.rows(tmp_path / "w", "SELECT count(*) FROM sightings WHERE outcome = 'undecodable'") == [(0,)]
