"""An export that a page or a script began: what it makes, how it ends, and that a cancelled one leaves nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from db.store.locks import export_run_lock
from db.store.store import Store
from db.tables import placements, roles
from db.tables.access import export_runs
from db.tables.access.export_runs import Progress
from db.tables.annotators import ensure_annotator
from db.tables.releases import list_releases
from pipeline.actions.release import run as run_module
from pipeline.actions.release.run import Reporter, as_noted, carry_out, error_of
from pipeline.core.errors import BusyError, UsageError
from pipeline.export.export import ExportPlan
from pipeline.export.options import ExportOptions
from pipeline.export.pictures.options import PictureOptions
from pipeline.export.split import SplitPlan

RUN = "a-run"


@pytest.fixture
def asked(store: Store, chosen: ExportPlan) -> dict[str, Any]:
    """A run of a zip that Ann began; she owns the workspace."""
    store.write(lambda db: ensure_annotator(db, "Ann"))
    store.write(roles.settle_owner)
    asked = {"state": "running", "name": "data", "annotator": "Ann", "at": "2026-01-31T09:05:07.123Z", "error": None}
    asked |= {"release": None, "files": None, "out": None, "overwrite": False}
    return {**asked, **as_noted(chosen.split_plan, ExportOptions())}


def begun(store: Store, asked: dict[str, Any]) -> dict[str, Any]:
    store.write(lambda db: export_runs.note(db, RUN, asked))
    carry_out(store, RUN)
    return store.read(export_runs.known)[RUN]


def left(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


@pytest.mark.parametrize("folder", [False, True])
def test_a_release_is_made_as_the_run_says(store: Store, asked: dict[str, Any], tmp_path: Path, folder: bool) -> None:
    out = {"out": str(tmp_path / "out")} if folder else {}
    ended = begun(store, {**asked, **out, **as_noted(SplitPlan(val=0.5, seed=3), ExportOptions(size=32))})
    (made,) = store.read(list_releases)
    assert (ended["state"], ended["files"], ended["release"]) == ("done", 12, made.id)
    assert (made.annotator, made.params["seed"], made.params["size"]) == ("Ann", 3, 32)
    assert Path(made.path) == (tmp_path / "out" if folder else store.root / "releases" / "data.zip")
    assert Path(made.path).exists()


@pytest.mark.parametrize("phase", ["plan", "photos", "files", "disk", "zip"])
def test_one_that_is_cancelled_leaves_nothing_wherever_it_was(
    store: Store, asked: dict[str, Any], monkeypatch: pytest.MonkeyPatch, phase: str
) -> None:
    class CancelledThere(Reporter):
        def __call__(self, doing: str, done: int, of: int) -> None:
            if doing == phase and done:
                store.write(lambda db: export_runs.request_cancel(db, RUN))
            super().__call__(doing, done, of)

    monkeypatch.setattr(run_module, "LOOK_S", 0.0)
    monkeypatch.setattr(run_module, "Reporter", CancelledThere)
    cut = ExportOptions(pictures=PictureOptions("face"))
    ended = begun(store, {**asked, **as_noted(SplitPlan(val=0.5), cut if phase == "photos" else ExportOptions())})
    assert ended["state"] == "cancelled"
    assert left(store.root / "releases") == []
    assert store.read(list_releases) == []
    assert store.read(lambda db: placements.placements_of(db, "data")) == {}


def test_an_earlier_release_stays_where_one_over_it_is_cancelled(
    store: Store, asked: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked["out"] = str(tmp_path / "out")
    assert begun(store, asked)["state"] == "done"
    before = {path: path.read_bytes() for path in sorted((tmp_path / "out").rglob("*")) if path.is_file()}
    monkeypatch.setattr(run_module, "LOOK_S", 0.0)
    note = export_runs.note_progress

    def noted(db: Any, run_id: str, progress: Progress) -> None:
        note(db, run_id, progress)
        if progress.doing == "disk":
            export_runs.request_cancel(db, run_id)

    monkeypatch.setattr(export_runs, "note_progress", noted)
    over = {**asked, "overwrite": True, **as_noted(SplitPlan(val=0.5, seed=9, anew=True), ExportOptions(size=32))}
    assert begun(store, over)["state"] == "cancelled"
    assert {path: path.read_bytes() for path in sorted((tmp_path / "out").rglob("*")) if path.is_file()} == before
    assert not [path.name for path in tmp_path.iterdir() if ".moue-" in path.name]


def test_one_that_is_refused_says_why(store: Store, asked: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("mine")
    ended = begun(store, {**asked, "out": str(tmp_path / "out")})
    assert (ended["state"], error_of(ended["error"]).code) == ("failed", "export_folder_taken")
    store.write(lambda db: ensure_annotator(db, "Vera"))
    store.write(lambda db: roles.set_role(db, "Vera", "viewer", "Ann"))
    ended = begun(store, {**asked, "annotator": "Vera"})
    assert (ended["state"], error_of(ended["error"]).code) == ("failed", "not_allowed")
    assert store.read(list_releases) == []


def test_a_run_is_carried_out_once(store: Store, asked: dict[str, Any]) -> None:
    begun(store, asked)
    for run_id in (RUN, "another"):
        with pytest.raises(UsageError, match="that is remembered, is called"):
            carry_out(store, run_id)
    assert len(store.read(list_releases)) == 1
    store.write(lambda db: export_runs.note(db, "next", asked))
    with export_run_lock(store.root), pytest.raises(BusyError, match="is being written"):
        carry_out(store, "next")


def test_how_far_it_is_is_told_of_one_run_alone(store: Store, asked: dict[str, Any]) -> None:
    begun(store, asked)
    told = store.read(lambda db: export_runs.progress_of(db, RUN))
    assert told is not None
    assert told.doing == "zip"
    assert 0 < told.done <= told.of
    assert store.read(lambda db: export_runs.progress_of(db, "another")) is None
