from __future__ import annotations

import tomllib
from pathlib import Path

from pipeline.core.version import VERSION

ROOT = Path(__file__).resolve().parents[3]


def test_the_version_is_the_one_of_the_package() -> None:
    with (ROOT / "pyproject.toml").open("rb") as stream:
        assert tomllib.load(stream)["project"]["version"] == VERSION
