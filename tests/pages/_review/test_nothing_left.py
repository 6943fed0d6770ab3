"""Review without a face to show: what it says, and that faces that come meanwhile are shown without a press."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from db.store.locks import job_lock
from db.store.store import Store
from db.tables import jobs
from pages._components import review_grid
from pages._server import identity, workspace
from pipeline.core.records import Verdict
from tests.db.make import add_images
from tests.pages._review.test_filters import decided, page


@pytest.fixture
def store(empty: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setattr(identity, "identify", lambda cookies, headers: "Ann")
    return workspace.get_store()


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many faces the grid was given, each time."""
    given: list[int] = []

    def keep(data: dict[str, Any], **_: Any) -> None:
        given.append(len(data["items"]))

    monkeypatch.setattr(review_grid, "review_grid", keep)
    return given


def told(made: Any) -> list[str]:
    return [box.value for box in [*made.info, *made.success]]


def test_without_a_job_the_way_is_to_collect(store: Store) -> None:
    made = page()
    assert ["no faces yet" in text for text in told(made)] == [True]


def test_what_is_collected_meanwhile_comes_by_itself(store: Store, shown: list[int]) -> None:
    with job_lock(store.root):  # else its process would count as dead
        job = store.write(lambda db: jobs.start_job(db, "ingest", {"paths": ["/x"]}, os.getpid()))
        made = page()
        assert told(made) == ["Photos are being collected. Their faces come here by themselves."]
        add_images(store, ["a", "b"])
        made.run()  # as the page's own look does
        assert (told(made), shown) == ([], [2])
        store.write(lambda db: jobs.finish(db, job, "done"))


def test_where_all_is_decided_the_way_on_stays_in_sight(store: Store, shown: list[int]) -> None:
    (face,) = add_images(store, ["a"])
    decided(face, Verdict.REJECT)
    with job_lock(store.root):
        store.write(lambda db: jobs.start_job(db, "ingest", {"paths": ["/x"]}, os.getpid()))
        assert len(told(page())) == 2
    assert ["being collected" in text for text in told(page())] == [False]
