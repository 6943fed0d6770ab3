from __future__ import annotations

from pathlib import Path

import pytest

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
