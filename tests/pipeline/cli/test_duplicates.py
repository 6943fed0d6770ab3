from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from db.duplicates import groups
from db.store.store import Store
from pipeline.cli.duplicates import cmd_duplicates
from pipeline.core.errors import UsageError
from tests.pipeline.actions.test_near_duplicates import add


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "w") as opened:
        yield opened


def asked(views: str | None = None, as_json: bool = True, engine: str = "auto") -> argparse.Namespace:
    return argparse.Namespace(views=views, json=as_json, engine=engine)


def test_the_command_tells_what_there_is(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    add(store, *range(10))
    assert cmd_duplicates(asked(), store) == 0
    figures = json.loads(capsys.readouterr().out)
    assert figures.pop("seconds") >= 0
    assert figures == {
        "images": 10, "exact": 0, "near_pairs": 3, "groups": 3, "open": 3, "conflicts": 0, "compared": 10,
        "hashed": 0, "without_pixels": 0, "views": ["plain", "centre"], "engine": "numpy",
    }  # fmt: skip
    assert cmd_duplicates(asked(as_json=False), store) == 0
    assert "3 near pairs make 3 groups, 3 of them open" in capsys.readouterr().out


def test_views_are_separated_by_commas(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    add(store, 1, 2)
    assert cmd_duplicates(asked("mirror, plain"), store) == 0
    figures = json.loads(capsys.readouterr().out)
    assert (figures["views"], figures["compared"]) == (["plain", "mirror"], 2)
    with pytest.raises(UsageError, match="upside"):
        cmd_duplicates(asked("plain,upside"), store)
    assert store.read(groups.totals)["images"] == 2
