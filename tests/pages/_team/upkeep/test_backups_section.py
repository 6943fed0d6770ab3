"""Team's Backups: how often, one by hand, and what goes where one is put back."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from db.decisions.log import apply_ops
from db.store.store import Store
from pages._server.upkeep import put_back
from pipeline.actions.backups import rotation
from pipeline.core.errors import UsageError
from pipeline.core.messages import message
from tests.db.fresh import open_fresh
from tests.db.make import add_images, decide
from tests.pages._team.team_page import section_as, store_of

PEOPLE = {"Olga": "owner", "Ann": "annotator"}


@pytest.fixture
def store(empty: Path) -> Store:
    opened = store_of(PEOPLE)  # type: ignore[arg-type]
    face, _ = add_images(opened, ["one", "two"])
    opened.write(lambda db: apply_ops(db, "Ann", [decide(db, face)]))
    return opened


def backed_up(store: Store) -> Path:
    return rotation.make(store).file


def text(page: AppTest) -> str:
    parts = [*page.markdown, *page.caption, *page.info, *page.error, *page.success, *page.code]
    return "\n".join(str(part.value).replace("\\", "") for part in parts)


def test_without_a_backup_there_is_nothing_to_put_back(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    page = section_as("Olga", "backups", monkeypatch)
    assert "There is no backup yet." in text(page)
    assert "MOUE_BACKUP_EVERY=6h" in text(page)
    assert not page.checkbox


def test_it_tells_what_came_since_and_waits_for_a_tick(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    file = backed_up(store)
    assert "It holds every decision that there is." in text(section_as("Olga", "backups", monkeypatch))
    _, second = store.read(lambda db: [face for (face,) in db.execute("SELECT id FROM faces ORDER BY seq")])
    store.write(lambda db: apply_ops(db, "Ann", [decide(db, second)]))
    page = section_as("Olga", "backups", monkeypatch)
    assert "Since then there came 1 decision. They will not be" in text(page)
    assert rotation.restore_line(file, store.root) in text(page)
    asked: list[tuple[Path, str]] = []
    monkeypatch.setattr(put_back, "ask", lambda store, file, who: asked.append((file, who)))
    (button,) = [one for one in page.button if one.label == "Put back"]
    assert button.disabled
    page.checkbox(key="put-back-sure").check().run()
    (button,) = [one for one in page.button if one.label == "Put back"]
    button.click().run()
    assert asked == [(file, "Olga")]
    assert "The server stops and begins anew" in text(page)


def test_why_it_can_not_be_put_back_is_said(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    backed_up(store)
    page = section_as("Olga", "backups", monkeypatch)

    def refuse(*_: object) -> None:
        raise UsageError(message("file_not_there"))

    monkeypatch.setattr(put_back, "ask", refuse)
    page.checkbox(key="put-back-sure").check().run()
    next(one for one in page.button if one.label == "Put back").click().run()
    assert not page.exception
    assert len(page.error) == 1


def test_one_of_another_workspace_is_told(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = backed_up(store)
    with open_fresh(tmp_path / "other") as other:
        face, *_ = add_images(other, ["three"])
        other.write(lambda db: apply_ops(db, "Zoe", [decide(db, face)]))
        of_another = backed_up(other)
        shutil.copyfile(of_another, file)
    assert "it is of another one, or of a state that was put aside" in text(section_as("Olga", "backups", monkeypatch))


def test_one_that_is_torn_is_told(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    file = backed_up(store)
    file.write_bytes(b"no database")
    page = section_as("Olga", "backups", monkeypatch)
    assert len(page.error) == 1
    assert not page.checkbox


def test_an_annotator_can_not_press_it(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    backed_up(store)
    page = section_as("Ann", "backups", monkeypatch)
    assert all(one.disabled for one in page.button if one.label in ("Put back", "Back up now"))
