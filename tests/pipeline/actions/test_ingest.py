from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from db.reads.counts import workspace_counts
from db.reads.sources import list_sources
from db.store.locks import job_lock
from db.store.store import Store
from pipeline.actions.ingest import IngestOptions, as_uploads, ingest
from pipeline.actions.job import JobRequest, spool_folder
from pipeline.actions.watch import watch_folder
from pipeline.core.errors import BusyError, UsageError
from pipeline.core.outcome import Outcome
from pipeline.core.records import Settings
from pipeline.sources.plan import SourcePlan, plan_source
from tests.db.fresh import open_fresh
from tests.pipeline.photos import coffee, numbered_head

OPTIONS = IngestOptions(Settings(), "serial")
REQUEST = JobRequest("ingest", {})


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_fresh(tmp_path / "workspace") as opened:
        yield opened


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    (folder / "a.jpg").write_bytes(numbered_head(1))
    (folder / "b.png").write_bytes(coffee().read_bytes())
    return folder


def planned(store: Store, path: Path) -> SourcePlan:
    return plan_source(path, spool_folder(store), Settings().max_bytes)


def test_a_folder_is_taken_in_and_its_progress_shown(store: Store, photos: Path) -> None:
    shown: list[tuple[int, int | None]] = []
    request = JobRequest("ingest", {}, show=lambda done, total: shown.append((done, total)))
    end = ingest(store, [planned(store, photos)], OPTIONS, request)
    assert end is not None
    assert (end.state, end.progress.faces) == ("done", 1)
    assert end.progress.counts == {Outcome.ADDED: 1, Outcome.NO_FACE: 1}
    assert shown[-1] == (2, 2)
    assert store.read(workspace_counts).images == 2


def test_single_files_of_one_folder_are_one_source(store: Store, photos: Path) -> None:
    ingest(store, [planned(store, path) for path in sorted(photos.iterdir())], OPTIONS, REQUEST)
    (source,) = store.read(list_sources)
    assert (source.kind, source.location, source.images) == ("file", str(photos), 2)


def test_uploads_lie_in_the_workspace_and_are_emptied(store: Store, photos: Path) -> None:
    with pytest.raises(UsageError, match="is no upload"):
        as_uploads(store, [planned(store, photos)])
    incoming = store.root / ".incoming" / "one"
    incoming.parent.mkdir(exist_ok=True)
    photos.rename(incoming)
    plans = as_uploads(store, [planned(store, incoming)])
    ingest(store, plans, IngestOptions(Settings(), "serial", source_kind="upload", source_name="one"), REQUEST)
    assert not incoming.exists()
    (source,) = store.read(list_sources)
    assert (source.kind, source.location, source.images) == ("upload", "one", 2)


def test_nothing_is_taken_in_while_another_job_runs(store: Store, photos: Path) -> None:
    with job_lock(store.root), pytest.raises(BusyError):
        ingest(store, [planned(store, photos)], OPTIONS, REQUEST)
    assert store.read(workspace_counts).images == 0


def test_one_folder_alone_can_be_watched(store: Store, photos: Path) -> None:
    with pytest.raises(UsageError, match="one folder"):
        watch_folder(store, [planned(store, photos)] * 2, OPTIONS, REQUEST, 1.0)
    with pytest.raises(UsageError, match="cannot be watched"):
        watch_folder(store, [planned(store, photos / "a.jpg")], OPTIONS, REQUEST, 1.0)
