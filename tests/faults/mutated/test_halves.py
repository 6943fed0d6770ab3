"""Half a character behind any word of a list, a page, a data set or a body ends in words, or in what can be stored."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.faults.mutated.attempts import attempt_of
from tests.faults.mutated.samples import samples

HALVES = (rb"\ud83d", rb"\udc41")
DOORS = ("lists", "data-set", "request")
NAMES = [name for name, sample in samples().items() if sample.door in DOORS and b'"' in sample.data]


@pytest.mark.parametrize("name", NAMES)
def test_half_a_character_is_never_given_on(name: str, tmp_path: Path) -> None:
    data = samples()[name].data
    ends = [found.end() for found in re.finditer(rb"[A-Za-z/.]{2,}", data)]
    for number, end in enumerate(ends):
        hurt = data[:end] + HALVES[number % 2] + data[end:]
        assert attempt_of(name, number, hurt, tmp_path).fault == "", hurt
