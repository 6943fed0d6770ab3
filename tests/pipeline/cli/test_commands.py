from __future__ import annotations

import argparse
import inspect
import subprocess
import sys
from pathlib import Path

import pytest

from db.store.store import Store
from pipeline.cli.arguments import TOGETHER, build_parser
from pipeline.cli.commands import (
    COMMANDS,
    MAKES_WORKSPACE,
    WITHOUT_DATABASE,
    command,
    command_without_database,
)
from pipeline.core.version import VERSION
from tests.pipeline.commands import ROOT, environment

HEAVY = frozenset({"cv2", "dlib", "numpy", "onnxruntime", "pandas", "PIL", "pyarrow", "scipy", "skimage", "sklearn",
                   "streamlit", "tqdm"})  # fmt: skip
CHILD = """
import atexit, runpy, sys
atexit.register(lambda: print(*sys.modules, file=sys.stderr))
runpy.run_module("pipeline", run_name="__main__", alter_sys=True)
"""


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


def options_of(parser: argparse.ArgumentParser) -> dict[str, str]:
    """The help of each command, by name."""
    (subparsers,) = (a for a in parser._actions if isinstance(a, argparse._SubParsersAction))
    return {name: made.format_help() for name, made in subparsers.choices.items()}


@pytest.mark.parametrize("name", sorted({*COMMANDS, *WITHOUT_DATABASE}))
def test_the_parser_of_one_command_is_that_of_all(name: str) -> None:
    one, every = options_of(build_parser(name)), options_of(build_parser())
    assert one[name] == every[name]
    assert set(one) == next(set(names) for names in TOGETHER if name in names)


def test_the_parser_of_no_command_has_them_all() -> None:
    assert set(options_of(build_parser("statos"))) == {*COMMANDS, *WITHOUT_DATABASE}


def started(*words: str, workspace: Path | None = None) -> tuple[str, set[str]]:
    """What `python -m pipeline WORDS` prints, and the modules that it had imported in the end."""
    extra = {} if workspace is None else {"MOUE_WORKSPACE": str(workspace)}
    done = subprocess.run([sys.executable, "-c", CHILD, *words], cwd=ROOT, env=environment() | extra,
                          capture_output=True, text=True, check=True)  # fmt: skip
    return done.stdout, set(done.stderr.split())


def heavy(modules: set[str]) -> set[str]:
    return {name.partition(".")[0] for name in modules} & HEAVY


def test_the_version_needs_nothing() -> None:
    said, modules = started("--version")
    assert said == f"moue {VERSION}\n"
    assert not heavy(modules)
    assert {"argparse", "sqlite3", "db", "pipeline.cli.arguments"}.isdisjoint(modules)


def test_help_needs_no_database_and_no_photos() -> None:
    said, modules = started("--help")
    assert all(f"\n    {name}" in said for name in (*COMMANDS, *WITHOUT_DATABASE))
    assert not heavy(modules)
    assert {"sqlite3", "sqlite_utils", "db.store"}.isdisjoint(modules)


def test_the_words_of_no_command_need_any() -> None:
    script = "import sys; from pipeline.cli.arguments import build_parser; build_parser(); print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env=environment(), capture_output=True, text=True, check=True
    )
    modules = set(done.stdout.split())
    assert not heavy(modules)
    assert "sqlite_utils" not in modules


def test_status_needs_no_numpy_and_no_photos(tmp_path: Path) -> None:
    Store.open(tmp_path).close()
    said, modules = started("status", workspace=tmp_path)
    assert said.startswith("images")
    assert not heavy(modules)
    assert "sqlite_utils" in modules


def test_status_of_many_faces_counts_them_with_numpy(tmp_path: Path) -> None:
    """Where counting one by one would take longer than to import it. Its numbers: tests/db/reads/test_face_counts.py"""
    with Store.open(tmp_path) as store:
        store.write(lambda db: db.execute("INSERT INTO face_columns (name, block, data) VALUES ('state', 32, ?)",
                                          [b"\xff" * 8192]))  # fmt: skip
    _, modules = started("status", workspace=tmp_path)
    assert heavy(modules) == {"numpy"}
