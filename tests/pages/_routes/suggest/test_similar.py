"""POST /api/similar: what the command finds is kept as a selection; who may, and what is refused."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from db.projection import selections
from db.projection.columns import Faces
from db.store.store import Store
from db.tables.annotators import ensure_annotator
from pages._routes.suggest import similar
from pages._server import workspace
from pipeline.actions.suggest.descriptors import update_descriptors
from tests.pages._routes.conftest import client_at
from tests.pipeline import commands as cli
from tests.pipeline.photos import numbered_head

GIVE = "INSERT OR REPLACE INTO roles VALUES (?, ?, 'Ann', '2026-01-31')"


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("described")
    (folder / "photos").mkdir()
    for number in (1, 2, 3):
        (folder / "photos" / f"{number}.jpg").write_bytes(numbered_head(number))
    cli.ingest(folder / "w", folder / "photos")
    with Store.open(folder / "w") as store:
        update_descriptors(store)
        for name, role in (("Ann", "owner"), ("Vic", "viewer")):
            store.write(lambda db, name=name: ensure_annotator(db, name))
            store.write(lambda db, given=(name, role): db.execute(GIVE, given))
    return folder / "w"


@pytest.fixture
def store(described: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    shutil.copytree(described, tmp_path / "w")
    monkeypatch.setenv("MOUE_WORKSPACE", str(tmp_path / "w"))
    monkeypatch.setenv("MOUE_HOSTS", "testserver")
    monkeypatch.delenv("MOUE_AUTH", raising=False)
    yield workspace.get_store()
    workspace.close_store()


def files_below(root: Path) -> set[Path]:
    """The log and the key of cookies are the server's."""
    return {path for path in root.rglob("*") if path.is_file() and path.name not in ("moue.log", ".secret")}


def post(data: bytes, name: str = "Ann") -> Any:
    return client_at(name, *similar.routes).post("/api/similar", content=data, headers={"Origin": "http://testserver"})


def test_the_nearest_become_a_selection_and_nothing_of_the_photo_stays(store: Store) -> None:
    before = files_below(store.root)
    answer = post(numbered_head(2))
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert (told["faces"], told["on_photo"]) == (3, 1)
    seq, sha = store.read(
        lambda db: db.execute("SELECT seq, sha256 FROM faces WHERE id = ?", [told["nearest"]]).fetchone()
    )
    (own,) = store.read(lambda db: db.execute("SELECT sha256 FROM images WHERE original LIKE '%2.jpg'").fetchall())
    assert (sha,) == own
    mask = store.read(lambda db: selections.mask(Faces(db), told["id"]))
    assert mask[seq]
    assert mask.sum() == 3
    assert files_below(store.root) == before
    assert store.read(lambda db: db.execute("SELECT count(*) FROM images").fetchone()) == (3,)


@pytest.mark.parametrize("data", [b"", b"no photo at all", numbered_head(1)[:3000]])
def test_what_is_no_photo_is_refused_in_words_and_nothing_is_kept(store: Store, data: bytes) -> None:
    answer = post(data)
    assert answer.status_code == 422
    assert "cannot be searched by" in answer.json()["error"]
    assert store.read(selections.ids) == frozenset()


def test_who_only_looks_keeps_no_selection(store: Store) -> None:
    assert post(numbered_head(1), "Vic").status_code == 403


def test_too_much_and_too_long_are_told_apart(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(similar, "PATIENCE_S", 0.01)
    answer = post(numbered_head(1))
    assert (answer.status_code, "took longer" in answer.json()["error"]) == (503, True)
    monkeypatch.setattr(similar, "MOST_BYTES", 10)
    assert post(numbered_head(1)).status_code == 413
