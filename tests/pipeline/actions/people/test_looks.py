"""Biometric data: off at first, gone without a trace when it is switched off, in no backup unless asked."""

from __future__ import annotations

import os
from itertools import combinations
from pathlib import Path

import pytest

from db.people import embeddings, persons, switch
from db.reads.counts import workspace_counts
from db.store.backup import backup
from db.store.store import Db, Store
from db.tables import audit
from pipeline.actions.people.erase import erase_person
from pipeline.actions.people.looks import switch_looks, tell_apart
from pipeline.actions.verify import verify_workspace
from tests.pipeline.commands import inside

REAL = os.environ.get("MOUE_TEST_FACES", "")


def vectors(store: Store) -> list[bytes]:
    rows = store.read(lambda db: db.execute("SELECT data FROM face_embeddings WHERE length(data) > 0").fetchall())
    return [data for (data,) in rows]


def holding(folder: Path, needles: list[bytes]) -> set[str]:
    """The files below a folder that hold a piece of one of these."""
    pieces = [needle[start : start + 32] for needle in needles for start in (0, 240, 480)]
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.name for path in files if any(piece in path.read_bytes() for piece in pieces)}


def test_faces_are_described_only_once_the_owner_switched_it_on(store: Store, faces: list[tuple[str, str]]) -> None:
    assert tell_apart(store).faces == 0
    assert store.read(embeddings.count) == 0
    switch_looks(store, True, by="Ann")
    assert tell_apart(store).faces == len(faces)
    assert store.read(embeddings.count) == len(faces)
    assert tell_apart(store).faces == 0  # nothing is described twice
    (row,) = (row for row in store.read(lambda db: list(audit.rows(db))) if row.action == "people_by_looks_on")
    assert row.annotator == "Ann"


def test_switching_off_leaves_no_byte_of_a_description(store: Store, faces: list[tuple[str, str]]) -> None:
    switch_looks(store, True)
    tell_apart(store)
    found = vectors(store)
    assert len(found) == len(faces)
    assert holding(store.root, found)  # they are found while they are there
    store.write(lambda db: db.execute("UPDATE faces SET x1 = x1 + 1"))  # described anew: the old ones went before
    tell_apart(store)
    done = switch_looks(store, False)
    assert (done.forgotten, done.log_emptied) == (len(faces), True)
    assert holding(store.root, found) == set()
    assert not store.read(switch.is_on)
    assert verify_workspace(store).findings == ()


def test_a_backup_holds_descriptions_only_where_they_are_asked_for(store: Store, tmp_path: Path) -> None:
    switch_looks(store, True)
    tell_apart(store)
    found = vectors(store)
    (tmp_path / "without").mkdir()
    (tmp_path / "with").mkdir()
    backup(store, tmp_path / "without" / "b.db")
    backup(store, tmp_path / "with" / "b.db", with_biometrics=True)
    assert holding(tmp_path / "without", found) == set()
    assert holding(tmp_path / "with", found) == {"b.db"}
    for kind, number in (("without", 0), ("with", len(found))):
        done = inside("restore", tmp_path / kind / "b.db", "--workspace", tmp_path / f"again-{kind}")
        assert done.returncode == 0, done.stderr
        with Store.open(tmp_path / f"again-{kind}") as again:
            assert again.read(embeddings.count) == number


def test_a_person_is_erased_with_all_photos_and_the_name(store: Store, faces: list[tuple[str, str]]) -> None:
    def name(db: Db) -> None:
        person = persons.ensure_named(db, "Xanthippe Quux")
        for face, _ in faces[:3]:
            db.execute("INSERT INTO face_persons VALUES (?, ?, 'list')", [face, person])
        other = persons.ensure_named(db, "Somebody Else")
        db.execute("INSERT INTO face_persons VALUES (?, ?, 'list')", [faces[3][0], other])

    store.write(name)
    written = [store.root / "moue.db", store.root / "moue.db-wal"]
    assert any(b"Xanthippe" in file.read_bytes() for file in written)
    number = {text: person for person, text in store.read(persons.names).items()}
    done = erase_person(store, number["Xanthippe Quux"])
    assert {one.plan.sha256 for one in done.images} == {sha for _, sha in faces[:3]}
    assert done.shared == 0
    assert store.read(workspace_counts).images == len(faces) - 3
    assert list(store.read(persons.names).values()) == ["Somebody Else"]
    store.empty_log()
    assert not any(b"Xanthippe" in file.read_bytes() for file in written)
    assert verify_workspace(store).findings == ()


@pytest.mark.skipif(not REAL, reason="MOUE_TEST_FACES is not set: the figures on real photos of people are not tried")
def test_the_close_ups_of_one_person_are_told_from_those_of_others(tmp_path: Path) -> None:
    """The files are called after the persons: `George_W_Bush_0010.jpg`."""
    done = inside("ingest", Path(REAL) / "closeups", "--executor", "serial", "--workspace", tmp_path / "w")
    assert done.returncode == 0, done.stderr
    with Store.open(tmp_path / "w") as store:
        switch_looks(store, True)
        told = tell_apart(store)
        rows = store.read(
            lambda db: db.execute(
                "SELECT f.id, g.location FROM faces f JOIN sightings g ON g.sha256 = f.sha256"
                " JOIN face_state t ON t.face_id = f.id"
            ).fetchall()
        )
        of = store.read(persons.person_of_faces)
    named = {face: Path(place).name.rpartition("_")[0] for face, place in rows}
    pairs = [(named[a] == named[b], a in of and of.get(a) == of.get(b)) for a, b in combinations(named, 2)]
    same = [joined for is_same, joined in pairs if is_same]
    wrong = sum(joined for is_same, joined in pairs if not is_same)
    assert told.faces >= 125
    assert len(same) >= 17
    assert sum(same) / len(same) >= 0.8
    assert wrong <= 2
