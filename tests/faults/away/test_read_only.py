"""A workspace that may be read and not written, from the start or from amid the work: said in words, nothing half done.

Root may write everywhere, so what is tried runs without root's capabilities.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.faults.kills.killed import COMMAND, Killer
from tests.faults.power.decided import DECIDE
from tests.faults.whole import tree, verified
from tests.pipeline.commands import inside, rows

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="capset(2)")

AS_ANYBODY: Final = """
import ctypes
header = (ctypes.c_uint32 * 2)(0x20080522, 0)
assert ctypes.CDLL(None).capset(header, (ctypes.c_uint32 * 6)()) == 0
"""
MADE_READ_ONLY: Final = f"""
import os
from pathlib import Path
decided = 0
def say(words):
    global decided
    print("said", *words.splitlines(), flush=True)
    decided += 1
    if decided == 2:
        for path in [*Path(args[0]).rglob("*"), Path(args[0])]:
            os.chmod(path, 0o555 if path.is_dir() else 0o444)
from pipeline.core.errors import StorageError
try:
{"".join(f"    {line}" for line in DECIDE.strip().splitlines(keepends=True))}
except StorageError as e:
    print("refused:", e)
"""


def allow(root: Path, *, writing: bool) -> None:
    for path in [root, *root.rglob("*")]:
        if path.is_dir():
            path.chmod(0o755 if writing else 0o555)
        else:
            path.chmod(0o644 if writing else 0o444)


@pytest.fixture
def workspace(made: Path, tmp_path: Path) -> Iterator[Path]:
    shutil.copytree(made / "w", tmp_path / "w")
    yield tmp_path / "w"
    allow(tmp_path / "w", writing=True)


@pytest.mark.parametrize("what", ["ingest", "backup", "verify", "status"])
def test_from_the_start(killing: Killer, made: Path, workspace: Path, what: str) -> None:
    allow(workspace, writing=False)
    before = tree(workspace)
    more = {"ingest": [made / "in", "--executor", "serial"], "backup": [workspace.parent / "b.db"]}.get(what, [])
    done = killing.run(what, *more, "--workspace", workspace, code=AS_ANYBODY + COMMAND)
    assert done.code == 1, done.words
    assert str(workspace) in done.words
    assert "Traceback" not in done.words
    assert tree(workspace) == before
    allow(workspace, writing=True)
    assert inside(what, *more, "--workspace", workspace).returncode == 0


def test_amid_decisions_what_was_said_to_be_saved_is(killing: Killer, workspace: Path) -> None:
    done = killing.run(workspace, 0, 12, 2, code=AS_ANYBODY + MADE_READ_ONLY)
    assert done.code == 0, done.words
    said = [word for line in done.words.splitlines() if line.startswith("said ") for word in line.split()[1:]]
    assert len(said) >= 4
    allow(workspace, writing=True)
    kept = [uuid for (uuid,) in rows(workspace, "SELECT uuid FROM decisions ORDER BY seq")]
    assert kept[: len(said)] == said
    assert len(kept) == len(said) or "refused:" in done.words
    assert verified(workspace) == ""
