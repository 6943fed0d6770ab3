"""The disk gets full at any call that needs room: it is said, nothing half-made is left under a name, and with room
again the same is done without a restart.

A sample of the calls; all of them with `MOUE_TEST_ALL_STEPS=1`.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from tests.faults.full.works import WORKS
from tests.faults.kills.killed import Killer, killer, sampled
from tests.pipeline.photos import numbered_head

CODE: Final = "from tests.faults.full.tried import tried; tried(*args)"
MOST: Final = 3


@pytest.fixture(scope="module")
def killing() -> Iterator[Killer]:
    with killer(
        "tests.faults.full.tried", "pages._routes._render", "db.store.backup", "fsspec.implementations.memory"
    ) as one:
        yield one


def tried(killing: Killer, name: str, root: Path, call: int | None, *, short: bool = False) -> dict[str, Any]:
    ended = killing.run(name, root, "" if call is None else call, "short" if short else "", code=CODE)
    assert ended.code == 0, f"call {call}: {ended.words[-4000:]}"
    told = json.loads(ended.words.splitlines()[-1])
    assert isinstance(told, dict)
    return told


@pytest.mark.long
@pytest.mark.parametrize("name", WORKS)
def test_the_disk_gets_full(killing: Killer, decided: Path, tmp_path: Path, name: str) -> None:
    def copy(folder: str) -> Path:
        shutil.copytree(decided / "w", tmp_path / folder / "w")
        (tmp_path / folder / "in").mkdir()
        for number in (4, 5):
            (tmp_path / folder / "in" / f"{number}.jpg").write_bytes(numbered_head(number))
        return tmp_path / folder

    whole = tried(killing, name, copy("whole"), None)
    assert (whole["said"], whole["full"]) == ("", False)
    assert whole["calls"] > 0
    refused = 0
    for number, call in enumerate(sampled(whole["calls"], MOST)):
        told = tried(killing, name, copy(f"{call}"), call, short=number % 2 == 1)
        assert told["full"] or call >= told["calls"], call  # how many batches there are depends on the time
        if told["said"]:
            assert "the disk is full" in told["said"], call
            assert "磁盘已满" in told["zh"], (call, told["zh"])
            refused += 1
        shutil.rmtree(tmp_path / f"{call}")
    assert refused or name == "thumbnail"
