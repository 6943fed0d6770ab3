"""`release` from the command line: without a workspace where none is needed, JSON or lines, exit codes."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.pipeline import commands as cli


@pytest.fixture
def workspace(heads: Path, tmp_path: Path) -> Path:
    """A workspace of twelve faces with three of each class accepted, and its release `data`, number 1."""
    root = tmp_path / "workspace"
    shutil.copytree(heads, root)
    names = [name for (name,) in cli.rows(root, "SELECT name FROM classes ORDER BY position")]
    faces = [face for (face,) in cli.rows(root, "SELECT id FROM faces ORDER BY seq")]
    rows = [f"{face},accept,{names[n % 4]}" for n, face in enumerate(faces)]
    (tmp_path / "labels.csv").write_text("\n".join(["face_id,verdict,label", *rows]), "utf-8")
    decided = cli.inside("decide", tmp_path / "labels.csv", "--annotator", "Ann", "--workspace", root)
    assert decided.returncode == 0, decided.stderr
    made = cli.inside("export", "--out", tmp_path / "data", "--val", "0.5", "--workspace", root)
    assert made.returncode == 0, made.stderr
    return root


def test_what_was_exported_is_listed(workspace: Path, tmp_path: Path) -> None:
    (one,) = json.loads(cli.inside("release", "list", "--json", "--workspace", workspace).stdout)
    assert (one["line"], one["number"], one["path"]) == ("data", 1, str(tmp_path / "data"))
    assert sum(n for by_class in one["counts"].values() for n in by_class.values()) == 12
    line = cli.inside("release", "list", "--workspace", workspace).stdout
    assert line.startswith("data #1 ")
    assert "12 files" in line


def test_a_release_is_verified_without_a_workspace(workspace: Path, tmp_path: Path) -> None:
    shutil.rmtree(workspace)
    whole = cli.inside("release", "verify", tmp_path / "data")
    assert (whole.returncode, whole.stdout.count("all as they were made")) == (0, 1)
    (tmp_path / "data" / "classes.txt").write_text("other")
    broken = cli.inside("release", "verify", tmp_path / "data", "--json")
    found = json.loads(broken.stdout)
    assert (broken.returncode, found["number"]) == (1, 1)
    assert found["findings"] == ["classes.txt is not what it was when the release was made"]
    nothing = cli.inside("release", "verify", tmp_path)
    assert (nothing.returncode, nothing.stdout) == (1, "")
    assert cli.one_line(nothing.stderr)


def test_two_releases_are_compared_and_one_is_made_again(workspace: Path, tmp_path: Path) -> None:
    face = cli.rows(workspace, "SELECT id FROM faces ORDER BY seq LIMIT 1")[0][0]
    label = cli.rows(workspace, "SELECT name FROM classes ORDER BY position LIMIT 1 OFFSET 1")[0][0]
    (tmp_path / "one.csv").write_text(f"face_id,verdict,label\n{face},accept,{label}\n", "utf-8")
    cli.inside("decide", tmp_path / "one.csv", "--annotator", "Ann", "--workspace", workspace)
    again = ("--val", "0.5", "--workspace", workspace)
    cli.inside("export", "--out", tmp_path / "second" / "data", *again)
    found = json.loads(cli.inside("release", "diff", "data#1", "data", "--json", "--workspace", workspace).stdout)
    assert [one["face_id"] for one in found["relabelled"]] == [face]
    assert found["counts"] == {
        "added": 0,
        "removed": 0,
        "relabelled": 1,
        "moved": found["counts"]["moved"],
        "recropped": 0,
    }
    places = (tmp_path / "data", tmp_path / "second" / "data")
    lines = cli.inside("release", "diff", *places, "--workspace", tmp_path / "none").stdout.splitlines()
    assert lines[0].startswith("added 0, removed 0, relabelled 1")
    assert any(line.startswith("relabelled: ") and " -> " in line for line in lines[1:])
    made = cli.inside("release", "again", "data#1", "--out", tmp_path / "again", "--json", "--workspace", workspace)
    assert json.loads(made.stdout) == {"out": str(tmp_path / "again"), "files": 12}
    assert (tmp_path / "again" / "release.json").read_bytes() == (tmp_path / "data" / "release.json").read_bytes()


@pytest.mark.parametrize("words", [("again", "x", "--out", "o"), ("diff", "data#1", "x"), ("list",)])
def test_what_is_not_there_is_said_in_a_line(tmp_path: Path, words: tuple[str, ...]) -> None:
    done = cli.inside("release", *words, "--workspace", tmp_path / "none")
    assert done.returncode in (1, 2)
    assert cli.one_line(done.stderr)
