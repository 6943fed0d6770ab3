"""The server makes backups by itself: when one is due, and only then."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from db.store.store import Store
from pages._server.upkeep import backups
from pages._server.upkeep.backups import Keeper, Schedule
from pipeline.actions.backups import rotation
from pipeline.core.errors import UsageError
from tests.db.fresh import open_fresh

NOW = datetime(2026, 11, 28, 12, 0, 0, tzinfo=UTC)
SIX = Schedule(timedelta(hours=6), 3, "")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_fresh(tmp_path / "w")
    yield opened
    opened.close()


class Child:
    """A process that ended, or did not yet."""

    def __init__(self, code: int | None) -> None:
        self.code = code

    def poll(self) -> int | None:
        return self.code


@pytest.mark.parametrize(
    ("said", "every"),
    [("", None), ("30m", timedelta(minutes=30)), ("6h", timedelta(hours=6)), (" 2 d ", timedelta(days=2))],
)
def test_how_often(monkeypatch: pytest.MonkeyPatch, said: str, every: timedelta | None) -> None:
    monkeypatch.setenv(backups.EVERY, said)
    assert backups.schedule().every == every


@pytest.mark.parametrize("said", ["0h", "6", "often", "-1h", "6 hours", "99999999h"])
def test_a_span_that_is_none_is_told(monkeypatch: pytest.MonkeyPatch, said: str) -> None:
    monkeypatch.setenv(backups.EVERY, said)
    with pytest.raises(UsageError, match="30m, 6h or 1d"):
        backups.schedule()


def test_one_is_due_when_the_newest_is_too_old_or_none_is_there(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[Schedule] = []
    monkeypatch.setattr(backups, "_spawn", lambda _root, plan: begun.append(plan) or Child(0))
    keeper = Keeper(store, SIX)
    assert keeper.look(NOW)
    rotation.make(store, now=NOW)
    assert not keeper.look(NOW + timedelta(hours=5, minutes=59))
    assert keeper.look(NOW + timedelta(hours=6))
    assert keeper.look(NOW - timedelta(days=1))  # the clock went back
    assert begun == [SIX] * 3


def test_never_two_at_once_and_not_at_once_again_after_one_that_failed(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    child = Child(None)
    monkeypatch.setattr(backups, "_spawn", lambda _root, _plan: child)
    keeper = Keeper(store, SIX)
    assert keeper.look(NOW)
    assert not keeper.look(NOW + timedelta(minutes=1))
    child.code = 1
    assert not keeper.look(NOW + timedelta(minutes=2))
    assert not keeper.look(NOW + timedelta(minutes=11))
    child.code = None
    assert keeper.look(NOW + timedelta(minutes=12))


def test_the_process_really_makes_one(store: Store) -> None:
    keeper = Keeper(store, SIX)
    assert keeper.look(datetime.now(UTC))
    keeper.stop()
    assert len(rotation.kept(store.root / "backups")) == 1
    assert backups.said(store.root) == ""
    assert not keeper.look(datetime.now(UTC))
