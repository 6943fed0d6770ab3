from __future__ import annotations

from pathlib import Path

from db.duplicates import near_pairs
from db.store.locks import job_lock
from db.store.store import Db, Store
from pipeline.actions.ingest import IngestOptions, ingest
from pipeline.actions.intake import catch_up
from pipeline.actions.job import CancelledError, JobRequest, spool_folder
from pipeline.core.records import Settings
from pipeline.sources.plan import plan_source
from tests.pipeline.photos import numbered_head


def leave_uncompared(store: Store) -> None:
    """As a run leaves it that was killed before it compared: two photos have the same hashes."""

    def work(db: Db) -> None:
        shas = [sha for (sha,) in db.execute("SELECT sha256 FROM images ORDER BY sha256 LIMIT 2").fetchall()]
        db.execute("DELETE FROM image_hashes WHERE sha256 IN (?, ?)", shas)
        near_pairs.put_hashes(db, [(sha, bytes(192)) for sha in shas])

    store.write(work)


def pairs(store: Store) -> int:
    return int(store.read(lambda db: db.execute("SELECT count(*) FROM near_pairs").fetchone()[0]))


def test_a_server_that_starts_does_what_a_killed_run_left(store: Store) -> None:
    leave_uncompared(store)
    before = pairs(store)
    with job_lock(store.root):
        catch_up(store)
    assert (store.read(near_pairs.waiting), pairs(store)) == (2, before)  # a job that runs does it itself
    catch_up(store)
    assert (store.read(near_pairs.waiting), pairs(store)) == (0, before + 1)


def test_a_cancelled_run_still_compares_what_it_took_in(store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "more"
    folder.mkdir()
    for number in (50, 51, 52):  # no photo of the workspace
        (folder / f"{number}.jpg").write_bytes(numbered_head(number))

    def cancel(done: int, _total: int | None) -> None:
        if done == 3:
            raise CancelledError("cancelled")

    plan = plan_source(folder, spool_folder(store), Settings().max_bytes)
    end = ingest(store, [plan], IngestOptions(Settings(), "serial"), JobRequest("ingest", {}, show=cancel))
    assert end is not None
    assert (end.state, store.read(lambda db: db.execute("SELECT count(*) FROM images").fetchone()[0])) == (
        "cancelled",
        15,
    )
    assert store.read(near_pairs.waiting) == 0
