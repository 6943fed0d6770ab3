from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path
from types import SimpleNamespace

import pytest

from db.decisions import changes
from db.decisions.changes import Changes, changes_since, mark_of, newest_seq
from db.decisions.log import apply_ops
from db.decisions.ops import FaceState, UndoOp
from db.store.store import Store
from pipeline.core.records import Verdict
from tests.db.make import add_images, decide, new_uuid, wait_for_a_mark


def test_nothing_decided(store: Store) -> None:
    add_images(store, ["a"])
    assert store.read(newest_seq) == 0
    assert store.read(lambda db: changes_since(db, 0)) == Changes(0)


def test_what_is_behind_a_number_each_face_once_as_it_is_now(store: Store) -> None:
    faces = add_images(store, ["a", "b", "c"])
    ops = store.read(lambda db: [decide(db, faces[0]), decide(db, faces[1]), decide(db, faces[1], Verdict.UNSURE)])
    store.write(lambda db: apply_ops(db, "Ann", ops[:1]))
    assert store.read(newest_seq) == 1
    store.write(lambda db: apply_ops(db, "Bob", ops[1:], now="2026-01-02T03:04:05.678Z"))
    found = store.read(lambda db: changes_since(db, 1))
    newest = FaceState(faces[1], "unsure", None, None, "Bob", "2026-01-02T03:04:05.678Z", ops[2].uuid)
    assert found == Changes(3, (newest,))
    assert store.read(lambda db: changes_since(db, 3)) == Changes(3)
    assert {f.face_id for f in store.read(lambda db: changes_since(db, 0)).faces} == set(faces[:2])


def test_an_undo_is_a_change(store: Store) -> None:
    (face,) = add_images(store, ["a"])
    store.write(lambda db: apply_ops(db, "Ann", [decide(db, face)]))
    store.write(lambda db: apply_ops(db, "Ann", [UndoOp(new_uuid())]))
    assert store.read(lambda db: changes_since(db, 1)) == Changes(2, (FaceState(face),))


def test_many_come_in_pieces_and_none_is_left_out(store: Store) -> None:
    faces = add_images(store, [f"i{n}" for n in range(7)])
    store.write(lambda db: apply_ops(db, "Ann", [decide(db, face) for face in faces]))
    after, met = 0, []
    while True:
        found = store.read(lambda db, a=after: changes_since(db, a, most=3))  # type: ignore[misc]
        met.append([f.face_id for f in found.faces])
        after = found.seq
        if not found.more:
            break
    assert met == [faces[:3], faces[3:6], faces[6:]]
    assert after == 7


def test_a_face_that_is_erased_is_left_out(store: Store) -> None:
    (face,) = add_images(store, ["a"])
    store.write(lambda db: apply_ops(db, "Ann", [decide(db, face)]))
    store.write(lambda db: db.execute("DELETE FROM face_state WHERE face_id = ?", [face]))
    assert store.read(lambda db: changes_since(db, 0)) == Changes(1)


def test_the_mark_is_another_after_each_commit_of_whoever_writes(store: Store) -> None:
    add_images(store, ["a", "b"])
    before = wait_for_a_mark(store.file)
    assert mark_of(store.file) == before  # reading changes nothing
    store.read(newest_seq)
    assert mark_of(store.file) == before
    add_images(store, ["c"])
    after = wait_for_a_mark(store.file)
    with Store.open(store.root) as other:
        other.write(lambda db: db.execute("INSERT INTO meta (key, value) VALUES ('other', '1')"))
    assert len({before, after, wait_for_a_mark(store.file)}) == 3


def test_a_write_that_is_too_young_to_be_told_from_the_next_one_has_no_mark(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_images(store, ["a"])
    wal = store.file.with_name(f"{store.file.name}-wal").stat()
    for ms, mark in ((0, None), (100, None), (101, (wal.st_size, wal.st_mtime_ns))):
        now = SimpleNamespace(time_ns=lambda ms=ms: wal.st_mtime_ns + ms * 1_000_000)
        monkeypatch.setattr(changes, "time", now)
        assert mark_of(store.file) == mark, ms


def test_a_database_that_nobody_has_open_has_no_mark(tmp_path: Path) -> None:
    assert mark_of(tmp_path / "moue.db") is None
    (tmp_path / "moue.db-wal").write_bytes(b"x")
    assert mark_of(tmp_path / "moue.db") is None
    os.utime(tmp_path / "moue.db-wal", ns=(1, 1_000_000))
    assert mark_of(tmp_path / "moue.db") == (1, 1_000_000)


def test_a_state_as_a_dict_has_all_its_fields_in_their_order() -> None:
    state = FaceState("f", "accept", 3, None, "Ann", "2026-01-31", "u", "tie")
    assert list(state.as_dict().items()) == list(asdict(state).items())
