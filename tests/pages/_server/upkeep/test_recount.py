"""The server has faces counted anew when a change of the rule left them waiting, and only then."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from db.projection.anew import recounts
from db.store.locks import recount_lock
from db.store.store import Store
from pages._server.upkeep import recount
from pages._server.upkeep.recount import RETRY_S, Recounter
from tests.db.fresh import open_fresh
from tests.pages._server.upkeep.test_backups import Child


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_fresh(tmp_path / "w")
    yield opened
    opened.close()


def test_a_program_is_begun_where_faces_wait_and_nobody_counts_them(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[Path] = []
    ends = [1, 0]
    monkeypatch.setattr(recount, "_spawn", lambda root: begun.append(root) or Child(ends[len(begun) - 1]))
    kept = Recounter(store)
    assert not kept.look(0.0)
    store.write(lambda db: recounts.begin(db, 0, 1))
    with recount_lock(store.root):
        assert not kept.look(1.0)
    assert kept.look(2.0)
    assert not kept.look(3.0)  # it failed: not again at once
    assert not kept.look(3.0 + RETRY_S - 1)
    assert kept.look(3.0 + RETRY_S)
    assert begun == [store.root] * 2


def test_the_program_counts_them(store: Store) -> None:
    store.write(lambda db: recounts.begin(db, 0, 1))
    child = recount._spawn(store.root)
    assert child.wait(60) == 0
    assert store.read(recounts.waiting) is None
