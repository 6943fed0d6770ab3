"""What all commands have in common: wrong calls, help, and where the workspace is."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.pipeline.commands import (
    call,
    inside,
    one_line,
    rows,
)
from tests.pipeline.photos import numbered_head


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["fly"],
        ["ingest"],
        ["ingest", "here", "--detector", "mtcnn"],
        ["ingest", "here", "--class", "frown"],
        ["ingest", "here", "--executor", "threads"],
        ["export"],
        ["export", "--out", "x", "--val", "lots"],
        ["status", "--workspace", "nowhere"],
        ["verify", "--workspace", "nowhere"],
        ["decide", "x.csv"],
    ],
)
def test_usage_is_two_and_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str]) -> None:
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "a.jpg").write_bytes(numbered_head(1))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MOUE_WORKSPACE", str(tmp_path / "w"))
    done = inside(*words)
    assert (done.returncode, done.stdout) == (2, "")
    assert one_line(done.stderr)
    if (tmp_path / "w" / "moue.db").exists():
        assert rows(tmp_path / "w", "SELECT count(*) FROM sightings") == [(0,)]


def test_version_and_help() -> None:
    done = call("--version")
    assert done.returncode == 0
    assert done.stdout.startswith("moue ")
    assert "ingest" in call("--help").stdout


def test_where_the_workspace_is(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("hello")
    words = ("ingest", "notes.txt", "--executor", "serial")
    assert call(*words, cwd=tmp_path).returncode == 0
    assert call(*words, cwd=tmp_path, MOUE_WORKSPACE="by env").returncode == 0
    assert call(*words, "--workspace", "by flag", cwd=tmp_path, MOUE_WORKSPACE="by env").returncode == 0
    for name in ("workspace", "by env", "by flag"):
        assert (tmp_path / name / "moue.db").is_file()
        assert (tmp_path / name / "moue.log").is_file()


def test_a_tilde_is_the_home_folder(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("hello")
    words = ("ingest", "notes.txt", "--executor", "serial")
    assert call(*words, cwd=tmp_path, HOME=str(tmp_path / "home"), MOUE_WORKSPACE="~/ws").returncode == 0
    assert (tmp_path / "home" / "ws" / "moue.db").is_file()
    done = call(*words, cwd=tmp_path, MOUE_WORKSPACE="~nobody-of-this-name/ws")
    assert done.returncode == 2
    assert one_line(done.stderr)
