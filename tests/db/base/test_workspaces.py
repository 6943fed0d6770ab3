"""A folder of workspaces: what may be one, and that no name leads out of the folder."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.base import workspaces
from pipeline.core.errors import StorageError, UsageError


@pytest.mark.parametrize("name", ["a", "mouths-2026", "v1.2", "嘴", "Été", "_x", "9", "a" * 64])
def test_letters_and_digits_of_any_script_name_a_workspace(name: str) -> None:
    assert workspaces.is_name(name)


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", ".git", "-a", "a b", "a/b", "a\\b", "a.", "a" * 65, "a\n", "a%2fb", "a;b", "a\0", "e\u0301te", "~"],
)
def test_what_is_no_single_part_of_a_path_names_none(name: str) -> None:
    assert not workspaces.is_name(name)


@given(st.text(max_size=70))
def test_every_name_is_one_part_of_a_path_and_has_one_spelling(name: str) -> None:
    if workspaces.is_name(name):
        assert Path("/x", name).parts == ("/", "x", name)
        assert name not in (".", "..")
        assert unicodedata.normalize("NFC", name) == name
        assert not any(c.isspace() or unicodedata.category(c)[0] == "C" for c in name)


def made(within: Path) -> Path:
    """A workspace, an empty folder, and what is neither."""
    (within / "old").mkdir(parents=True)
    (within / "old" / "moue.db").touch()
    (within / "gone").mkdir()
    (within / "gone" / "moue.db-wal").touch()
    (within / "new" / ".locks").mkdir(parents=True)
    (within / "photos").mkdir()
    (within / "photos" / "a.jpg").touch()
    (within / "two words").mkdir()
    (within / "two words" / "moue.db").touch()
    (within / "link").symlink_to(within / "old")
    (within / "outside").symlink_to(within.parent)
    (within / "file").touch()
    return within


def test_a_database_or_nothing_makes_a_folder_a_workspace(tmp_path: Path) -> None:
    folder = made(tmp_path / "all")
    assert workspaces.names(folder) == ["gone", "new", "old"]  # one whose database is gone tells so when it is opened
    assert {name: why.code for name, why in workspaces.passed_over(folder).items()} == {
        "link": "workspace_is_link",
        "two words": "workspace_name",
    }


@pytest.mark.parametrize("name", ["..", "../all/old", "old/", "/", "", "link", "outside", "photos", "file", "none"])
def test_nothing_but_a_workspace_of_the_folder_is_found(tmp_path: Path, name: str) -> None:
    folder = made(tmp_path / "all")
    (tmp_path / "moue.db").touch()
    assert workspaces.find(folder, name) is None
    assert workspaces.find(folder, "old") == folder / "old"


def test_the_variable_names_the_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", "/home/ada")
    for given_, wanted in (("~/all", Path("/home/ada/all")), ("all", tmp_path / "all"), ("", None)):
        monkeypatch.setenv(workspaces.VARIABLE, given_)
        assert workspaces.folder() == wanted
    monkeypatch.delenv(workspaces.VARIABLE)
    assert workspaces.folder() is None
    for wrong in ("  ", "~nobody-of-this-name/all"):
        monkeypatch.setenv(workspaces.VARIABLE, wrong)
        with pytest.raises(UsageError):
            workspaces.folder()


def test_a_folder_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="none"):
        workspaces.names(tmp_path / "none")


def test_a_new_one_is_an_empty_folder_that_is_found(tmp_path: Path) -> None:
    made = workspaces.make(tmp_path, "嘴-2026")
    assert made == tmp_path / "嘴-2026"
    assert list(made.iterdir()) == []
    assert workspaces.names(tmp_path) == ["嘴-2026"]


@pytest.mark.parametrize("name", ["", "..", "a/b", "../x", ".x", "a b", "CON", "aux.1", "x" * 65, "e\u0301", "x."])
def test_what_may_be_no_name_makes_no_folder(tmp_path: Path, name: str) -> None:
    within = tmp_path / "in"
    within.mkdir()
    with pytest.raises(UsageError, match="may not name a workspace"):
        workspaces.make(within, name)
    assert list(tmp_path.rglob("*")) == [within]


@pytest.mark.parametrize("name", ["Mouths", "MOUTHS", "ｍｏｕｔｈｓ", "mоuths", "file"])
def test_a_name_that_is_there_in_any_spelling_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "mouths").mkdir()
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(UsageError, match=r"there is (mouths|file) already"):
        workspaces.make(tmp_path, name)


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"gone|No such"):
        workspaces.make(tmp_path / "gone", "a")
