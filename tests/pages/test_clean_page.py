"""The Clean page: its rows in words, its filters and its pages."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from db.reads.details import image_info
from db.reads.sources import list_sources
from db.store.locks import job_lock
from db.store.store import Store
from db.tables import jobs
from pages._clean import reading, rows
from pages._components import photo_list
from pages._server import identity, workspace
from pages._ui import job_view
from pipeline.actions.manual_faces import draw_face
from tests.pipeline import commands as cli
from tests.pipeline.made import HEAD, sha_of, write_photos
from tests.pipeline.photos import coffee

PAGE = str(Path(__file__).resolve().parents[2] / "pages" / "clean.py")


@pytest.fixture(scope="module")
def ingested(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ingested")
    cli.ingest(folder / "workspace", write_photos(folder / "photos"))
    return folder


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """A workspace without photos, whose page Ann looks at."""
    monkeypatch.setenv("MOUE_WORKSPACE", str(tmp_path / "workspace"))
    monkeypatch.setattr(identity, "identify", lambda cookies, headers: "Ann")
    yield workspace.get_store()
    workspace.close_store()


@pytest.fixture
def store(ingested: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """The same with the photos of `write_photos`."""
    shutil.copytree(ingested / "workspace", tmp_path / "workspace")
    monkeypatch.setenv("MOUE_WORKSPACE", str(tmp_path / "workspace"))
    monkeypatch.setattr(identity, "identify", lambda cookies, headers: "Ann")
    yield workspace.get_store()
    workspace.close_store()


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What the page hands to the component, run by run."""
    calls: list[dict[str, Any]] = []
    monkeypatch.setattr(photo_list, "photo_list", lambda data, **_: calls.append(data))
    return calls


def names(data: dict[str, Any]) -> list[str]:
    return [row["name"] for row in data["rows"]]


def test_an_empty_workspace_points_to_collect(empty: Store, shown: list[dict[str, Any]]) -> None:
    page = AppTest.from_file(PAGE).run()
    assert not page.exception
    assert "no photos yet" in page.info[0].value
    assert [button.label for button in page.button] == ["Collect photos"]
    assert shown == []


def test_the_misses_come_first_and_every_file_is_there(store: Store, shown: list[dict[str, Any]]) -> None:
    page = AppTest.from_file(PAGE, default_timeout=30).run()
    assert not page.exception
    assert names(shown[-1]) == ["afar.png", "cup.png", "broken.jpg", "notes.txt", "astronaut.png"]
    assert (shown[-1]["first"], shown[-1]["last"], shown[-1]["total"]) == (1, 5, 5)
    labels = page.button_group[0].options
    assert [str(option) for option in labels] == [
        "All 5", "No face found 2", "Damaged 1", "Not a photo 1", "Added 1"
    ]  # fmt: skip


def test_the_outcome_filter_shows_only_its_own(store: Store, shown: list[dict[str, Any]]) -> None:
    page = AppTest.from_file(PAGE, default_timeout=30).run()
    page.button_group[0].set_value("undecodable").run()
    assert not page.exception
    assert names(shown[-1]) == ["broken.jpg"]


def test_the_source_filter_counts_its_own_files(store: Store, tmp_path: Path, shown: list[dict[str, Any]]) -> None:
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "cup.png").write_bytes(coffee().read_bytes()[:2000])
    (tmp_path / "more" / "readme.txt").write_text("hello")
    cli.ingest(store.root, tmp_path / "more")
    page = AppTest.from_file(PAGE, default_timeout=30).run()
    assert shown[-1]["total"] == 7
    second = store.read(list_sources)[1]
    page.selectbox(key="clean_source").set_value(second.id).run()
    assert not page.exception
    assert names(shown[-1]) == ["cup.png", "readme.txt"]
    assert [str(option) for option in page.button_group[0].options] == ["All 2", "Damaged 1", "Not a photo 1"]
    # in the address by its number: what it is called changes with the language
    assert page.query_params["source"] == str(second.id)
    linked = AppTest.from_file(PAGE, default_timeout=30)
    linked.query_params["source"] = str(second.id)
    linked.run()
    assert names(shown[-1]) == ["cup.png", "readme.txt"]
    linked.selectbox(key="clean_source").set_value(0).run()
    assert (shown[-1]["total"], "source" in linked.query_params) == (7, False)


def test_a_face_to_be_answered_without_a_hint_has_no_file_name(
    store: Store, tmp_path: Path, shown: list[dict[str, Any]]
) -> None:
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "readme.txt").write_text("hello")
    cli.ingest(store.root, tmp_path / "more")
    wanted = "INSERT INTO second_opinions SELECT id, 2, 'share', '' FROM faces WHERE removed_at IS NULL"
    store.write(lambda db: db.execute(wanted))
    page = AppTest.from_file(PAGE, default_timeout=30).run()
    assert not page.exception
    assert names(shown[-1]) == ["afar.png", "cup.png", "broken.jpg", "notes.txt", "readme.txt", ""]
    assert "astronaut" not in str(shown[-1]["rows"])
    of_source = AppTest.from_file(PAGE, default_timeout=30)
    of_source.query_params["source"] = str(store.read(list_sources)[0].id)
    assert not of_source.run().exception
    assert names(shown[-1]) == ["afar.png", "cup.png", "broken.jpg", "notes.txt"]


def test_a_row_stays_where_it_is_when_its_face_is_drawn(
    store: Store, ingested: Path, shown: list[dict[str, Any]]
) -> None:
    sha256 = sha_of(ingested / "photos" / "afar.png")
    page = AppTest.from_file(PAGE, default_timeout=30).run()
    before = shown[-1]
    draw_face(store, sha256, HEAD)
    image = store.read(lambda db: image_info(db, sha256))
    assert image is not None
    row = rows.refreshed(before["rows"][0], image, {})
    assert (row["n"], row["outcome"], row["badge"], row["reason"]) == (
        before["rows"][0]["n"],
        "added",
        "Added",
        "1 face.",
    )
    assert [face["id"] for face in row["faces"]] == [image.faces[0].face_id]
    assert row["overlay_v"] != before["rows"][0]["overlay_v"]
    page.run()
    assert shown[-1]["page_key"] == before["page_key"]
    assert names(shown[-1]) == names(before)


def test_pages_turn_by_cursor(
    store: Store, tmp_path: Path, shown: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    cli.ingest(store.root, write_photos(tmp_path / "more"))
    monkeypatch.setattr(reading, "SIZE", 2)
    page = AppTest.from_file(PAGE, default_timeout=30).run()
    assert not page.exception
    seen = names(shown[-1])
    turn = {"to": "next", "page_key": shown[-1]["page_key"]}
    page.session_state["clean_turn"] = turn
    page.run()
    seen += names(shown[-1])
    assert (shown[-1]["first"], shown[-1]["last"], shown[-1]["has_prev"], shown[-1]["has_next"]) == (3, 4, True, True)
    page.session_state["clean_turn"] = turn  # of a page that is not shown any more: a second click
    page.run()
    assert (shown[-1]["first"], seen) == (3, ["afar.png", "cup.png", "broken.jpg", "broken.jpg"])
    page.session_state["clean_turn"] = {"to": "prev", "page_key": shown[-1]["page_key"]}
    page.run()
    assert names(shown[-1]) == seen[:2]


def test_nobody_sees_the_page_unsigned(
    store: Store, shown: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(identity, "identify", lambda cookies, headers: None)
    AppTest.from_file(PAGE, default_timeout=30).run()
    assert shown == []


def confirmed(page: AppTest, monkeypatch: pytest.MonkeyPatch, **asked: Any) -> None:
    """As the component answers after a box was drawn: the callback runs, then the page."""
    calls: dict[str, Any] = {}
    real = photo_list.photo_list

    def handed(data: dict[str, Any], **more: Any) -> None:
        calls.update(more)
        real(data, **more)
        if "acted" not in st.session_state:
            st.session_state["acted"] = True
            st.session_state["photo_list"] = SimpleNamespace(act=asked, turn=None)
            more["on_act"]()

    monkeypatch.setattr(photo_list, "photo_list", handed)
    page.run()
    assert not page.exception
    assert set(calls) == {"key", "on_act", "on_turn", "on_erase"}


def test_a_drawn_face_changes_its_own_row_and_says_so(
    store: Store, ingested: Path, shown: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    sha256 = sha_of(ingested / "photos" / "afar.png")
    box = [HEAD.x1, HEAD.y1, HEAD.x2, HEAD.y2]
    page = AppTest.from_file(PAGE, default_timeout=60)
    confirmed(page, monkeypatch, token="t", do="draw", sha=sha256, box=box)
    before, page_key = shown[-1]["rows"], shown[-1]["page_key"]
    page.run()
    after = shown[-1]
    assert (after["answer"]["ok"], after["answer"]["token"], after["page_key"]) == (True, "t", page_key)
    assert [row["n"] for row in after["rows"]] == [row["n"] for row in before]
    assert [row["sha"] for row, was in zip(after["rows"], before, strict=True) if row != was] == [sha256]
    assert after["rows"][0]["outcome"] == "added"


def test_a_box_that_is_none_changes_no_row(
    store: Store, shown: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    page = AppTest.from_file(PAGE, default_timeout=60)
    confirmed(page, monkeypatch, token="t", do="draw", sha="0" * 64, box=[1, 2, 60])
    before = shown[-1]["rows"]
    page.run()
    assert (shown[-1]["answer"]["ok"], shown[-1]["rows"]) == (False, before)


def test_an_outcome_that_no_photo_has_any_more_says_so(store: Store, shown: list[dict[str, Any]]) -> None:
    page = AppTest.from_file(PAGE, default_timeout=60)
    page.query_params["outcome"] = "quarantined"
    page.run()
    assert not page.exception
    assert [info.value for info in page.info] == ["No photo has this outcome any more. Choose All to see the others."]
    assert shown == []
    assert page.button(key="next").label == "Review"  # a face waits there


@pytest.mark.parametrize("kind", ["ingest", "reprocess"])
def test_a_job_is_shown_while_it_runs_and_a_second_look_when_it_ended(
    store: Store, shown: list[dict[str, Any]], kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    live: list[str] = []
    ended: list[str] = []
    monkeypatch.setattr(job_view, "live", live.append)
    monkeypatch.setattr(job_view, "ended", lambda _, job: ended.append(job.id))
    page = AppTest.from_file(PAGE, default_timeout=60).run()
    page_key = shown[-1]["page_key"]
    with job_lock(store.root):  # else its process would count as dead
        job = store.write(lambda db: jobs.start_job(db, kind, {}, os.getpid()))
        page.run()
        assert (live, ended) == ([job], [])
        store.write(lambda db: db.execute("UPDATE faces SET crop_version = ?", ["e" * 16]))
        page.run()
    before = shown[-1]["rows"]
    store.write(lambda db: jobs.finish(db, job, "done", None))
    page.run()
    assert ended == ([job] if kind == "reprocess" else [])
    assert (shown[-1]["rows"] != before) is (kind == "reprocess")  # only then what was shown holds no more
    assert shown[-1]["page_key"] == page_key
