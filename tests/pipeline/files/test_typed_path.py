"""A path as people type it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pipeline.core.errors import UsageError
from pipeline.files.typed_path import shown_path, typed_path, typed_path_or_url


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "home"
    (folder / "my photos").mkdir(parents=True)
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.chdir(tmp_path)
    return folder


def test_a_home_and_a_file_url_are_understood(home: Path) -> None:
    photos = home / "my photos"
    encoded = str(photos).replace(" ", "%20")
    for text in (
        str(photos), "~/my photos", f"file://{encoded}", f"file://localhost{encoded}", f"FILE://LOCALHOST{encoded}",
        f"file:{encoded}", f"file:/{encoded}", f"file://{photos}", f"file:///{encoded}", f"local://{photos}",
    ):  # fmt: skip
        assert typed_path(text) == photos, text
        assert typed_path_or_url(text) == photos, text
        for around in ("{}", " {} ", '"{}"', "'{}'", ' "{}" '):
            assert shown_path(around.format(text)) == photos, text
    assert typed_path("~") == home
    assert typed_path("plain/x") == Path("plain/x")
    assert shown_path("plain/x") == home.parent / "plain/x"


@pytest.mark.parametrize(
    "around", ["“{}”", "‘{}’", "„{}“", "«{}»", "`{}`", "<{}>", "\u202a{}", "\ufeff{}\u202c", "\u00a0{}"]
)
def test_what_is_copied_along_with_a_path(home: Path, around: str) -> None:
    """Marks that cannot be seen made a relative path of it, at which nothing was."""
    assert shown_path(around.format(home / "my photos")) == home / "my photos"


def test_quotation_marks_of_a_name_stay(home: Path) -> None:
    (home / "so called'").mkdir()
    assert shown_path(f"{home}/so called'") == home / "so called'"


@pytest.mark.parametrize("text", ["C:\\Users\\me\\photos", "c:/Users/me/photos"])
def test_a_path_of_windows_is_called_one(home: Path, text: str) -> None:
    for read in (typed_path, typed_path_or_url, shown_path):
        with pytest.raises(UsageError, match=r"a path of Windows.*/mnt/c/Users/me/photos"):
            read(text)


def test_a_file_called_like_a_path_of_windows_is_that_file(home: Path) -> None:
    (home.parent / "c:\\a.jpg").write_bytes(b"x")
    assert typed_path("c:\\a.jpg") == Path("c:\\a.jpg")


def test_percent_signs_of_a_name_stay(home: Path) -> None:
    odd = home / "100%20sure"
    odd.mkdir()
    assert typed_path(f"file://{odd}") == odd
    assert typed_path(f"file://{home}/100%2520sure") == odd
    latin = Path(os.fsdecode(os.fsencode(str(home)) + b"/caf\xe9"))
    assert typed_path(f"file://{home}/caf%E9") == latin
    assert typed_path(f"file://{home}/caf%C3%A9%23%3F") == home / "café#?"


def test_a_file_whose_name_begins_with_a_tilde_is_that_file(home: Path) -> None:
    """A shell's `*` gives names like `~$a.jpg`."""
    for name in ("~", "~$a.jpg", "~nobody-of-that-name", "~root"):
        file = home.parent / name
        file.write_bytes(b"x")
        assert typed_path(name) == Path(name)
        file.unlink()
    assert typed_path("~nobody-of-that-name/x") == Path("~nobody-of-that-name/x")


@pytest.mark.parametrize("text", ["", " ", "\n\t", "file://", "file://localhost", "FILE://", "\u00a0"])
def test_nothing_is_refused(text: str, home: Path) -> None:
    for parse in (typed_path, typed_path_or_url, shown_path):
        with pytest.raises(UsageError, match="the path is empty"):
            parse(text)


def test_other_machines_and_other_urls(home: Path) -> None:
    with pytest.raises(UsageError, match="on the machine nas"):
        typed_path("file://nas/photos")
    assert typed_path(f"file:/{home}"[:5] + "//" + str(home)[1:]) == home  # two slashes typed for three
    assert typed_path_or_url("s3://b/x y") == "s3://b/x y"
    with pytest.raises(UsageError, match="is a URL"):
        typed_path("s3://b/x")
    with pytest.raises(UsageError, match="NUL"):
        typed_path("a\0b")


def test_on_windows_its_paths_may_name_what_is_not_there_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "drive", "C:")
    assert str(typed_path("C:\\photos\\new")) == "C:\\photos\\new"
