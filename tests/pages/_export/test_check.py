"""Export, Check a release: read beside the server, and what is not as it was made is told in the reader's language."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from db.tables.releases import ReleaseRow, list_releases
from pages import _words
from pages._server import identity, permission, workspace
from pages._server.exports import checks
from pages._words import recorded
from pipeline.actions.release.accepted import read_accepted, read_placements
from pipeline.actions.releases import write_folder
from pipeline.core.errors import BusyError, StorageError
from pipeline.core.messages import Message
from pipeline.export.export import plan
from tests.pages._export.test_export_page import decide, faces

__all__ = ["faces"]
PAGE = str(Path(__file__).resolve().parents[3] / "pages" / "export.py")
WAIT_S = 60


@pytest.fixture
def made(faces: list[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A release of 20 crops."""
    assert faces
    monkeypatch.setattr(identity, "identify", lambda cookies, headers: "Ada")
    yield write()
    checks.end_all()


def write() -> Path:
    store = workspace.get_store()
    accepted = read_accepted(store)
    chosen = plan(accepted.items, accepted.class_names, placements=read_placements(store, "data"))
    return write_folder(store, chosen, workspace.root() / "out", "data", "Ada", overwrite=True).path


def newest() -> ReleaseRow:
    return workspace.get_store().read(list_releases)[0]


def page() -> AppTest:
    shown = AppTest.from_file(PAGE, default_timeout=30)
    shown.query_params["section"] = "check"
    return shown.run()


def said(shown: AppTest, kind: str) -> str:
    """What the page tells in boxes of this kind, as a person reads it."""
    return "\n".join(one.value for one in shown.get(kind)).replace("\\", "")


def checked() -> AppTest:
    """The page once the check that its button begins has ended."""
    shown = page()
    shown.button(key="check-release").click().run()
    check = checks.newest(workspace.root())
    assert check is not None
    check.found.exception(WAIT_S)
    shown.run()
    assert not shown.exception
    return shown


def test_a_whole_release_is_told_to_be(made: Path) -> None:
    assert made.is_dir()
    shown = checked()
    assert not shown.error
    assert said(shown, "success").startswith("data #1: ")
    assert said(shown, "success").endswith(" files, all as they were made.")
    assert said(page(), "success") == said(shown, "success"), "whoever comes later reads it, too"


def test_what_is_missing_changed_or_strange_is_told_by_name(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = sorted(made.rglob("*.png"))[:2]
    first.unlink()
    second.write_bytes(b"another")
    (made / "more.txt").write_text("x")
    shown = checked()
    assert "data #1: 3 findings in " in said(shown, "error")
    lines = shown.text[0].value.splitlines()
    assert f"{first.relative_to(made)} is missing" in lines
    assert f"{second.relative_to(made)} is not what it was when the release was made" in lines
    assert "more.txt was not in the release" in lines
    for module in (_words, recorded):
        monkeypatch.setattr(module, "language", lambda: "zh")
    told = page()
    assert said(told, "error").endswith("个文件中有 3 个问题。")
    assert not re.search("missing|was not", said(told, "text"))


def test_a_release_that_is_gone_is_an_error_in_words(made: Path) -> None:
    shutil.rmtree(made)
    shown = checked()
    assert said(shown, "error").startswith("**data #1**: ")
    assert not shown.success


def test_another_release_in_its_place_is_told(made: Path, faces: list[str]) -> None:
    decide([faces[20]], lambda _: 2)
    assert write() == made
    shown = page()
    shown.selectbox(key="check_release").select_index(1).run()
    shown.button(key="check-release").click().run()
    check = checks.newest(workspace.root())
    assert check is not None
    assert (check.title, check.found.result(WAIT_S).title) == ("data #1", "data #2")
    assert "Where data #1 was written lies data #2 now" in said(shown.run(), "warning")


@pytest.mark.usefixtures("made")
def test_one_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "_follow", lambda check: None)  # it never ends
    shown = page()
    shown.button(key="check-release").click().run()
    assert shown.button(key="check-release").disabled
    assert "Reading the files of data #1" in said(shown, "caption")
    with pytest.raises(BusyError):
        checks.begin(workspace.root(), newest())


@pytest.mark.usefixtures("made")
def test_who_may_not_begins_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(action: str) -> str:
        raise permission.NotAllowedError(Message("sign_in_first", {}))

    shown = page()
    monkeypatch.setattr(permission, "require", refuse)
    shown.button(key="check-release").click().run()
    assert shown.error
    assert checks.newest(workspace.root()) is None


@pytest.mark.parametrize(
    ("told", "complained", "code"), [("", "", -9), ("[]", "", 0), ("{", "", 1), ("", "no room", 2)]
)
def test_a_check_that_could_not_be_done_is_no_result(told: str, complained: str, code: int) -> None:
    with pytest.raises(StorageError):
        checks._read(told, complained, code)


def test_the_servers_end_ends_it() -> None:
    class Process:
        ended = False

        def poll(self) -> None:
            return None

        def terminate(self) -> None:
            self.ended = True

    process = Process()
    checks._checks[Path("/w")] = checks.Check(1, "data #1", Future(), process)  # type: ignore[arg-type]
    checks.end_all()
    assert process.ended
    assert checks.newest(Path("/w")) is None
