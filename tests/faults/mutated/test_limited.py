"""The long form's limits: what hangs or kills its process is named, and the others are tried all the same."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from tests.faults.mutated.attempt import Attempt
from tests.faults.mutated.attempts import try_one
from tests.faults.mutated.limited import ADDRESS_SPACE, attempt_all


def _trial(name: str, number: int, folder: str) -> Attempt:
    """Stands in for a door: number 1 hangs, 2 kills its process, 3 asks for more memory than a process may map."""
    fault = ""
    if number == 1:
        threading.Event().wait()
    if number == 2:
        os._exit(77)
    if number == 3:
        try:
            bytearray(ADDRESS_SPACE)
        except MemoryError:
            fault = "MemoryError"
    return Attempt(name, number, 0.0, 0.0, 0, False, fault)


@pytest.mark.long
def test_one_that_hangs_or_dies_is_named_and_the_others_go_on(tmp_path: Path) -> None:
    found = {
        one.number: one.fault
        for one in attempt_all((("jpeg", number) for number in range(6)), _trial, tmp_path, 1, seconds=2)
    }
    assert found == {
        **dict.fromkeys(range(6), ""),
        1: "hung: ended after 2 s",
        2: "killed its process: exit code 77",
        3: "MemoryError",
    }


def test_a_real_one_leaves_nothing_in_the_folder(tmp_path: Path) -> None:
    assert try_one("jpeg", 0, str(tmp_path)).fault == ""
    assert list(tmp_path.iterdir()) == []
