"""The target's process from outside: an input that hangs or kills it is named, with its bytes, and the rest goes on."""

from __future__ import annotations

import os
import threading
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from tests.faults.fuzzed.guided import CURRENT, LOG
from tests.faults.fuzzed.watched import Watched
from tests.faults.mutated.attempt import Attempt


def _stand_in(pipe: Connection, target: str, _seconds: int, seed: int, folder: Path, _address_space: int) -> None:
    """For atheris: the first process dies at its second input, the next hangs at its first, the third ends well."""
    pipe.send(None)
    for number in range(2):
        (folder / CURRENT).write_bytes(b"gif\nthe %d of %d" % (number, seed))
        if (seed, number) == (1, 1):
            (folder / LOG).write_text("#9\tNEW    cov: 12 ft: 3\nand its last words")
            os._exit(77)
        if seed == 2:
            threading.Event().wait()
        pipe.send((Attempt(target, number, 0.1, 0.1, 0, True), None))
    os._exit(0 if seed == 3 else 1)


@pytest.mark.long
def test_one_that_hangs_or_dies_is_named_and_the_others_go_on(tmp_path: Path) -> None:
    watched = Watched("photos", tmp_path, hangs_s=2, run=_stand_in)
    found = []
    for one in watched.inputs(120):
        found.append(one)
        if len(found) == 5:
            break
    faults = [(one.name, one.fault.partition("\n")[0], data) for one, data in found]
    assert faults == [
        ("photos", "", None),
        ("gif", "killed its process: exit code 77", b"the 1 of 1"),
        ("gif", "hung: ended after 2 s", b"the 0 of 2"),
        ("photos", "", None),
        ("photos", "", None),
    ]
    assert "its last words" in found[1][0].fault
    assert watched.covered() == 12


def _never_begins(pipe: Connection, _target: str, _s: int, _seed: int, folder: Path, _address_space: int) -> None:
    pipe.send(None)
    (folder / LOG).write_text("no such option")
    os._exit(1)


@pytest.mark.long
def test_a_process_that_dies_before_its_first_input_is_no_finding(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="no such option"):
        list(Watched("photos", tmp_path, run=_never_begins).inputs(120))
