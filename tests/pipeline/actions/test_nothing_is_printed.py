"""Actions tell their progress by a callback and their end by what they return: pages and command line show it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.pipeline.commands import ROOT
from tests.source.parsed import parsed

FILES = sorted((ROOT / "pipeline" / "actions").glob("*.py"))
OUTPUT = {"print", "tqdm", "input"}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_an_action_prints_nothing(file: Path) -> None:
    names = {node.id for node in ast.walk(parsed(file.read_text("utf-8"))) if isinstance(node, ast.Name)}
    assert not names & OUTPUT


def test_there_are_actions() -> None:
    assert len(FILES) > 10
