"""The stored mouths that look most like the one on a photo from elsewhere: nothing of it is kept."""

from __future__ import annotations

import hashlib
from pathlib import Path

import cv2
import numpy as np
import pytest

from db.projection import looks
from db.store.store import Store
from pipeline.actions.suggest.descriptors import update_descriptors
from pipeline.actions.suggest.similar import find_similar
from pipeline.core.errors import UndecodableError, UsageError
from tests.pipeline import commands as cli
from tests.pipeline.photos import numbered_head

NUMBERS = (1, 2, 3, 4, 5)


@pytest.fixture(scope="module")
def ingested(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Photos with a face each, described."""
    folder = tmp_path_factory.mktemp("similar")
    (folder / "photos").mkdir()
    for number in NUMBERS:
        (folder / "photos" / f"{number}.jpg").write_bytes(numbered_head(number))
    cli.ingest(folder / "w", folder / "photos")
    with Store.open(folder / "w") as store:
        update_descriptors(store)
    return folder / "w"


def face_on(store: Store, data: bytes) -> str:
    sha = hashlib.sha256(data).hexdigest()
    return str(store.read(lambda db: db.execute("SELECT id FROM faces WHERE sha256 = ?", [sha]).fetchone()[0]))


def files_below(root: Path) -> dict[str, int]:
    return {
        str(path): path.stat().st_mtime_ns for path in root.rglob("*") if path.is_file() and "moue.db" not in path.name
    }


@pytest.mark.parametrize("number", NUMBERS)
def test_a_photo_that_is_here_finds_its_own_face_first(ingested: Path, number: int) -> None:
    with Store.open(ingested) as store:
        before, rows = (
            files_below(ingested),
            store.read(lambda db: db.execute("SELECT count(*) FROM images").fetchone()),
        )
        data = numbered_head(number)
        found = find_similar(store, data, "x.jpg", 3)
        assert found.on_photo == 1
        assert found.near[0].face_id == face_on(store, data)
        assert found.near[0].distance < 0.02  # the stored vector has 16 bits a number
        assert [one.distance for one in found.near] == sorted(one.distance for one in found.near)
        seqs, vectors = store.read(looks.vectors)
        own = vectors[seqs.tolist().index(found.near[0].seq)]
        apart = {seq: float(np.linalg.norm(row - own)) for seq, row in zip(seqs.tolist(), vectors, strict=True)}
        assert {one.seq for one in found.near} == set(sorted(apart, key=apart.__getitem__)[:3])
        assert files_below(ingested) == before
        assert store.read(lambda db: db.execute("SELECT count(*) FROM images").fetchone()) == rows


def test_a_face_that_was_taken_out_is_not_found(ingested: Path) -> None:
    with Store.open(ingested) as store:
        data = numbered_head(2)
        face = face_on(store, data)
        state = store.read(lambda db: db.execute("SELECT * FROM face_state WHERE face_id = ?", [face]).fetchone())
        store.write(lambda db: db.execute("DELETE FROM face_state WHERE face_id = ?", [face]))
        found = find_similar(store, data, "x.jpg", 9)
        marks = ", ".join("?" * len(state))
        store.write(lambda db: db.execute(f"INSERT INTO face_state VALUES ({marks})", list(state)))
        assert face not in {one.face_id for one in found.near}
        assert len(found.near) == len(NUMBERS) - 1


def test_what_is_no_photo_of_a_face_is_refused_with_the_reason(ingested: Path, tmp_path: Path) -> None:
    plain = cv2.imencode(".png", np.full((300, 400, 3), 128, np.uint8))[1].tobytes()
    with Store.open(ingested) as store:
        with pytest.raises(UsageError, match="found no face"):
            find_similar(store, plain, "x.png", 3)
        with pytest.raises(UndecodableError):
            find_similar(store, numbered_head(1)[:2000], "x.jpg", 3)
    with Store.open(tmp_path / "empty") as empty, pytest.raises(UsageError, match="no mouth is described here yet"):
        find_similar(empty, numbered_head(1), "x.jpg", 3)
