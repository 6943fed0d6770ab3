"""Pages whose workspace names folders that the server may not use, or not reach: they are shown, and say so."""

from __future__ import annotations

import ast
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from db.store.store import Store
from db.tables.releases import list_releases
from pages._server import identity, workspace
from pages._server.folders import listing
from pipeline.actions import sources
from pipeline.core.errors import UsageError
from tests.pipeline.commands import ROOT, inside
from tests.pipeline.unprivileged import unprivileged
from tests.source.parsed import parsed

LOOKS = ("exists", "is_file", "is_dir")


@pytest.fixture
def closed(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "closed"
    (folder / "inner").mkdir(parents=True)
    yield folder
    folder.chmod(0o755)


@pytest.fixture
def store(decided: Path, closed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """Its source and its release lie in the closed folder."""
    root = Path(shutil.copytree(decided / "w", tmp_path / "w"))
    assert inside("export", "--workspace", root, "--out", closed / "inner" / "out", "--val", "0.5").returncode == 0
    monkeypatch.setenv("MOUE_WORKSPACE", str(root))
    monkeypatch.setattr(identity, "identify", lambda cookies, headers: "Ann")
    opened = workspace.get_store()
    sql = "UPDATE sources SET location = ? WHERE id = (SELECT max(id) FROM sources)"
    opened.write(lambda db: db.execute(sql, [str(closed / "inner" / "photos")]) and None)
    closed.chmod(0)
    yield opened
    workspace.close_store()


def shown(name: str, drawer: str = "") -> AppTest:
    """drawer: the key of one that is open."""
    page = AppTest.from_file(str(ROOT / "pages" / f"{name}.py"), default_timeout=60)
    if drawer:
        page.session_state[drawer] = True
    with unprivileged():
        page.run()
    assert not page.exception
    return page


def told(page: AppTest) -> str:
    html = [str(one.proto.body) for one in page.get("html")]
    return "\n".join([*(str(one.value).replace("\\", "") for one in [*page.warning, *page.error]), *html])


def test_an_export_that_can_not_be_looked_at(store: Store) -> None:
    assert len(store.read(list_releases)) == 1
    assert "gone" in told(shown("export"))


def test_a_source_that_can_not_be_looked_at(store: Store) -> None:
    assert "There is nothing at" in told(shown("collect", "source-drawer"))


@pytest.mark.long_but(2)
@pytest.mark.parametrize("name", ["overview", "clean", "classes", "duplicates", "progress", "quality", "team"])
def test_the_other_pages_are_shown(store: Store, name: str) -> None:
    assert shown(name)


def test_a_folder_to_export_to_is_refused_in_words(store: Store, closed: Path) -> None:
    with unprivileged():
        page = AppTest.from_file(str(ROOT / "pages" / "export.py"), default_timeout=60).run()
        page.text_input(key="out").set_value(str(closed / "new")).run()
        if not page.button(key="export").disabled:
            page.button(key="export").click().run()
    assert not page.exception
    assert str(closed) in told(page)


def test_one_closed_folder_hides_no_other(tmp_path: Path, closed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOUE_FOLDERS", str(tmp_path))
    (tmp_path / "open").mkdir()
    (tmp_path / "link").symlink_to(closed / "inner")
    closed.chmod(0)
    with unprivileged():
        assert listing.folders_in(tmp_path) == ["closed", "open"]
        assert listing.folders_in(closed) == []


def test_a_source_is_not_moved_to_where_nobody_can_look(store: Store, closed: Path) -> None:
    with unprivileged(), pytest.raises(UsageError, match="nothing at"):
        sources.relink_source(store, 1, str(closed / "inner"))


def looks(text: str) -> Iterator[str]:
    """`Path(…).exists()` and its like: of a place that came as a text, so from outside, these raise where it is closed
    or its disk fails; os.path's say no."""
    for node in ast.walk(parsed(text)):
        match node:
            case ast.Call(ast.Attribute(ast.Call(ast.Name("Path"), [_, *_]), name), []) if name in LOOKS:
                yield ast.unparse(node)


def test_nobody_looks_at_a_place_from_outside_with_what_raises() -> None:
    files = [file for top in ("pages", "pipeline") for file in sorted((ROOT / top).rglob("*.py"))]
    assert {
        str(file): list(looks(file.read_text("utf-8"))) for file in files if [*looks(file.read_text("utf-8"))]
    } == {}
    assert list(looks("Path(row.location).exists()\nhere.exists()\nos.path.exists(row.location)")) == [
        "Path(row.location).exists()"
    ]


def test_the_privilege_is_given_up_and_comes_back(closed: Path) -> None:
    closed.chmod(0)
    before = os.access(closed, os.R_OK)
    with unprivileged(), pytest.raises(PermissionError):
        os.listdir(closed)
    assert os.access(closed, os.R_OK) == before
