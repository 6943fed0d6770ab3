"""The one door for paths that pages read: what is typed or browsed lies below a folder that is allowed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from pages._collect.typed_path import inspect_path
from pages._server import identity
from pages._server.folders import listing
from pages._server.folders.roots import OPTION, allowed_path, allowed_roots, refusal
from pipeline.core.errors import UsageError
from tests.pipeline.commands import ROOT


@pytest.fixture
def photos(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder that is allowed; beside it lies `secret`, which is not."""
    (tmp_path / "photos" / "ada").mkdir(parents=True)
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "key.png").write_bytes(b"1")
    monkeypatch.setenv(OPTION, str(tmp_path / "photos"))
    return tmp_path / "photos"


def address(monkeypatch: pytest.MonkeyPatch, where: str) -> None:
    """The server's, as `--server.address` gives it."""
    monkeypatch.setattr(st, "get_option", lambda name: where if name == "server.address" else None)


def test_what_lies_below_is_allowed(photos: Path) -> None:
    for path in (photos, photos / "ada", photos / "ada" / ".." / "ada", photos / "not there"):
        assert refusal(path) is None
        assert allowed_path(f" '{path}' ") == path


@pytest.mark.parametrize(
    "typed", ["../secret", "../secret/key.png", "../secret/not there", "ada/../../secret", "..", "../photos2", "/", "~"]
)
def test_what_leads_out_is_not(photos: Path, typed: str) -> None:
    path = typed if typed.startswith(("/", "~")) else f"{photos}/{typed}"
    with pytest.raises(UsageError) as refused:
        allowed_path(path)
    assert refused.value.message.code == "folder_outside"
    assert str(photos) in str(refused.value)
    assert inspect_path(path, ()).kind == "refused"


def test_nothing_is_told_of_what_stands_outside(photos: Path) -> None:
    there, gone = photos.parent / "secret" / "key.png", photos.parent / "secret" / "zzz.png"
    told = [str(refusal(path)).replace(path.name, "") for path in (there, gone)]
    assert told[0] == told[1]


def test_a_link_counts_as_what_it_leads_to(photos: Path) -> None:
    (photos / "out").symlink_to(photos.parent / "secret")
    (photos / "file.png").symlink_to(photos.parent / "secret" / "key.png")
    (photos / "within").symlink_to(photos / "ada")
    (photos / "circle").symlink_to(photos / "circle")
    for name in ("out", "out/key.png", "file.png"):
        assert refusal(photos / name) is not None
    assert refusal(photos / "within") is None
    assert refusal(photos / "circle" / ".." / ".." / "secret") is not None


def test_a_root_may_be_a_link_itself(photos: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (photos.parent / "alias").symlink_to(photos)
    monkeypatch.setenv(OPTION, str(photos.parent / "alias"))
    assert refusal(photos.parent / "alias" / "ada") is None
    assert refusal(photos / "ada") is None
    assert refusal(photos.parent / "secret") is not None


def test_several_roots_blanks_and_a_home(photos: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(photos.parent / "secret"))
    monkeypatch.setenv(OPTION, os.pathsep.join((f" {photos} ", "", "~")))
    assert allowed_roots() == (photos, photos.parent / "secret")
    assert refusal(photos.parent) is not None


def test_a_relative_root_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(OPTION, "photos")
    with pytest.raises(UsageError, match="MOUE_FOLDERS: photos is not an absolute path"):
        allowed_roots()
    assert inspect_path("/", ()).kind == "refused"


@pytest.mark.parametrize(
    ("where", "auth", "allowed"),
    [("127.0.0.1", "local", True), ("localhost", "local", True), ("::1", "local", True), ("0.0.0.0", "local", False),
     ("", "local", False), ("10.0.0.5", "local", False), ("127.0.0.1", "header", False), ("127.0.0.1", "oidc", False)],
)  # fmt: skip
def test_unless_told_only_a_home_and_only_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str, auth: str, allowed: bool
) -> None:
    monkeypatch.delenv(OPTION)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("MOUE_AUTH", auth)
    address(monkeypatch, where)
    assert allowed_roots() == ((tmp_path,) if allowed else ())
    why = refusal(tmp_path / "photos")
    assert (why is None) == allowed
    assert why is None or why.code == "folders_none"
    assert refusal(tmp_path.parent) is not None


def test_nothing_is_allowed_where_the_setting_is_empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(OPTION, "")
    address(monkeypatch, "127.0.0.1")
    assert allowed_roots() == ()
    assert refusal(Path.home()) is not None
    assert listing.starts() == []


def test_folders_that_are_listed_can_be_entered(photos: Path) -> None:
    (photos / "Zoe").mkdir()
    (photos / ".hidden").mkdir()
    (photos / "a.png").write_bytes(b"1")
    (photos / "out").symlink_to(photos.parent / "secret")
    (photos / "within").symlink_to(photos / "ada")
    assert listing.folders_in(photos) == ["ada", "within", "Zoe"]
    assert listing.starts() == [photos]
    assert listing.above(photos) is None
    assert listing.above(photos / "ada") == photos


def test_folders_outside_are_not_listed(photos: Path) -> None:
    assert listing.folders_in(photos.parent) == []
    assert listing.folders_in(photos / "ada" / ".." / ".." / "secret") == []
    assert listing.folders_in(photos / "not there") == []


@pytest.mark.parametrize(("way", "field"), [("folder", "path"), ("video", "video-path"), ("dataset", "dataset-path")])
def test_every_field_of_collect_goes_through_the_door(
    empty: Path, photos: Path, monkeypatch: pytest.MonkeyPatch, way: str, field: str
) -> None:
    monkeypatch.setattr(identity, "identify", lambda *_: "Ann")
    page = AppTest.from_file(str(ROOT / "pages" / "collect.py"), default_timeout=60)
    page.session_state["way"] = way
    page.run()
    page.text_input(key=field).set_value(str(photos.parent / "secret" / "key.png")).run()
    assert ["is in no folder that pages may read" in one.value for one in page.error] == [True]
