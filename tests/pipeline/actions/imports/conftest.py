"""A small data set of photos in class folders."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.pipeline.actions.imports.importing import CLASSES
from tests.pipeline.photos import numbered_head


@pytest.fixture(scope="module")
def heads_of() -> Callable[[int], bytes]:
    made: dict[int, bytes] = {}

    def head(number: int) -> bytes:
        return made.setdefault(number, numbered_head(number))

    return head


@pytest.fixture
def data_set(tmp_path: Path, heads_of: Callable[[int], bytes]) -> Path:
    """Eight photos: one of each class in train and val."""
    root = tmp_path / "given"
    for number in range(8):
        folder = root / ("train" if number < 4 else "val") / CLASSES[number % 4]
        folder.mkdir(parents=True)
        (folder / f"{number}.jpg").write_bytes(heads_of(number))
    return root
