"""Runs `import` in this process, and reads what came of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from db.store.store import Store
from pipeline.__main__ import main

CLASSES = ("none", "pout", "smile", "openmouth")


def run(workspace: Path, path: Path, *more: str, annotator: str = "Ann") -> int:
    words = ["--annotator", annotator, "--workspace", str(workspace), "--executor", "serial", "--json", *more]
    return main(["import", str(path), *words])


def told(capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    return dict(json.loads(capsys.readouterr().out))


def rows(workspace: Path, sql: str) -> list[tuple[object, ...]]:
    with Store.open(workspace) as store:
        return list(store.read(lambda db: db.execute(sql).fetchall()))
