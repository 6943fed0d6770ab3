"""The clock is set back by a day amid the work: the log keeps its order, claims end, nothing wrong is deleted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import fsspec
import pytest

from db.base import clock
from db.decisions.log import apply_ops
from db.decisions.ops import DecideOp, UndoOp
from db.decisions.verify import verify
from db.projection.filters import ReviewFilter
from db.store.store import Store
from db.tables import jobs
from db.tables.annotators import ensure_annotator
from db.team import claims, handover, notes
from pages._server.upkeep import backups
from pages._server.upkeep.backups import Keeper, Schedule
from pipeline.actions.backups import rotation
from pipeline.core.records import Verdict
from tests.db.fresh import open_fresh
from tests.db.make import add_images, new_uuid

NOW = datetime(2026, 11, 28, 10, 0, 0, tzinfo=UTC)
DAY = timedelta(days=1)
SetClock = Callable[[datetime], None]


@pytest.fixture
def set_clock(monkeypatch: pytest.MonkeyPatch) -> SetClock:
    """What tells Moue's clock the time."""

    class Told(datetime):
        at = NOW

        @classmethod
        def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
            return cls.at

    monkeypatch.setattr(clock, "datetime", Told)
    return lambda moment: setattr(Told, "at", moment)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_fresh(tmp_path / "w")
    add_images(opened, [f"photo {number}" for number in range(6)])
    opened.write(lambda db: [ensure_annotator(db, name) for name in ("Ann", "Bo")])
    yield opened
    opened.close()


def faces_of(store: Store) -> list[tuple[str, str]]:
    return store.read(lambda db: db.execute("SELECT id, sha256 FROM faces ORDER BY seq").fetchall())


def test_the_log_keeps_the_order_in_which_it_was_written(store: Store, set_clock: SetClock) -> None:
    """The last answer stands, an undo takes back the last step, whatever the times say."""
    (face, sha256), *_ = faces_of(store)
    keys = [new_uuid() for _ in range(3)]
    for day, key, verdict in zip((2, 1, 0), keys, (Verdict.REJECT, Verdict.UNSURE, Verdict.ACCEPT), strict=True):
        set_clock(NOW - (2 - day) * DAY)
        op = DecideOp(key, key, face, sha256, verdict, 1 if verdict is Verdict.ACCEPT else None, None)
        assert [result.status for result in store.write(partial(apply_ops, annotator="Ann", ops=[op]))] == ["saved"]
    assert standing(store, face) == "accept"
    set_clock(NOW - 3 * DAY)
    undo = UndoOp(new_uuid(), keys[2])
    store.write(partial(apply_ops, annotator="Ann", ops=[undo]))
    assert standing(store, face) == "unsure"
    order = store.read(lambda db: db.execute("SELECT uuid FROM decisions ORDER BY seq").fetchall())
    assert [key for (key,) in order][:3] == keys
    assert store.read(verify) == []


def standing(store: Store, face: str) -> str:
    sql = "SELECT verdict FROM face_state WHERE face_id = ?"
    return str(store.read(lambda db: db.execute(sql, [face]).fetchone()[0]))


def test_a_claim_from_before_ends_at_once_for_others_and_its_page_keeps_it(store: Store) -> None:
    before = int(NOW.timestamp())
    now = before - 86_400
    left = store.write(lambda db: claims.claim_next(db, "Ann", ReviewFilter(), 3, before))
    assert len(left.faces) == 3
    assert store.read(lambda db: claims.claimed_by_others(db, "Bo", left.faces, now)) == {}
    assert store.read(lambda db: claims.state_of_claims(db, now)) == ("", None)
    assert store.read(lambda db: handover.hand_over(db, "Ann", "Bo", now=now)).claimed == 0
    assert store.write(lambda db: claims.renew(db, "Ann", left.id, now))  # its page lives
    told = store.read(lambda db: claims.claimed_by_others(db, "Bo", left.faces, now))
    assert told == dict.fromkeys(left.faces, "Ann")
    later = now + claims.SECONDS
    given = store.write(lambda db: claims.claim_next(db, "Bo", ReviewFilter(), 6, later))
    assert set(left.faces) < set(given.faces)


def test_a_claim_that_nobody_renews_holds_no_face_for_a_day(store: Store) -> None:
    before = int(NOW.timestamp())
    left = store.write(lambda db: claims.claim_next(db, "Ann", ReviewFilter(), 6, before))
    given = store.write(lambda db: claims.claim_next(db, "Bo", ReviewFilter(), 6, before - 86_400))
    assert given.faces == left.faces


def test_notes_and_jobs_stand_in_the_order_in_which_they_came(store: Store, set_clock: SetClock) -> None:
    (face, _), *_ = faces_of(store)
    started = []
    for days, text in enumerate(("a yawn?", "no, a laugh", "agreed")):
        set_clock(NOW - days * DAY)
        store.write(partial(notes.add_note, annotator="Ann", face_id=face, key=new_uuid(), text=text))
        started.append(store.write(lambda db: jobs.start_job(db, "ingest", {}, 1)))
        if days == 0:
            store.write(partial(jobs.finish, job_id=started[0], state="done"))
    assert [one.text for one in store.read(lambda db: notes.thread_of(db, face)).notes] == [
        "a yawn?", "no, a laugh", "agreed",
    ]  # fmt: skip
    assert [one.id for one in store.read(jobs.jobs_recent)] == started[::-1]
    assert len(store.read(jobs.newest_interrupted_spans)) == 2  # behind the one that ended


def test_a_backup_made_then_is_the_newest_and_stays(store: Store) -> None:
    kept = [rotation.make(store, keep=3, to="memory://clock/back", now=NOW + n * DAY).file.name for n in range(3)]
    made = rotation.make(store, keep=3, to="memory://clock/back", now=NOW + DAY)
    folder = store.root / "backups"
    assert made.file.is_file()
    assert [one.file.name for one in rotation.kept(folder)] == [made.file.name, *kept[:0:-1]]
    assert made.deleted == (kept[0], f"memory://clock/back/{kept[0]}")
    there = fsspec.filesystem("memory").ls("/clock/back", detail=False)
    assert {name.rpartition("/")[2] for name in there} == {made.file.name, *kept[1:]}


def test_the_server_makes_one_and_then_waits_as_long_as_ever(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[datetime] = []

    class Ended:
        def poll(self) -> int:
            return 0

    def spawn(*_: object) -> Ended:
        rotation.make(store, keep=3, now=begun[-1])
        return Ended()

    monkeypatch.setattr(backups, "_spawn", spawn)
    keeper = Keeper(store, Schedule(timedelta(hours=6), 3, ""))
    looked = [NOW, *(NOW - DAY + timedelta(minutes=minutes) for minutes in (0, 1, 2, 359, 360, 361))]
    made = []
    for moment in looked:
        begun.append(moment)
        if keeper.look(moment):
            made.append(moment)
    assert made == [NOW, NOW - DAY, NOW - DAY + timedelta(hours=6)]
