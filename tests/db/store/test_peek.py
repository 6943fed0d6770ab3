"""A look into a workspace that is not open: nothing is opened, migrated or made."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from db.reads.counts import workspace_counts
from db.store.locks import exchange_lock, server_lock
from db.store.peek import peek
from db.store.store import Store
from tests.db import make
from tests.db.fresh import fresh


def test_counts_are_those_of_the_open_workspace(tmp_path: Path) -> None:
    with Store.open(fresh(tmp_path)) as store:
        make.add_images(store, ["x", "y", "z"])
        while_open = peek(tmp_path, workspace_counts)
        assert while_open == store.read(workspace_counts)
    assert while_open is not None
    assert while_open.undecided == 3
    with server_lock(tmp_path):  # another server's
        assert peek(tmp_path, workspace_counts) == while_open


def test_what_cannot_be_told_is_none_and_stays_what_it_is(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert peek(tmp_path / "empty", workspace_counts) is None
    assert list((tmp_path / "empty").iterdir()) == []
    (tmp_path / "old").mkdir()
    with sqlite3.connect(tmp_path / "old" / "moue.db") as old:
        old.execute("CREATE TABLE images (x)")
    before = (tmp_path / "old" / "moue.db").read_bytes()
    assert peek(tmp_path / "old", workspace_counts) is None
    assert (tmp_path / "old" / "moue.db").read_bytes() == before
    fresh(tmp_path / "restored")
    with exchange_lock(tmp_path / "restored"):
        assert peek(tmp_path / "restored", workspace_counts) is None
    assert peek(tmp_path / "restored", workspace_counts) is not None
