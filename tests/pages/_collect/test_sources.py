"""Collect's drawer for a source whose folder moved or that is not wanted any more."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from db.reads.counts import workspace_counts
from db.reads.sources import list_sources
from db.store.locks import job_lock
from db.store.store import Store
from pages._server import identity, workspace
from tests.pipeline import commands as cli

PAGE = str(Path(__file__).resolve().parents[3] / "pages" / "collect.py")


@pytest.fixture
def store(full: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    monkeypatch.setattr(identity, "identify", lambda cookies, headers: "Ann")
    yield workspace.get_store()
    workspace.close_store()


@pytest.fixture
def app(store: Store) -> AppTest:
    return AppTest.from_file(PAGE, default_timeout=30).run()


def test_a_removed_source_takes_its_photos_along_and_leaves_the_files(app: AppTest, store: Store) -> None:
    (source,) = store.read(list_sources)
    before = sorted(p.name for p in Path(source.location).iterdir())
    assert app.button(key="source-remove").disabled
    app.checkbox(key=f"source-sure-{source.id}").check().run()
    app.button(key="source-remove").click().run()
    assert not app.exception
    assert [one.value for one in app.success] == ["3 photos removed\\."]  # also where no source is left
    counts = store.read(workspace_counts)
    assert (counts.images, counts.faces, counts.sources) == (0, 0, 0)
    assert not list((store.root / "crops").rglob("*.png"))
    assert sorted(p.name for p in Path(source.location).iterdir()) == before


def test_a_source_stays_while_a_job_holds_the_workspace(app: AppTest, store: Store) -> None:
    (source,) = store.read(list_sources)
    app.checkbox(key=f"source-sure-{source.id}").check().run()
    with job_lock(store.root):
        app.button(key="source-remove").click().run()
    assert "another job is running" in app.error[0].value.lower()
    assert store.read(workspace_counts).sources == 1


def test_a_moved_folder_is_relinked(app: AppTest, store: Store, tmp_path: Path) -> None:
    (source,) = store.read(list_sources)
    moved = tmp_path / "moved here"
    shutil.copytree(source.location, moved)
    app.text_input(key=f"source-place-{source.id}").set_value(str(moved)).run()
    app.button(key="source-relink").click().run()
    assert not app.exception
    assert store.read(list_sources)[0].location == str(moved)
    assert cli.inside("verify", "--workspace", str(store.root)).returncode == 0


@pytest.mark.parametrize("typed", ["~/moved here", "file://{}", "file://localhost{}", ' "{}" '])
def test_the_new_place_may_be_typed_as_on_the_command_line(
    app: AppTest, store: Store, tmp_path: Path, typed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (source,) = store.read(list_sources)
    monkeypatch.setenv("HOME", str(tmp_path))
    moved = tmp_path / "moved here"
    moved.mkdir()
    place = str(moved).replace(" ", "%20") if "file" in typed else str(moved)
    app.text_input(key=f"source-place-{source.id}").set_value(typed.format(place)).run()
    app.button(key="source-relink").click().run()
    assert not app.exception
    assert store.read(list_sources)[0].location == str(moved)


@pytest.mark.parametrize("typed", ["", "  ", '""', "file://", "s3://b/x", "file://nas/x"])
def test_a_new_place_that_is_none_is_refused(app: AppTest, store: Store, typed: str) -> None:
    before = store.read(list_sources)[0].location
    app.text_input(key=f"source-place-{store.read(list_sources)[0].id}").set_value(typed).run()
    app.button(key="source-relink").click().run()
    assert not app.exception
    assert len(app.error) == 1
    assert store.read(list_sources)[0].location == before


def test_a_place_where_nothing_is_is_refused(app: AppTest, store: Store) -> None:
    (source,) = store.read(list_sources)
    app.text_input(key=f"source-place-{source.id}").set_value("/nowhere/at all").run()
    app.button(key="source-relink").click().run()
    assert "/nowhere/at all" in app.error[0].value
    assert store.read(list_sources)[0].location == source.location
