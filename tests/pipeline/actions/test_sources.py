from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from db.reads.counts import workspace_counts
from db.reads.sources import list_sources
from db.store.locks import job_lock
from db.store.store import Store
from pipeline.actions.sources import relink_source, remove_source
from pipeline.actions.verify import verify_workspace
from pipeline.core.errors import BusyError, UsageError
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
