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


@pytest.mark.parametrize(
    ("words", "run"),
    [
        ([], {"test_short"}), (["-n", "1"], {"test_short"}), (["-m", "long"], {"test_long"}),
        (["checks"], {"test_short", "test_long"}), (["checks/test_some.py"], {"test_short", "test_long"}),
        (["-k", "test_long"], {"test_long"}),
    ],
)  # fmt: skip
def test_what_is_run(tmp_path: Path, words: list[str], run: set[str]) -> None:
    (tmp_path / "checks").mkdir()
    (tmp_path / "pytest.ini").write_text("[pytest]\ntestpaths = checks\n")
    (tmp_path / "checks" / "conftest.py").write_text(HOOKS)
    code = "import pytest\ndef test_short(): pass\n@pytest.mark.long\ndef test_long(): pass\n"
    (tmp_path / "checks" / "test_some.py").write_text(code)
    command = [sys.executable, "-m", "pytest", "--import-mode=importlib", "-rA", "-p", "no:cacheprovider", *words]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "MOUE"))}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert {line.rpartition("::")[2] for line in done.stdout.splitlines() if line.startswith("PASSED")} == run


def test_ci_runs_both_forms() -> None:
    lines = (ROOT / ".ci" / "run").read_text("utf-8").splitlines()
    assert [line.split(" ||")[0] for line in lines if line.startswith("python -m pytest ||")] == ["python -m pytest"]
    assert [line for line in lines if line.startswith("python -m pytest -m long ||")] != []
