"""Erasing a photo from the Clean page: what the dialog says before, and what is left after."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from db.store.backup import backup
from db.store.locks import job_lock
from db.store.store import Store
from pages._server import identity, workspace
from pipeline.actions.erase import erase_image

UNKNOWN = "a" * 64


@pytest.fixture
def store(full: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setattr(identity, "identify", lambda cookies, headers: "Ann")
    return workspace.get_store()


@pytest.fixture
def photo(store: Store) -> str:
    """The SHA-256 of the photo with the one face."""
    ((sha256,),) = store.read(lambda db: db.execute("SELECT sha256 FROM faces").fetchall())
    return str(sha256)


def script() -> None:
    """The dialog's inside without the dialog, which AppTest runs once alone."""
    import streamlit as st

    from pages._clean import erase_photo
    from pages._server import workspace

    store = workspace.get_store()
    erase_photo.show(store, "rows")
    if "sha" in st.session_state:
        erase_photo._dialog(store, st.session_state["sha"], "<b>ann</b>.jpg", "rows")


def opened(sha256: str, rows: list[str]) -> AppTest:
    shown = AppTest.from_function(script, default_timeout=30)
    shown.session_state["sha"] = sha256
    shown.session_state["rows"] = {"rows": [{"sha": sha} for sha in rows], "last": len(rows), "total": 20}
    shown.run()
    assert not shown.exception
    return shown


def said(shown: AppTest) -> str:
    return "\n".join(str(one.value) for kind in ("markdown", "text", "caption", "info") for one in shown.get(kind))


def pressed(shown: AppTest, key: str) -> AppTest:
    shown.button(key=key).click().run()
    assert not shown.exception
    return shown


def images(store: Store) -> set[str]:
    return {sha for (sha,) in store.read(lambda db: db.execute("SELECT sha256 FROM images").fetchall())}


def test_it_says_what_goes_and_what_stays_before_it_does_it(store: Store, photo: str) -> None:
    ((original,),) = store.read(
        lambda db: db.execute("SELECT location FROM sightings WHERE sha256 = ?", [photo]).fetchall()
    )
    shown = opened(photo, [photo])
    assert "its copy here, 1 face, crops and thumbnails" in said(shown)
    assert original in said(shown)
    assert "<b>" not in said(shown)
    assert "This cannot be undone" in said(shown)
    assert not shown.checkbox
    pressed(shown, "erase_not")
    assert photo in images(store)
    assert Path(original).is_file()


@pytest.mark.parametrize(("others", "left"), [(["b" * 64, "c" * 64], 2), ([], None)])
def test_its_rows_go_from_the_page_and_an_empty_page_is_read_anew(
    store: Store, photo: str, others: list[str], left: int | None
) -> None:
    shown = opened(photo, [*others, photo, photo])
    before = images(store)
    pressed(shown, "erase_now")
    assert images(store) == before - {photo}
    page: Any = shown.session_state.get("rows")
    assert (page and [row["sha"] for row in page["rows"]]) == (others or None)
    assert (page and (page["last"], page["total"])) == (None if left is None else (left, 18))
    assert [one.value for one in shown.success] == [r"\<b\>ann\</b\>\.jpg was erased\."]


@pytest.mark.parametrize("also", [False, True])
def test_backups_that_hold_it_are_named_and_deleted_if_asked(store: Store, photo: str, also: bool) -> None:
    copy = store.root / "backups" / "monday.db"
    copy.parent.mkdir()
    backup(store, copy)
    shown = opened(photo, [photo])
    assert r"monday\.db" in said(shown)
    if also:
        shown.checkbox(key="erase_backups").check().run()
    pressed(shown, "erase_now")
    assert copy.exists() is not also
    assert (r"Backups that still hold it\: 1" in shown.success[0].value) is not also


def test_somebody_else_was_faster(store: Store, photo: str) -> None:
    erase_image(store, photo)
    assert photo in said(opened(photo, [photo]))


def test_a_job_that_runs_is_told_and_nothing_goes(store: Store, photo: str) -> None:
    shown = opened(photo, [photo])
    with job_lock(store.root):
        pressed(shown, "erase_now")
    assert len(shown.error) == 1
    assert photo in images(store)
    assert "rows" in shown.session_state
