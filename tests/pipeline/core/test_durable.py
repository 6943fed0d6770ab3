"""Folders that are made, and the workspace that is not made anew: no module makes a folder with its parents itself."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.core import durable
from pipeline.core.errors import StorageError
from tests.source.parsed import parsed

ROOT = Path(__file__).resolve().parents[3]
ELSEWHERE = {
    "pipeline/files/upload.py": "of another place",
    "pipeline/cli/suggest/classify.py": "in a temporary folder",
}


def makers() -> Iterator[str]:
    """Modules that make a folder with its parents."""
    for room in ("db", "pipeline", "pages"):
        for path in sorted((ROOT / room).rglob("*.py")):
            for node in ast.walk(parsed(path.read_text("utf-8"))):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                    asked = {one.arg for one in node.keywords}
                    if node.func.attr == "makedirs" or (node.func.attr == "mkdir" and "parents" in asked):
                        yield path.relative_to(ROOT).as_posix()


def test_only_these_make_parents() -> None:
    assert set(makers()) == set(ELSEWHERE)


def test_a_folder_is_made_with_its_parents_and_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    flushed: list[Path] = []
    monkeypatch.setattr(durable, "flush", flushed.append)
    durable.make_folder(tmp_path / "a" / "b" / "c", inside=tmp_path)
    assert (tmp_path / "a" / "b" / "c").is_dir()
    assert set(flushed) == {tmp_path, tmp_path / "a", tmp_path / "a" / "b"}
    flushed.clear()
    durable.make_folder(tmp_path / "a" / "b", inside=None)
    assert flushed == []


@pytest.mark.parametrize("below", ["", "x", "x/y"])
def test_a_workspace_that_is_away_is_not_made_anew(tmp_path: Path, below: str) -> None:
    with pytest.raises(StorageError) as caught:
        durable.make_folder(tmp_path / "w" / below, inside=tmp_path / "w")
    assert caught.value.message.code == "workspace_gone"
    assert list(tmp_path.iterdir()) == []


def test_nor_where_it_goes_just_now(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tmp_path / "w"
    root.mkdir()
    looked = durable.missing_folders

    def then_it_goes(folder: Path) -> list[Path]:
        found = looked(folder)
        root.rename(tmp_path / "elsewhere")
        return found

    monkeypatch.setattr(durable, "missing_folders", then_it_goes)
    with pytest.raises(OSError, match="No such file"):
        durable.make_folder(root / "x" / "y", inside=root)
    assert [path.name for path in tmp_path.iterdir()] == ["elsewhere"]


@pytest.mark.parametrize("below", ["", "x", "x/y", "x/y/z"])
def test_folders_are_made_below_a_root_that_is_there(tmp_path: Path, below: str) -> None:
    (tmp_path / "r").mkdir()
    for _ in range(2):
        durable.make_below(tmp_path / "r", tmp_path / "r" / below)
        assert (tmp_path / "r" / below).is_dir()


@pytest.mark.parametrize("below", ["x", "x/y", "x/y/z"])
def test_the_root_itself_is_never_made(tmp_path: Path, below: str) -> None:
    with pytest.raises(FileNotFoundError):
        durable.make_below(tmp_path / "r", tmp_path / "r" / below)
    assert list(tmp_path.iterdir()) == []


def test_what_is_not_below_the_root_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not below"):
        durable.make_below(tmp_path / "r", tmp_path / "s")
