from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from db.decisions.log import apply_ops
from db.decisions.verify import verify
from db.images import relink
from db.reads.counts import workspace_counts
from db.reads.sources import list_sources
from db.store.locks import job_lock
from db.store.store import Store
from db.tables import audit
from pipeline.actions import sources
from pipeline.actions.sources import relink_source, remove_source
from pipeline.actions.verify import verify_workspace
from pipeline.core.errors import BusyError, UsageError
from pipeline.core.records import Verdict
from tests.db.make import add_images, decide
from tests.pipeline import commands
from tests.pipeline.photos import hopper, numbered_head


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    (folder / "a.jpg").write_bytes(hopper().read_bytes())
    (folder / "b.jpg").write_bytes(numbered_head(1))
    return folder


@pytest.fixture
def store(photos: Path, tmp_path: Path) -> Iterator[Store]:
    """The workspace of one folder whose photos stay where they are."""
    commands.ingest(tmp_path / "workspace", photos)
    with Store.open(tmp_path / "workspace") as opened:
        yield opened


def test_a_source_goes_with_its_images_and_crops_and_leaves_its_files(store: Store, photos: Path) -> None:
    (source,) = store.read(list_sources)
    remove_source(store, source.id)
    left = store.read(workspace_counts)
    assert (left.images, left.faces, left.sources) == (0, 0, 0)
    assert not list((store.root / "crops").rglob("*.png"))
    assert sorted(path.name for path in photos.iterdir()) == ["a.jpg", "b.jpg"]


@pytest.fixture
def many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Store, list[str]]]:
    """Five photos of rows alone, one write for each; another source has the second photo, too."""
    monkeypatch.setattr(sources, "PART", 1)
    with Store.open(tmp_path / "workspace") as opened:
        faces = add_images(opened, ["a", "b", "c", "d", "e"], source="/x")
        add_images(opened, ["b"], source="/y")
        opened.write(lambda db: apply_ops(db, "Ann", [decide(db, face) for face in faces]))
        yield opened, faces


def test_a_large_source_goes_in_parts_between_which_others_save(many: tuple[Store, list[str]]) -> None:
    store, faces = many
    seen: list[tuple[int, int]] = []
    write = store.write

    def saving(work: Any) -> Any:
        done = write(work)
        numbers = store.read(workspace_counts)
        seen.append((numbers.images, numbers.sources))
        assert store.read(verify) == []
        write(lambda db: apply_ops(db, "Ben", [decide(db, faces[1], Verdict.UNSURE)]))
        return done

    (first, _) = store.read(list_sources)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(store, "write", saving)
        remove_source(store, first.id, by="Olga")
    deleted = (1, 1)  # its files, behind the last part
    assert seen == [(4, 2), (4, 2), (3, 2), (2, 2), (1, 1), deleted]  # b stays: the other source has it
    (last,) = [row for row in store.read(lambda db: list(audit.rows(db))) if row.action == "source_removed"]
    assert (last.annotator, last.params["images"]) == ("Olga", 4)
    assert store.read(lambda db: db.execute("SELECT verdict FROM face_state").fetchall()) == [("unsure",)]


def test_a_source_whose_removal_was_stopped_is_whole_and_removed_again(many: tuple[Store, list[str]]) -> None:
    store, _ = many
    (first, _) = store.read(list_sources)
    some = store.read(lambda db: relink.images_of(db, first.id))[:3]
    store.write(lambda db: relink.remove_images(db, first.id, some))
    store.close()
    with Store.open(store.root) as again:
        assert again.read(verify) == []
        assert again.read(workspace_counts).images == 3
        remove_source(again, first.id)
        assert again.read(verify) == []
        left = again.read(workspace_counts)
        assert (left.images, left.faces, left.sources, left.decisions) == (1, 1, 1, 5)


def test_a_source_stays_while_a_job_runs_and_an_unknown_one_is_refused(store: Store) -> None:
    (source,) = store.read(list_sources)
    with job_lock(store.root), pytest.raises(BusyError):
        remove_source(store, source.id)
    with pytest.raises(UsageError, match="no source"):
        remove_source(store, source.id + 1)
    assert store.read(workspace_counts).images == 2


def test_a_moved_folder_is_found_at_its_new_place(store: Store, photos: Path, tmp_path: Path) -> None:
    (source,) = store.read(list_sources)
    moved = Path(shutil.move(photos, tmp_path / "moved here"))
    assert len(verify_workspace(store).findings) == 2
    assert relink_source(store, source.id, str(moved)) == 2
    assert verify_workspace(store).findings == ()


@pytest.mark.parametrize("location", ["/nowhere/at all", "photos"])
def test_a_place_where_nothing_is_and_a_relative_one_are_refused(store: Store, location: str) -> None:
    (source,) = store.read(list_sources)
    with pytest.raises(UsageError, match=f"nothing at {location}"):
        relink_source(store, source.id, location)
    assert store.read(list_sources)[0].location == source.location
