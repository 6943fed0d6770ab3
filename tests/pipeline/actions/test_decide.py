from __future__ import annotations

import uuid
from dataclasses import replace
from pathlib import Path

import pytest

from db.decisions.log import apply_ops, verify_chain
from db.decisions.ops import UndoOp
from db.reads.counts import workspace_counts
from db.store.store import Store
from pipeline.actions.decide import Decided, decide_from_file
from pipeline.core.errors import UsageError

HEADER = "sha256,face_id,verdict,label,reason"


def written(tmp_path: Path, *rows: str) -> Path:
    path = tmp_path / "decisions.csv"
    path.write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
    return path


def test_new_decisions_are_saved_and_repeats_change_nothing(
    store: Store, faces: list[tuple[str, str]], tmp_path: Path
) -> None:
    path = written(tmp_path, f",{faces[0][0]},accept,smile,", f"{faces[1][1]},,reject,,blurred")
    assert decide_from_file(store, path, "Ann") == Decided(2, 0, ())
    assert decide_from_file(store, path, "Ann") == Decided(0, 2, ())
    now = store.read(workspace_counts)
    assert (now.decisions, now.accepted, now.rejected) == (2, 1, 1)


def test_one_refused_row_refuses_all(store: Store, faces: list[tuple[str, str]], tmp_path: Path) -> None:
    path = written(tmp_path, f",{faces[0][0]},accept,smile,", f",{'0' * 32},unsure,,", f",{faces[1][0]},accept,grin,")
    done = decide_from_file(store, path, "Ann")
    assert (done.saved, done.repeats, len(done.refused)) == (0, 0, 2)
    assert done.refused[0].startswith("line 3: no face is called")
    assert done.refused[1].startswith("line 4: no class is called 'grin'")
    assert store.read(workspace_counts).decisions == 0


@pytest.mark.parametrize("name", ["", " \n"])
def test_a_name_that_is_none_is_refused(store: Store, tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError):
        decide_from_file(store, written(tmp_path), name)


def counts_now(store: Store, face: str) -> tuple[object, ...]:
    sql = "SELECT verdict, (SELECT name FROM classes WHERE id = class_id), annotator FROM face_state WHERE face_id = ?"
    return tuple(store.read(lambda db: db.execute(sql, [face]).fetchone()))


def test_a_file_edited_there_and_back_decides_each_time(
    store: Store, faces: list[tuple[str, str]], tmp_path: Path
) -> None:
    face = faces[0][0]
    for label in ("smile", "pout", "smile", "pout", "smile"):
        path = written(tmp_path, f",{face},accept,{label},")
        assert decide_from_file(store, path, "Ann") == Decided(1, 0, ())
        assert counts_now(store, face) == ("accept", label, "Ann")
        assert decide_from_file(store, path, "Ann") == Decided(0, 1, ())
    assert store.read(workspace_counts).decisions == 5
    assert store.read(verify_chain) == []


def test_a_file_decides_anew_after_an_undo(store: Store, faces: list[tuple[str, str]], tmp_path: Path) -> None:
    face = faces[0][0]
    smile, pout = f",{face},accept,smile,", f",{face},accept,pout,"
    decide_from_file(store, written(tmp_path, smile), "Ann")
    undo(store, "Ann")
    assert counts_now(store, face) == (None, None, None)
    assert decide_from_file(store, written(tmp_path, smile), "Ann") == Decided(1, 0, ())
    assert counts_now(store, face) == ("accept", "smile", "Ann")
    decide_from_file(store, written(tmp_path, pout), "Ann")
    decide_from_file(store, written(tmp_path, smile), "Ann")
    undo(store, "Ann")  # of the last run alone, though the file's first run was called the same
    assert counts_now(store, face) == ("accept", "pout", "Ann")


@pytest.mark.parametrize("second", ["reject,,", "accept,pout,", "unsure,,"])
@pytest.mark.parametrize("by_photo", [False, True])
def test_two_rows_that_contradict_each_other_about_a_face_are_refused(
    store: Store, faces: list[tuple[str, str]], tmp_path: Path, second: str, *, by_photo: bool
) -> None:
    """Whichever held, half of a merged table would be lost without a word."""
    face, image = faces[0]
    other = f"{image}," if by_photo else f",{face}"
    path = written(tmp_path, f",{face},accept,smile,", f",{faces[1][0]},accept,smile,", f"{other},{second}")
    (said,) = decide_from_file(store, path, "Ann").refused
    assert said == f"line 4: line 2 says otherwise of the face {face}: keep the row that holds"
    assert counts_now(store, face)[0] is None


def test_two_rows_that_say_the_same_are_none_too_many(
    store: Store, faces: list[tuple[str, str]], tmp_path: Path
) -> None:
    path = written(tmp_path, f",{faces[0][0]},accept,smile,", f",{faces[0][0]},accept,Smile,")
    assert decide_from_file(store, path, "Ann") == Decided(2, 0, ())
    assert decide_from_file(store, path, "Ann") == Decided(0, 2, ())


def test_what_somebody_else_decided_is_listed_and_overruled_only_when_told(
    store: Store, faces: list[tuple[str, str]], tmp_path: Path
) -> None:
    (one, _), (two, _) = faces[:2]
    decide_from_file(store, written(tmp_path, f",{one},accept,pout,", f",{two},accept,smile,"), "Bob")
    path = written(tmp_path, f",{one},accept,smile,", f",{two},accept,smile,")
    done = decide_from_file(store, path, "Ann")
    assert (done.saved, done.repeats, done.refused, len(done.differing)) == (2, 0, (), 1)
    assert done.differing[0].startswith("line 2: Bob")
    assert "accept pout" in done.differing[0]
    assert counts_now(store, one) == ("accept", "pout", "Bob")
    assert replace(decide_from_file(store, path, "Ann"), saved=2, repeats=0) == done  # told again, kept once
    assert decide_from_file(store, path, "Ann", overrule=True) == Decided(1, 1, ())
    assert counts_now(store, one) == ("accept", "smile", "Ann")
    assert decide_from_file(store, path, "Ann") == Decided(0, 2, ())


def undo(store: Store, annotator: str) -> None:
    (done,) = store.write(lambda db: apply_ops(db, annotator, [UndoOp(str(uuid.uuid4()))]))
    assert done.status == "saved"
