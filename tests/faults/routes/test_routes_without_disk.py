"""Requests with valid bodies while the disk is full, may not be written or has gone: see `tried`.

At a sample of the calls that need the disk; at all of them with `MOUE_TEST_ALL_STEPS=1`.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from starlette.routing import Route

from pages._routes import _guard, routes
from tests.faults.kills.killed import Killer, killer, sampled
from tests.faults.routes.asked import REQUESTS, Known

CODE: Final = "from tests.faults.routes.tried import tried; tried(*args)"
MOST: Final = 3


@pytest.fixture(scope="module")
def killing() -> Iterator[Killer]:
    with killer("tests.faults.routes.tried") as one:
        yield one


def tried(killing: Killer, name: str, root: Path, how: str, call: int | None) -> dict[str, Any]:
    ended = killing.run(name, root, how, "" if call is None else call, code=CODE)
    assert ended.code == 0, f"{how} at call {call}: {ended.words[-4000:]}"
    told = json.loads(ended.words.splitlines()[-1])
    assert isinstance(told, dict)
    return told


WITHOUT: Final = {"/api/sign-out", "/api/similar", "/api/v1/exports/{id}/cancel"}
"""They write nothing themselves: a cookie is taken back, a process of its own is asked, a run is told to stop."""


def test_each_route_that_changes_something_is_asked() -> None:
    known = Known(("f", "f"), ("s", "s"), 1, "smile", "b", "t")
    asked = {made(known).path for made in REQUESTS.values()}
    there = {one.path for one in routes if isinstance(one, Route) and _guard.CHANGING & (one.methods or set())}
    there.discard("/api/{path:path}")  # what is no route
    assert asked | WITHOUT == there


@pytest.mark.long_but(4)
@pytest.mark.parametrize("how", ["full", "read-only", "gone"])
@pytest.mark.parametrize("name", REQUESTS)
def test_a_request_is_refused_in_words_and_taken_afterwards(
    killing: Killer, decided: Path, tmp_path: Path, name: str, how: str
) -> None:
    def copy(folder: str) -> Path:
        shutil.copytree(decided / "w", tmp_path / folder / "w")
        return tmp_path / folder

    whole = tried(killing, name, copy("whole"), how, None)
    assert whole["answer"][0] < 300, whole
    for call in sampled(whole["calls"] + 1, MOST):  # the last one does not come: closing the workspace must not, either
        told = tried(killing, name, copy(f"{call}"), how, call)
        status, answer = told["answer"]
        assert status in (200, 202, 503, 507), told
        assert status < 300 or (answer["code"] and answer["error"]), told
        if told["failed"]:
            assert told["made"] == [], told
            assert told["again"][0] < 300, told
            assert not told.get("left"), told
        assert told["verified"] == "", told
        shutil.rmtree(tmp_path / f"{call}")
