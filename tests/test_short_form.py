"""`python -m pytest` leaves the long tests out, whatever names them gets them, and CI runs both forms."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
HOOKS = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
from tests import short_form
def pytest_configure(config):
    short_form.configure(config)
def pytest_collection_modifyitems(config, items):
    short_form.leave_out(config, items)
"""
CODE = """
import pytest
def test_short(): pass
@pytest.mark.long
def test_long(): pass
@pytest.mark.long_but(2)
@pytest.mark.parametrize("n", range(5))
def test_many(n): pass
@pytest.mark.long_but(9)
@pytest.mark.parametrize("n", range(2))
def test_few(n): pass
"""
SHORT = {"test_short", "test_many[0]", "test_many[2]", "test_few[0]", "test_few[1]"}
LONG = {"test_long", "test_many[1]", "test_many[3]", "test_many[4]"}


@pytest.mark.long_but(3)
@pytest.mark.parametrize(
    ("words", "run"),
    [
        ([], SHORT), (["-n", "1"], SHORT), (["-m", "long"], LONG), (["checks"], SHORT | LONG),
        (["checks/test_some.py"], SHORT | LONG), (["-k", "test_long"], {"test_long"}),
    ],
)  # fmt: skip
def test_what_is_run(tmp_path: Path, words: list[str], run: set[str]) -> None:
    (tmp_path / "checks").mkdir()
    (tmp_path / "pytest.ini").write_text("[pytest]\ntestpaths = checks\n")
    (tmp_path / "checks" / "conftest.py").write_text(HOOKS)
    (tmp_path / "checks" / "test_some.py").write_text(CODE)
    command = [sys.executable, "-m", "pytest", "--import-mode=importlib", "-rA", "-p", "no:cacheprovider", *words]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "MOUE"))}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert {line.rpartition("::")[2] for line in done.stdout.splitlines() if line.startswith("PASSED")} == run


def test_ci_runs_both_forms() -> None:
    lines = (ROOT / ".ci" / "run").read_text("utf-8").splitlines()
    assert [line.split(" ||")[0] for line in lines if line.startswith("python -m pytest ||")] == ["python -m pytest"]
    assert [line for line in lines if line.startswith("python -m pytest -n 4 -m long ||")] != []
