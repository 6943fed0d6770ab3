"""Whether anything was changed since one looked last."""

from __future__ import annotations

from pathlib import Path

from db.store.store import Store
from db.store.watch import Watch
from db.tables.annotators import ensure_annotator
from tests.db.fresh import fresh


def test_each_commit_gives_another_number_and_a_look_none(tmp_path: Path) -> None:
    fresh(tmp_path)
    with Store.open(tmp_path) as store:
        watch = Watch(store.file)
        first = watch.version()
        store.read(lambda db: db.execute("SELECT count(*) FROM faces").fetchone())
        store.write(lambda db: None)
        assert watch.version() == first
        store.write(lambda db: ensure_annotator(db, "Ada"))
        second = watch.version()
        assert second != first
        with Store.open(tmp_path) as other:  # as another process does
            other.write(lambda db: ensure_annotator(db, "Bob"))
        assert watch.version() not in (first, second)
        watch.close()
