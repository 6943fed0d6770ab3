from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from db.store.store import Store


@pytest.fixture
def store(heads: Path, tmp_path: Path) -> Iterator[Store]:
    """The open store of a copy of `heads`: twelve photos with one face each, nothing decided."""
    shutil.copytree(heads, tmp_path / "workspace")
    with Store.open(tmp_path / "workspace") as opened:
        yield opened
