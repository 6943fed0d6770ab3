"""What gets a second look is told apart before anything runs, and a fault that stays is refused."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.second_look import FAILED, FEW, ROOT, main, refused

STAYS = "def test_stays():\n    assert False\n"
ONCE = """from pathlib import Path

def test_once(cache):
    looks = cache.get("looks", 0)
    cache.set("looks", looks + 1)
    assert looks
"""


def looked_at(project: Path) -> tuple[int, str]:
    """How CI's line ends in a project of these tests, and what it printed."""
    (project / "pytest.ini").write_text("[pytest]\naddopts = --import-mode=importlib\n", "utf-8")
    line = (
        f"{sys.executable} -m pytest -q -p no:randomly || {sys.executable} -c 'import sys; from pathlib import Path; "
    )
    line += "from tests.second_look import main; sys.exit(main(int(sys.argv[1]), Path.cwd()))' $?"
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(["bash", "-c", line], cwd=project, env=env, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


def put(project: Path, name: str, text: str) -> None:
    file = project / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8")


@pytest.mark.long
def test_a_browser_test_that_fails_once_passes_and_is_named(tmp_path: Path) -> None:
    put(tmp_path, "tests/e2e/test_page.py", ONCE)
    ended, said = looked_at(tmp_path)
    assert ended == 0
    assert "FLAKY, passed alone only:\n  tests/e2e/test_page.py::test_once" in said


def test_a_fault_that_stays_is_refused(tmp_path: Path) -> None:
    put(tmp_path, "tests/e2e/test_page.py", STAYS)
    ended, said = looked_at(tmp_path)
    assert (ended, "FLAKY" in said) == (1, False)


@pytest.mark.parametrize(
    "failed",
    [
        ["tests/db/test_log.py::test_once"],
        ["tests/db/test_log.py::test_once", "tests/e2e/test_page.py::test_once"],
        ["tests/e2e/test_page.py"],
        [f"tests/e2e/test_page.py::test_{n}" for n in range(FEW + 1)],
        [],
    ],
    ids=["no browser", "one of no browser", "not collected", "many", "none: pytest itself failed"],
)
def test_all_else_is_refused_at_once(tmp_path: Path, failed: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    put(tmp_path, str(FAILED), json.dumps(dict.fromkeys(failed, True)))
    assert main(1, tmp_path) == 1
    assert "no second look" in capsys.readouterr().out


@pytest.mark.parametrize("ended", [2, 3, 4, 5])
def test_a_run_that_was_not_whole_stays_what_it_was(tmp_path: Path, ended: int) -> None:
    assert main(ended, tmp_path) == ended


def test_what_passes_is_not_looked_at_again(tmp_path: Path) -> None:
    put(tmp_path, "tests/e2e/test_page.py", "def test_good():\n    pass\n")
    ended, said = looked_at(tmp_path)
    assert (ended, "second look" in said) == (0, False)


def test_browser_tests_are_those_of_their_room() -> None:
    assert refused(["tests/e2e/a/test_b.py::test_c[x]", "tests/e2e/test_d.py", "tests/db/test_e.py::test_f"]) == [
        "tests/e2e/test_d.py",
        "tests/db/test_e.py::test_f",
    ]
