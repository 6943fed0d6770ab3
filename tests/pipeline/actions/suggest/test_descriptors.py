"""Vectors of crops are computed in the background, go stale with their crop, and order Review."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from db.images.erase import erase
from db.projection import looks
from db.projection.filters import ReviewFilter
from db.reads.review import review_page
from db.store.store import Store
from db.suggest import descriptors
from pipeline.actions.suggest.descriptors import update_descriptors
from pipeline.core.errors import UsageError
from pipeline.files.blobs import BlobStore
from pipeline.suggest import descriptor
from tests.pipeline import commands as cli
from tests.pipeline.photos import numbered_head


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Four photos with a face each."""
    folder = tmp_path / "photos"
    folder.mkdir()
    for number in (1, 2, 3, 4):
        (folder / f"{number}.jpg").write_bytes(numbered_head(number))
    cli.ingest(tmp_path / "w", folder)
    with Store.open(tmp_path / "w") as opened:
        yield opened


def listed(store: Store) -> list[tuple[int, str, str]]:
    return store.read(lambda db: db.execute("SELECT seq, id, sha256 FROM faces ORDER BY seq").fetchall())


def ordered(store: Store, order: str) -> list[str]:
    page = store.read(lambda db: review_page(db, ReviewFilter("all", order=order), 10))
    return [one.face_id for one in page.items]


def test_the_database_and_the_algorithm_mean_the_same_vectors() -> None:
    assert looks.DIMENSIONS == descriptor.DIMENSIONS


def test_each_face_is_described_once_and_the_nearest_come_first(store: Store) -> None:
    faces = listed(store)
    assert store.read(descriptors.are_due)
    assert update_descriptors(store) == len(faces)
    assert not store.read(descriptors.are_due)
    assert update_descriptors(store) == 0
    seqs, rows = store.read(looks.vectors)
    assert seqs.tolist() == [seq for seq, _, _ in faces]
    apart = [float(np.linalg.norm(row.astype(float) - rows[1].astype(float))) for row in rows]
    wanted = [faces[at][1] for at in sorted(range(len(faces)), key=lambda at: (apart[at], at))]
    assert ordered(store, f"looks:{faces[1][1]}") == wanted
    assert wanted[0] == faces[1][1]


def test_what_has_no_vector_comes_last_and_a_wrong_id_is_refused(store: Store) -> None:
    faces = [face for _, face, _ in listed(store)]
    assert ordered(store, f"looks:{faces[2]}") == [faces[2], faces[0], faces[1], faces[3]]
    assert ordered(store, f"looks:{'0' * 32}") == faces
    with pytest.raises(UsageError, match="no face id"):
        ordered(store, "looks:me")


def test_a_changed_crop_is_described_anew_and_an_altered_file_never(store: Store) -> None:
    faces = listed(store)
    update_descriptors(store)
    store.write(lambda db: db.execute("UPDATE faces SET crop_version = 'other' WHERE seq = ?", [faces[0][0]]))
    assert faces[0][0] not in store.read(looks.vectors)[0]
    assert update_descriptors(store) == 1
    assert faces[0][0] not in store.read(looks.vectors)[0], "the file holds other bytes than the row says"
    blobs = BlobStore(store.root)
    store.write(lambda db: db.execute("DELETE FROM descriptors WHERE seq = ?", [faces[1][0]]))
    blobs.path("crops", faces[1][1], "png").unlink()
    assert update_descriptors(store) == 1
    assert store.read(looks.vectors)[0].tolist() == [seq for seq, _, _ in faces[2:]]


def test_an_erased_face_leaves_no_vector(store: Store) -> None:
    faces = listed(store)
    update_descriptors(store)
    store.write(lambda db: erase(db, faces[0][2]))
    assert store.read(lambda db: db.execute("SELECT count(*) FROM descriptors").fetchone()[0]) == len(faces) - 1


def test_a_basis_of_few_crops_is_replaced_once_there_are_twice_as_many(store: Store, tmp_path: Path) -> None:
    update_descriptors(store)
    before = store.read(looks.newest_basis)
    more = tmp_path / "more"
    more.mkdir()
    for number in range(5, 10):
        (more / f"{number}.jpg").write_bytes(numbered_head(number))
    cli.ingest(tmp_path / "w", more)
    assert update_descriptors(store) == 9
    assert store.read(looks.newest_basis) != before
    assert store.read(lambda db: db.execute("SELECT DISTINCT basis_id FROM descriptors").fetchall()) == [
        (store.read(looks.newest_basis),)
    ]
    assert store.read(lambda db: db.execute("SELECT count(*) FROM descriptor_bases").fetchone()[0]) == 1
