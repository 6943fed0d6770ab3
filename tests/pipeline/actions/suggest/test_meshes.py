"""Faces of before the landmarker was installed get their mesh later."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from db.store.store import Store
from db.suggest import meshes
from models import landmarker
from pipeline.actions.suggest.meshes import place_missing
from tests.pipeline import commands as cli
from tests.pipeline.photos import numbered_head


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Three photos, none of them with a mesh; the third is gone."""
    folder = tmp_path / "photos"
    folder.mkdir()
    for number in (1, 2, 3):
        (folder / f"{number}.jpg").write_bytes(numbered_head(number))
    cli.ingest(tmp_path / "w", folder)
    (folder / "3.jpg").unlink()
    with Store.open(tmp_path / "w") as opened:
        opened.write(lambda db: db.execute("DELETE FROM face_meshes"))
        opened.write(lambda db: db.execute("UPDATE face_quality SET mouth_disagreement = 2147483647"))
        yield opened


def nothing(phase: str, done: int, total: int) -> None:
    """Nobody looks."""


@pytest.mark.skipif(not landmarker.is_installed(), reason="the landmarker is not installed: no mesh is placed later")
def test_they_are_placed_where_the_pixels_are_left(store: Store) -> None:
    told: list[int] = []
    assert place_missing(store, 1, lambda phase, done, total: told.append(done)) == 1
    assert store.read(meshes.count) == 1
    assert place_missing(store, None, nothing) == 1
    assert store.read(meshes.count) == 2
    assert told == [1]
    compared = "SELECT count(*) FROM face_quality WHERE mouth_disagreement BETWEEN 1 AND 200"
    assert store.read(lambda db: db.execute(compared).fetchone()) == (2,)
    assert len(store.read(lambda db: meshes.images_without(db, "", 9))) == 1


def test_without_the_landmarker_nothing_is_done(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(landmarker, "find_spec", lambda name: None)
    assert place_missing(store, None, nothing) == 0
    assert store.read(meshes.count) == 0
