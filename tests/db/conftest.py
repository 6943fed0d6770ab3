from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from db.store.store import Store
from tests.db.fresh import open_fresh


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_fresh(tmp_path / "work space #1?") as opened:
        yield opened
