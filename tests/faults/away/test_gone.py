"""The workspace goes away in the middle of a work and comes back: see `gone`.

Before a sample of the calls that write; before all of them with `MOUE_TEST_ALL_STEPS=1`.
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

CODE: Final = "from tests.faults.away.gone import tried; tried(*args)"
MOST: Final = 4
TRIED: Final = sorted(set(WORKS) - {"new", "thumbnail", "restore"})
"""Not what has another workspace, what needs none, and what exchanges it."""


@pytest.fixture(scope="module")
def killing() -> Iterator[Killer]:
    with killer("tests.faults.away.gone", "db.store.backup", "fsspec.implementations.memory") as one:
        yield one


def tried(killing: Killer, name: str, root: Path, call: int | None) -> dict[str, Any]:
    ended = killing.run(name, root, "" if call is None else call, code=CODE)
    assert ended.code == 0, f"call {call}: {ended.words[-4000:]}"
    told = json.loads(ended.words.splitlines()[-1])
    assert isinstance(told, dict)
    return told


@pytest.mark.long_but(1)
@pytest.mark.parametrize("name", TRIED)
def test_the_workspace_goes_away(killing: Killer, decided: Path, tmp_path: Path, name: str) -> None:
    def copy(folder: str) -> Path:
        shutil.copytree(decided / "w", tmp_path / folder / "w")
        (tmp_path / folder / "in").mkdir()
        for number in (4, 5):
            (tmp_path / folder / "in" / f"{number}.jpg").write_bytes(numbered_head(number))
        return tmp_path / folder

    whole = tried(killing, name, copy("whole"), None)
    assert (whole["said"], whole["went"]) == ("", False)
    refused = 0
    for call in sampled(whole["calls"], MOST):
        told = tried(killing, name, copy(f"{call}"), call)
        assert told["made"] == [], (call, told)
        if told["went"] and told["said"]:
            assert told["zh"] != told["said"], (call, told)
            refused += 1
        shutil.rmtree(tmp_path / f"{call}")
    assert refused
