"""Whatever is damaged in a file of any format that Moue reads ends in a result or in words, and leaves nothing behind.

The long form, in worker processes: `python -m tests.faults.mutated --minutes 10`.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.faults.mutated.attempt import Attempt
from tests.faults.mutated.attempts import attempt
from tests.faults.mutated.samples import samples

EACH = 25
"""Damaged files of a format; the suite's share of what the long form tries."""


@pytest.fixture(scope="module")
def tried(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Attempt]]:
    folder = tmp_path_factory.mktemp("mutated")
    return {name: [attempt(name, number, folder) for number in range(EACH + 1)] for name in samples()}


@pytest.mark.long
def test_each_sample_is_valid(tried: dict[str, list[Attempt]]) -> None:
    """Else what follows would be about files that no door lets in."""
    assert not {name: found[0] for name, found in tried.items() if found[0].refused or found[0].fault}


def test_each_ends_in_a_result_or_a_named_refusal(tried: dict[str, list[Attempt]]) -> None:
    faults = [one for found in tried.values() for one in found if one.fault]
    assert not faults, "\n".join(f"{one.name} {one.number}: {one.fault}" for one in faults[:5])


def test_most_damage_is_noticed_and_some_is_let_through(tried: dict[str, list[Attempt]]) -> None:
    """Mutations that always or never end a file's reading would try nothing behind the header, or nothing at all."""
    shares = {name: sum(one.refused for one in found) / len(found) for name, found in tried.items()}
    assert min(shares.values()) < 0.3
    assert max(shares.values()) > 0.7
    assert not {name for name, share in shares.items() if share == 1}
    print(f"{sum(map(len, tried.values())):,} damaged files of {len(tried)} formats")


def test_no_descriptor_stays_open(tmp_path: Path) -> None:
    names = sorted(samples())
    for name in names:
        attempt(name, 1, tmp_path)
    before = len(os.listdir("/proc/self/fd"))
    for name in names:
        attempt(name, 2, tmp_path)
    assert len(os.listdir("/proc/self/fd")) <= before
