from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from pages._server.command import command_line, environment


def test_the_command_line_is_found_from_any_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", "/somewhere/else")
    assert environment()["PYTHONPATH"].endswith(":/somewhere/else")
    done = subprocess.run(
        command_line("verify", "--workspace", "nowhere"), cwd=tmp_path, env=environment(), capture_output=True,
        text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "not a workspace" in done.stderr
