"""docs/deploy/Dockerfile without an engine: its steps run in a root of their own, its command serves there, its health
check says that it is well, and a SIGTERM ends it.

By hand: `MOUE_TEST_ROOT=1 python -m pytest -n 0 --timeout 0 tests/docs/rooted`, as root, with Debian's `debootstrap`.
Takes some minutes and 3 GB of TMPDIR, and fetches what requirements.txt names.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.docs.pages import ROOT
from tests.docs.rooted import machine
from tests.docs.rooted.dockerfile import Dockerfile
from tests.docs.rooted.root import Root

ASKED: Final = "MOUE_TEST_ROOT"
FILE: Final = Dockerfile.of((ROOT / "docs/deploy/Dockerfile").read_text("utf-8"))
_TOOLS: Final = ("debootstrap", "unshare", "nsenter", "ip")
_READY_S: Final = 180
_ENDED_S: Final = 60


def test_what_the_file_says_is_understood() -> None:
    assert FILE.base == "python:3.11-slim-bookworm"
    assert [one.kind for one in FILE.steps].count("RUN") == 2
    assert {one.state.user for one in FILE.steps} == {"0"}
    assert FILE.last.user == "10001"
    assert FILE.last.folder == "/opt/moue"
    assert ("MOUE_WORKSPACE", "/data/workspace") in FILE.last.environment
    assert FILE.command[:4] == ("python", "-m", "streamlit", "run")
    assert FILE.health[:2] == ("python", "-c")


def test_an_instruction_that_nobody_runs_is_not_passed_over() -> None:
    with pytest.raises(ValueError, match="ADD a b"):
        Dockerfile.of('FROM a\nADD a b\nCMD ["a"]')


@pytest.fixture
def image(tmp_path: Path) -> Iterator[Root]:
    """Made step by step, and removed."""
    if not os.environ.get(ASKED):
        pytest.skip(f"{ASKED} is not set: the Dockerfile's steps were not run")
    missing = [name for name in _TOOLS if not shutil.which(name)]
    if os.geteuid() or missing:
        pytest.fail(f"{ASKED} wants root and Debian's debootstrap, util-linux and iproute2; missing: {missing}")
    root = Root(tmp_path / "root")
    try:
        suite = FILE.base.rpartition("-")[2]
        root.begin(suite, machine.mirror(suite))
        settings = machine.registries()
        making = root.lend(machine.paths(settings))
        for step in FILE.steps:
            making.do(step, ROOT, settings)
        yield root
    finally:
        if root.path.exists():
            shutil.rmtree(root.path)


@pytest.mark.long
def test_the_steps_run_and_the_server_serves_in_a_root_of_its_own(image: Root) -> None:
    command = image.words(FILE.last, FILE.command, "--net", "--pid", "--fork", "--kill-child")
    with subprocess.Popen(command, env=image.variables(FILE.last)) as holder:
        try:
            first = _first(holder.pid)
            uid, gid, _ = image.user(FILE.last)
            inside = ("--mount", "--net", "--pid", f"--root=/proc/{first}/root", f"--setuid={uid}", f"--setgid={gid}")
            asked = ["nsenter", f"--target={first}", *inside, *FILE.health]
            until = time.monotonic() + _READY_S
            while subprocess.run(asked, env=image.variables(FILE.last), check=False).returncode:
                assert holder.poll() is None, "the server ended"
                assert time.monotonic() < until, f"not ready after {_READY_S} s"
                time.sleep(1)
            users = Path(f"/proc/{first}/status").read_text("utf-8").partition("Uid:")[2].split()[:4]
            assert set(users) == {FILE.last.user}
            assert (image.path / "data/workspace/moue.db").is_file()
            os.kill(first, signal.SIGTERM)
            assert holder.wait(_ENDED_S) == 0
        finally:
            holder.kill()


def _first(holder: int) -> int:
    """The process that is number 1 inside: the one child of unshare, which waits for it."""
    children = Path(f"/proc/{holder}/task/{holder}/children")
    until = time.monotonic() + _ENDED_S
    while not (found := children.read_text("utf-8").split()):
        assert time.monotonic() < until, "nothing was begun"
        time.sleep(0.05)
    return int(found[0])
