"""The shell of a server with several workspaces, run as a script: the list, and each page in the workspace it is of."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from db.store.locks import server_lock
from db.tables import audit
from db.tables.annotators import ensure_annotator
from db.tables.roles import has_owner, role_of, set_role, settle_owner
from pages._server import gate, identity, space_list, workspace
from pipeline.core.errors import NotAllowedError
from pipeline.core.roles import Role
from tests.db import make
from tests.db.fresh import fresh
from tests.pages._ui import drawn

SHELL = Path(__file__).resolve().parents[2] / "pages" / "_shell.py"


class Socket:
    """Which workspace's web socket a page is at; None for the list's."""

    name: str | None = None


@pytest.fixture
def socket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Socket]:
    """Of a server with a (two faces) and b (none), in which everybody is Ada."""
    made = Socket()
    for name in ("a", "b"):
        fresh(tmp_path / name)
    monkeypatch.setenv("MOUE_WORKSPACES", str(tmp_path))
    monkeypatch.delenv("MOUE_AUTH", raising=False)
    monkeypatch.setattr(workspace, "_named", lambda headers: made.name)
    monkeypatch.setattr(identity, "identify", lambda cookies, headers: "Ada")
    monkeypatch.setitem(sys.modules, "rich", None)  # where it is installed Streamlit prints an error and logs none
    with workspace.entered("a"):
        make.add_images(workspace.get_store(), ["x", "y"])
    yield made
    workspace.close_all()


def shell() -> AppTest:
    return AppTest.from_file(str(SHELL), default_timeout=30)


def listed(page: AppTest) -> str:
    return "".join(one.value for one in page.get("html") if "moue-workspaces'" in one.value)


def test_without_a_workspace_the_page_is_the_list_and_opens_none_anew(socket: Socket, tmp_path: Path) -> None:
    workspace.close_all()
    for name in ("a", "b"):
        (tmp_path / name / ".secret").write_text("k" * 64)
    (tmp_path / "empty").mkdir()
    page = shell()
    page.query_params["unknown"] = "<b>*none*</b>"
    page.run()
    assert not page.exception
    html = listed(page)
    assert "<a href='/w/a/'>a</a> <span>Ada · 2 faces to decide on</span>" in html
    assert "<a href='/w/b/'>b</a> <span>Ada · nothing to decide on</span>" in html
    assert "<a href='/w/empty/'>empty</a> <span>not signed in</span>" in html
    assert page.warning[0].value == r"There is no workspace \<b\>\*none\*\</b\> here\."
    assert workspace._stores == {}
    assert list((tmp_path / "empty").iterdir()) == []


def test_a_page_shows_its_own_workspace_and_its_address(socket: Socket) -> None:
    for name, faces in (("a", "2"), ("b", None)):
        socket.name = name
        page = shell().run()
        assert not page.exception
        assert dict(drawn.figures(page)).get("Faces") == faces
        assert page.session_state[workspace._KEPT] == name


def test_a_page_whose_browser_has_left_stays_in_its_workspace(socket: Socket) -> None:
    socket.name = "a"
    page = shell().run()
    socket.name = None
    page.run()
    assert not page.exception
    assert dict(drawn.figures(page))["Faces"] == "2"


def test_a_page_does_not_move_into_another_workspace(socket: Socket, caplog: pytest.LogCaptureFixture) -> None:
    socket.name = "a"
    page = shell().run()
    socket.name = "b"
    page.run()
    assert len(page.exception) == 1  # where `report_error` stands in the app
    assert "this page is of the workspace a" in caplog.text
    assert not drawn.figures(page)


def test_a_workspace_of_another_server_says_so(
    socket: Socket, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    workspace.close_all()
    socket.name = "b"
    with server_lock(tmp_path / "b"):
        page = shell().run()
    assert len(page.exception) == 1
    assert "another Moue server has the workspace b open" in caplog.text


@pytest.mark.parametrize("mode", ["header", "oidc"])
def test_a_stranger_is_told_no_names(socket: Socket, monkeypatch: pytest.MonkeyPatch, mode: str) -> None:
    monkeypatch.setenv("MOUE_AUTH", mode)
    monkeypatch.setattr(st, "user", {})
    page = shell().run()
    assert not page.exception
    assert listed(page) == ""
    if mode == "header":
        monkeypatch.setattr(gate, "admitted_name", lambda headers: "Ada")
        assert "/w/a/" in listed(shell().run())


def own(name: str, role: Role) -> None:
    with workspace.entered(name):
        store = workspace.get_store()
        for each in ("Zoe", "Ada"):
            store.write(partial(ensure_annotator, name=each))
        store.write(settle_owner)
        store.write(lambda db: set_role(db, "Zoe", "owner", "x"))
        store.write(lambda db: set_role(db, "Ada", role, "Zoe"))
        workspace.secret_key()


def test_an_owner_makes_a_workspace_and_owns_it(socket: Socket, tmp_path: Path) -> None:
    own("a", "reviewer")
    own("b", "owner")
    page = shell().run()
    page.text_input(key="workspace-name").set_value("../up")
    page.button(key="workspace-make").click().run()
    assert "may not name a workspace" in page.error[0].value
    page.text_input(key="workspace-name").set_value(" mouths ")
    page.button(key="workspace-make").click().run()
    assert not page.exception
    assert not page.error
    assert "<a href='/w/mouths/'>mouths</a>" in listed(page)
    with workspace.entered("mouths"):
        assert workspace.get_store().read(lambda db: (has_owner(db), role_of(db, "Ada"), role_of(db, "Eve"))) == (
            True, "owner", "annotator",
        )  # fmt: skip
        assert [(row.annotator, row.action) for row in workspace.get_store().read(lambda db: list(audit.rows(db)))] == [
            ("Ada", "workspace_made")
        ]
    assert sorted(one.name for one in tmp_path.iterdir() if one.is_dir()) == ["a", "b", "mouths"]


def test_who_owns_none_makes_none(socket: Socket, tmp_path: Path) -> None:
    for name in ("a", "b"):
        own(name, "reviewer")
    assert "workspace-name" not in {one.key for one in shell().run().text_input}
    with pytest.raises(NotAllowedError):
        space_list.make("mine", {}, {})
    assert not (tmp_path / "mine").exists()


def test_the_first_workspace_may_be_made_by_anybody_who_is_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOUE_WORKSPACES", str(tmp_path))
    space_list.make("first", {}, {})
    assert [one.name for one in tmp_path.iterdir()] == ["first"]
    with pytest.raises(NotAllowedError):  # nobody owns it yet: its first person will
        space_list.make("second", {}, {})


def test_whom_a_proxy_knows_owns_the_first_workspace_that_they_make(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOUE_WORKSPACES", str(tmp_path))
    monkeypatch.setenv("MOUE_AUTH", "header")
    monkeypatch.setattr(gate, "admitted_name", lambda headers: "Ada")
    space_list.make("first", {}, {})
    with workspace.entered("first"):
        store = workspace.get_store()
        assert store.read(lambda db: (has_owner(db), role_of(db, "Ada"))) == (True, "owner")
        assert [(row.annotator, row.action) for row in store.read(lambda db: list(audit.rows(db)))] == [
            ("Ada", "workspace_made")
        ]
