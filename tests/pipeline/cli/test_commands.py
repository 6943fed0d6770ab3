from __future__ import annotations

import argparse
import inspect
import subprocess
import sys

import pytest

from pipeline.cli.arguments import build_parser
from pipeline.cli.commands import (
    COMMANDS,
    MAKES_WORKSPACE,
    WITHOUT_DATABASE,
    command,
    command_without_database,
)
from tests.pipeline.commands import ROOT, environment


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_is_there(name: str) -> None:
    function = command(name)
    assert list(inspect.signature(function).parameters) == ["args", "store"]
    assert function.__name__ == f"cmd_{name}"
    assert command_without_database(name) is None


@pytest.mark.parametrize("name", sorted(WITHOUT_DATABASE))
def test_every_command_without_a_database_is_there(name: str) -> None:
    function = command_without_database(name)
    assert function is not None
    assert list(inspect.signature(function).parameters) == ["args", "root"]


def test_the_parser_knows_the_same_commands() -> None:
    (subparsers,) = (a for a in build_parser()._actions if isinstance(a, argparse._SubParsersAction))
    assert set(subparsers.choices) == {*COMMANDS, *WITHOUT_DATABASE}
    assert set(COMMANDS) >= MAKES_WORKSPACE


def test_no_command_is_imported_before_it_is_asked_for() -> None:
    script = "import sys, pipeline.__main__; print(sorted(m for m in sys.modules if m.startswith('pipeline.cli.')))"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env=environment(), capture_output=True, text=True, check=True
    )
    shared = (
        "arguments",
        "commands",
        "detection",
        "imports",
        "imports.arguments",
        "output",
        "people",
        "people.arguments",
        "release",
        "release.arguments",
        "release.export_arguments",
        "suggest",
        "suggest.arguments",
        "team",
        "team.arguments",
        "values",
    )
    assert done.stdout.strip() == str([f"pipeline.cli.{name}" for name in shared])


def test_data_frames_are_not_imported_by_the_command_line_and_stay_importable() -> None:
    script = (
        "import sys, pipeline.__main__, sqlite_utils\n"
        "before = [m for m in ('pandas', 'pyarrow') if m in sys.modules]\n"
        "import pandas\n"
        "print(before, pandas.DataFrame({'a': [1]}).shape)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env=environment(), capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[] (1, 1)"
