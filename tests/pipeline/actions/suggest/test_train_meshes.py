"""What the Face Landmarker said of faces is learned from; faces without it are suggested for as before."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from db.store.store import Db, Store
from db.suggest import meshes, models
from pipeline.actions.suggest.train import train
from pipeline.faces.landmarker.values import COLUMNS
from tests.db.fresh import open_fresh
from tests.pipeline.actions.suggest.mouths import add_mouths, label
from tests.pipeline.actions.suggest.test_train import ids, suggested


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_fresh(tmp_path / "w") as opened:
        yield opened


def mesh(name: str, value: float) -> bytes:
    found = np.zeros(len(COLUMNS), np.float32)
    found[COLUMNS.index(name)] = value
    return found.astype("<f4").tobytes()


def put(store: Store, told: dict[str, bytes]) -> None:
    """A mesh for each of these faces."""

    def work(db: Db) -> None:
        for face, data in told.items():
            (landmarks,) = db.execute("SELECT landmarks FROM faces WHERE id = ?", [face]).fetchone()
            assert meshes.put(db, face, landmarks, data)

    store.write(work)


def test_with_no_label_the_mesh_decides_where_there_is_one(store: Store) -> None:
    faces = add_mouths(store, 4)
    put(store, {faces[0]: mesh("gap", 0.3), faces[1]: mesh("mouthSmileLeft", 1.0)})
    train(store)
    assert suggested(store, faces) == ["openmouth", "smile", "smile", "none"]


def test_it_is_learned_from_the_mesh_and_without_one_from_the_landmarks(store: Store) -> None:
    faces = add_mouths(store, 160)
    number = ids(store)
    sneers = {face: mesh("mouthFrownLeft", place % 2) for place, face in enumerate(faces[:140])}
    put(store, sneers)
    label(store, faces[:120], number["pout"], number["smile"])
    train(store)
    assert suggested(store, faces[120:]) == ["pout", "smile"] * 20
    model = store.read(lambda db: models.newest(db, "moue"))
    assert model is not None
    assert model.report["accuracy"] == 1.0
    assert store.read(meshes.count) == 140


def test_a_mesh_goes_when_the_landmarks_move_and_late_ones_are_not_kept(store: Store) -> None:
    faces = add_mouths(store, 2)
    put(store, {face: mesh("gap", 0.3) for face in faces})

    def move(db: Db) -> bytes:
        (before,) = db.execute("SELECT landmarks FROM faces WHERE id = ?", [faces[0]]).fetchone()
        db.execute("UPDATE faces SET landmarks = zeroblob(544) WHERE id = ?", [faces[0]])
        return bytes(before)

    before = store.write(move)
    assert store.read(meshes.count) == 1
    assert not store.write(lambda db: meshes.put(db, faces[0], before, mesh("gap", 0.3)))
    assert store.read(meshes.count) == 1


def test_images_without_a_mesh_are_found_in_their_order(store: Store) -> None:
    faces = add_mouths(store, 5)
    put(store, {faces[0]: mesh("gap", 0.3)})
    first = store.read(lambda db: meshes.images_without(db, "", 3))
    others = store.read(lambda db: meshes.images_without(db, first[-1], 3))
    assert len(first) == 3
    assert len(others) == 1
    assert first + others == sorted({*first, *others})
