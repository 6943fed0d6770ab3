"""Photos are decoded beside the web server: a real one, in whose process each decoder raises, serves every picture.

A box drawn and a crop moved in such a server: `tests/e2e/clean/test_clean_browser.py`, which has the same one.
"""

from __future__ import annotations

import io
import json
import os
import select
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from pages._routes import _render
from tests.e2e.conftest import Server, running
from tests.e2e.failures.report import PATIENCE_S
from tests.e2e.undecoded.guard import ALLOWED, SAID
from tests.import_rules import ROOT
from tests.pipeline import commands as cli
from tests.pipeline.made import sha_of, write_photos

PROGRAM = "pipeline.actions.stored_pixels.program"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("undecoded")
    cli.ingest(folder / "workspace", write_photos(folder / "photos"))
    yield from running(folder)


@pytest.fixture(scope="module")
def get(server: Server) -> urllib.request.OpenerDirector:
    opened = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
    request = urllib.request.Request(
        f"{server.address}/api/sign-in",
        json.dumps({"name": "Ann"}).encode(),
        {"Origin": server.address, "Content-Type": "application/json"},
    )
    opened.open(request).close()
    return opened


def programs(server: Server) -> list[int]:
    """Numbers of the processes that decode for it."""
    assert server.process is not None
    found = subprocess.run(
        ["pgrep", "-f", "-P", str(server.process.pid), PROGRAM], capture_output=True, text=True, check=False
    )
    return [int(number) for number in found.stdout.split()]


@pytest.mark.long
def test_every_picture_comes_and_nothing_was_decoded_here(server: Server, get: urllib.request.OpenerDirector) -> None:
    sha256 = sha_of(server.workspace.parent / "photos" / "astronaut.png")
    ((face,),) = server.rows(f"SELECT id FROM faces WHERE sha256 = '{sha256}'")
    thumb = server.workspace / "thumbs" / sha256[:2] / f"{sha256}.jpg"
    thumb.unlink()
    asked = {
        **{kind: f"{kind}/{sha256}" for kind in _render.WHOLE},
        "one face": f"overlay/{sha256}?face={face}",
        "crop": f"crop/{face}",
        "card": f"crop/{face}?s=160",
    }
    sizes = {}
    for name, path in asked.items():
        with get.open(f"{server.address}/api/image/{path}") as answer:
            sizes[name] = Image.open(io.BytesIO(answer.read())).size
    assert {name: max(size) for name, size in sizes.items() if name not in ("crop", "card")} == {
        "thumb": 480, "original": 512, "unified": 512, "overlay": 512, "one face": 512,
    }  # fmt: skip
    assert max(sizes["card"]) == 160
    assert thumb.is_file()
    assert SAID not in server.log.read_text()
    before = programs(server)
    assert 1 <= len(before) <= 4
    with get.open(f"{server.address}/api/image/thumb/{sha256}") as answer:  # it is there: served as a file
        assert answer.read() == thumb.read_bytes()
    assert programs(server) == before


@pytest.mark.long
def test_those_that_are_killed_are_replaced_and_none_outlives_the_server(
    server: Server, get: urllib.request.OpenerDirector
) -> None:
    sha256 = sha_of(server.workspace.parent / "photos" / "astronaut.png")
    address = f"{server.address}/api/image/original/{sha256}"
    get.open(address).close()
    killed = watched(programs(server))
    for number in killed:
        os.kill(number, signal.SIGKILL)
    assert_ended(killed)
    get.open(address).close()
    left = watched(programs(server))
    assert not set(left) & set(killed)
    server.stop(signal.SIGTERM)
    assert_ended(left)


def watched(numbers: list[int]) -> dict[int, int]:
    """A descriptor of each process, which says when that one ends, whoever has its number then."""
    assert numbers
    return {number: os.pidfd_open(number) for number in numbers}


def assert_ended(watched: dict[int, int]) -> None:
    for number, descriptor in watched.items():
        assert select.select([descriptor], [], [], PATIENCE_S)[0], f"{number} does not end"
        os.close(descriptor)


@pytest.mark.parametrize("decoder", ["load_upright(photo, Settings())", "cv2.imread(photo)"])
def test_the_guard_refuses_each_decoder(tmp_path: Path, decoder: str) -> None:
    """Else the tests above could not fail."""
    Image.new("RGB", (8, 8)).save(tmp_path / "photo.jpg")
    script = (
        "import sys\nfrom tests.e2e.undecoded import guard\nguard.install()\n"
        "import cv2\nfrom pipeline.core.records import Settings\nfrom pipeline.pixels.decode import load_upright\n"
        f"photo = sys.argv[1]\n{decoder}\n"
    )
    command = [sys.executable, "-c", script, str(tmp_path / "photo.jpg")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert SAID in done.stderr


def test_what_may_decode_is_there() -> None:
    for module in ALLOWED:
        text = (ROOT / module.replace(".", "/")).with_suffix(".py").read_text()
        assert "cv2.im" in text, f"{module} decodes no more: take it out"
