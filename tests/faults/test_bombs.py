"""Crafted files in a process that may map no more than 2 GiB."""

from __future__ import annotations

import json
import subprocess
import sys
import zlib
from pathlib import Path

import pytest
from PIL import Image

from tests.pipeline.commands import ROOT, environment
from tests.pipeline.photos import bomb_png, encoded

SCRIPT = """
import json, resource, sys
resource.setrlimit(resource.RLIMIT_AS, (2 * 1024**3, 2 * 1024**3))
from pipeline.run.process_image import process_image
from pipeline.core.records import ImageRef, Settings
found = []
for path in sys.argv[1:]:
    outcome = process_image(ImageRef(path, path, 1), Settings())
    found.append([str(outcome.outcome), outcome.reason.text])
print(json.dumps(found))
"""


def in_a_cage(*paths: Path) -> list[list[str]]:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, *map(str, paths)],
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: list[list[str]] = json.loads(done.stdout)
    return found


def chunk(kind: bytes, body: bytes) -> bytes:
    return len(body).to_bytes(4, "big") + kind + body + zlib.crc32(kind + body).to_bytes(4, "big")


def forged_png(width: int, height: int, body: bytes) -> bytes:
    """A PNG that says width x height, 8-bit grey, with this IDAT."""
    header = width.to_bytes(4, "big") + height.to_bytes(4, "big") + b"\x08\0\0\0\0"
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


@pytest.mark.skipif(sys.platform != "linux", reason="RLIMIT_AS is kept by Linux")
def test_crafted_files_are_refused(tmp_path: Path) -> None:
    whole = encoded(Image.new("RGB", (16, 16), "red"), "PNG")
    made = {
        "length.png": bomb_png(),
        "length-large.png": forged_png(7000, 7000, b"")[:33] + b"\xff\xff\xff\xffIDAT" + b"\0" * 61,
        "text.png": whole[:33] + chunk(b"zTXt", b"a\0\0" + zlib.compress(b"\0" * 500_000_000)) + whole[33:],
        "pixels.png": forged_png(60_000, 60_000, zlib.compress(b"\0" * 1000)),
        "short.png": forged_png(7000, 7000, zlib.compress(b"\0" * 1000)),
        "crc.png": whole[:-8] + b"XXXX" + whole[-4:],
    }
    assert len(made["length.png"]) == len(made["length-large.png"]) == 102
    paths = [tmp_path / name for name in made]
    for path in paths:
        path.write_bytes(made[path.name])
    found = dict(zip(made, in_a_cage(*paths), strict=True))
    refused = {name: outcome for name, (outcome, _) in found.items()}
    assert refused["pixels.png"] == "too_large"
    assert {refused[n] for n in ("length.png", "length-large.png", "short.png", "crc.png")} == {"undecodable"}
    assert refused["text.png"] in ("undecodable", "too_large", "no_face")  # its pixels are whole; the text is capped
    assert all(reason for _, reason in found.values())
