"""The ways into Collect that begin with files: what is told of a path, and what a job is started with."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from pages._server import identity, jobs, samples
from pages._ui import choices, detector_options
from pipeline.cli.arguments import build_parser
from pipeline.core.errors import StorageError
from tests.pages.conftest import DRAWERS_AS_THEY_ARE
from tests.pipeline.photos import coffee

PAGE = str(Path(__file__).resolve().parents[3] / "pages" / "collect.py")


@pytest.fixture
def started(empty: Path, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What the command line reads of each job that is started; nothing runs."""
    found: list[Any] = []

    def spawn(command: list[str], root: Path, secrets: Mapping[str, str], passed: object) -> Any:
        found.append(build_parser().parse_args(command[command.index("pipeline") + 1 :]))
        return type("Child", (), {"poll": lambda self: None, "returncode": None})()

    monkeypatch.setattr(jobs, "_spawn", spawn)
    return found


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos [of] Ada"
    (folder / "smile").mkdir(parents=True)
    (folder / "other").mkdir()
    (folder / "smile" / "a.png").write_bytes(coffee().read_bytes())
    (folder / "other" / "b.png").write_bytes(coffee().read_bytes())
    return folder


def opened(way: str, monkeypatch: pytest.MonkeyPatch, path: Path | str | None = None) -> AppTest:
    monkeypatch.setattr(identity, "identify", lambda *_: "Ann")
    page = AppTest.from_file(PAGE, default_timeout=60)
    page.session_state["way"] = way
    page.run()
    return page if path is None else page.text_input(key="path").set_value(str(path)).run()


def told_of_path(page: AppTest) -> str:
    """Without Markdown's backslashes."""
    (told,) = (one.value for one in page.markdown if one.value.startswith(":material/check:"))
    return str(told.removeprefix(":material/check: ").replace("\\", ""))


def test_a_folder_is_told_and_started(started: list[Any], photos: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = opened("folder", monkeypatch, photos)
    assert not page.exception
    assert told_of_path(page) == "Folder with 2 files, in folders named smile: these become proposals."
    page.button(key="start-folder").click().run()
    (args,) = started
    assert (args.command, args.paths, args.watch, args.copy) == ("ingest", [photos], None, False)
    assert args.propose_classes


def test_a_folder_is_watched_for_this_server(started: list[Any], photos: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = opened("folder", monkeypatch, photos)
    page.checkbox(key="watch").check().run()
    page.button(key="start-folder").click().run()
    assert [(args.watch, args.watch_owner) for args in started] == [(2.0, os.getpid())]


def test_a_zip_is_told_and_never_watched(started: list[Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.writestr("x.png", b"1")
    page = opened("folder", monkeypatch)
    page.checkbox(key="watch").check().run()
    page.text_input(key="path").set_value(str(tmp_path / "all.zip")).run()
    assert told_of_path(page) == "Zip with 1 file."
    assert page.checkbox(key="watch").disabled
    page.button(key="start-folder").click().run()
    assert [(args.paths, args.watch) for args in started] == [([tmp_path / "all.zip"], None)]


def test_a_path_without_anything_starts_nothing(started: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    page = opened("folder", monkeypatch, "/no/such *place*")
    (error,) = page.error
    assert error.value.startswith("There is nothing at /no/such \\*place\\*.")
    page.button(key="start-folder").click().run()
    assert [one.value for one in page.error] == [error.value]
    page = page.text_input(key="path").set_value("").run()
    assert not page.error
    page.button(key="start-folder").click().run()
    assert [one.value for one in page.error] == ["Type a path first, or browse for one."]
    assert started == []


def test_a_path_that_is_being_typed_is_started_by_one_click(
    started: list[Any], photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The browser sends the field's new value together with the click that left it."""
    page = opened("folder", monkeypatch)
    page.text_input(key="path").set_value(str(photos))
    page.button(key="start-folder").click().run()
    assert [args.paths for args in started] == [[photos]]


def test_a_path_that_pages_may_not_read_starts_nothing(
    started: list[Any], photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOUE_FOLDERS", str(photos / "smile"))
    page = opened("folder", monkeypatch, photos / "smile" / ".." / "other")
    page.button(key="start-folder").click().run()
    (error,) = page.error
    assert "is in no folder that pages may read" in error.value
    assert started == []
    page.text_input(key="path").set_value(str(photos / "smile"))
    page.button(key="start-folder").click().run()
    assert [args.paths for args in started] == [[photos / "smile"]]


def test_a_folder_is_browsed(started: list[Any], photos: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOUE_FOLDERS", str(photos))
    page = opened("folder", monkeypatch)
    page.toggle(key="browse-open").set_value(True).run()
    for options, chosen in (([str(photos)], str(photos)), (["other", "smile"], "smile")):
        box = page.selectbox(key="browse-into")
        assert (box.options, box.value) == (options, None)
        box.select(chosen).run()
    assert page.text_input(key="path").value == str(photos / "smile")
    assert told_of_path(page) == "Folder with 1 file."
    assert page.selectbox(key="browse-into").options == []
    page.button(key="browse-up").click().run()
    assert page.text_input(key="path").value == str(photos)
    page.button(key="browse-up").click().run()
    assert page.text_input(key="path").value == ""
    assert page.selectbox(key="browse-into").options == [str(photos)]
    assert not page.exception


def test_a_job_that_cannot_be_started_says_why(
    started: list[Any], photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = opened("folder", monkeypatch, photos)

    def fails(*_: object, **__: object) -> str:
        raise StorageError("no process is left")

    monkeypatch.setattr(jobs, "start_ingest", fails)
    page.button(key="start-folder").click().run()
    assert [error.value for error in page.error] == ["No process is left\\."]


def test_an_upload_that_nobody_works_on_waits(empty: Path, started: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    batch = empty / ".incoming" / "uploads" / ("b" * 32)
    batch.mkdir(parents=True)
    for name in ("a.jpg", "b.jpg"):
        (batch / name).write_bytes(b"photo")
    page = opened("upload", monkeypatch)
    assert "2 uploaded files wait." in [one.value for one in page.markdown]
    page.button(key=f"batch-{batch.name}").click().run()
    ((kind, name, paths),) = [(args.source_kind, args.source_name, args.paths) for args in started]
    assert (kind, paths) == ("upload", [batch])
    assert name.endswith(", Ann")


def test_samples_are_loaded_or_their_error_is_told(empty: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded: list[object] = []
    page = opened("sample", monkeypatch)
    monkeypatch.setattr(samples, "load", lambda _, annotator: loaded.append(annotator))
    page.button(key="start-sample").click().run()
    assert (loaded, list(page.error)) == (["Ann"], [])

    def fails(*_: object) -> None:
        raise StorageError("the disk is full")

    monkeypatch.setattr(samples, "load", fails)
    page.button(key="start-sample").click().run()
    assert [error.value for error in page.error] == ["The disk is full\\."]


def test_options_that_nobody_opened_are_the_usual_ones(empty: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given = list[detector_options.Ingest]()
    real = detector_options.drawer

    def drawer(known: Iterable[str], kind: str) -> detector_options.Ingest:
        given.append(real(known, kind))
        return given[-1]

    monkeypatch.setattr(detector_options, "drawer", drawer)
    monkeypatch.setattr(choices, "was_opened", DRAWERS_AS_THEY_ARE)
    monkeypatch.setattr(identity, "identify", lambda cookies, headers: "Ada")
    page = AppTest.from_file(PAGE, default_timeout=30).run()
    assert not page.exception
    assert "detector" not in {one.key for one in page.selectbox}
    page.session_state["ingest-options"] = True
    page.run()
    assert "detector" in {one.key for one in page.selectbox}
    assert given[-1] == given[0]
