from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture
def crop_path(tmp_path: Path) -> Callable[[str], Path]:
    """A store whose crop of each face is text that names it."""

    def path(face_id: str) -> Path:
        file = tmp_path / "crops" / f"{face_id}.png"
        file.parent.mkdir(exist_ok=True)
        file.write_text(f"pixels of {face_id}")
        return file

    return path
