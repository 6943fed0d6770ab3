"""Splits chosen on the Export page, photos that stay where a release put them, and what moves."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from db.store.store import Db
from db.tables import placements
from pages._server import workspace
from tests.pages._export.test_options import accepted as accepted
from tests.pages._ui import drawn
from tests.pages.test_shell import ada as ada
from tests.pages.test_shell import page, texts

pytestmark = pytest.mark.usefixtures("accepted", "ada")


def counts(shown: AppTest) -> dict[str, list[int]]:
    """The last line of the preview: all faces, by split."""
    assert not shown.exception
    *_, last = drawn.table(shown, "Class")
    return {name: int(number) for name, number in last.items() if name != "Class"}


def placed(line: str = "train_val_data") -> dict[str, str]:
    return workspace.get_store().read(lambda db: placements.placements_of(db, line))


@pytest.mark.long
def test_a_test_split_or_folds_can_be_asked_for(empty: Path) -> None:
    shown = page("export.py").run()
    found = counts(shown)
    assert found["Both"] == 40
    assert 7 <= found["val"] <= 9  # 8 are asked for, of all classes together one more or less is allowed
    shown.segmented_control(key="split_kind").set_value("train_val_test").run()
    found = counts(shown)
    assert list(found) == ["train", "val", "test", "Together"]
    assert (found["Together"], sum(found.values())) == (40, 80)
    assert 4 <= found["test"] <= 5
    shown.slider(key="test").set_value(30).run()
    assert counts(shown)["test"] > found["test"]
    shown.slider(key="val").set_value(50).run()
    shown.slider(key="test").set_value(45).run()
    assert "train" in counts(shown)
    shown.segmented_control(key="split_kind").set_value("folds").run()
    assert list(counts(shown)) == ["fold1", "fold2", "fold3", "fold4", "fold5", "Together"]
    shown.button(key="export").click().run()
    assert not shown.exception
    folders = {path.name for path in (empty / "releases" / "train_val_data").iterdir() if path.is_dir()}
    assert folders == {"fold1", "fold2", "fold3", "fold4", "fold5"}
    assert set(placed().values()) == folders
    shown.segmented_control(key="split_kind").set_value("train_val_test").run()
    shown.checkbox(key="overwrite").set_value(True).run()
    shown.button(key="export").click().run()
    assert [row["Splits"] for row in drawn.table(shown, "Splits")] == ["val 50 %, test 45 %", "5 folds"]


def test_photos_stay_unless_they_are_split_anew_and_what_moves_is_listed() -> None:
    shown = page("export.py").run()
    assert "stay" not in {box.key for box in shown.checkbox}  # nothing is placed yet
    shown.button(key="export").click().run()
    before = placed()
    assert len(before) == 40
    shown.run()
    assert "40" in shown.checkbox(key="stay").label
    shown.number_input(key="seed").set_value(5).run()
    assert not [one for one in drawn.tables(shown) if "To split" in one[0]]
    shown.checkbox(key="stay").set_value(False).run()
    moves = drawn.table(shown, "To split")
    assert any(one.label.endswith(f"{len(moves)} photos") for one in shown.expander)
    assert all(move["From split"] != move["To split"] for move in moves)
    assert {move["Why"] for move in moves} == {"As photos were split anew."}
    shown.checkbox(key="overwrite").set_value(True).run()
    shown.button(key="export").click().run()
    after = placed()
    assert sum(before[sha] != after[sha] for sha in before) == len(moves) > 0
    assert "not where the hash alone says" not in texts(shown)


@pytest.mark.long
def test_another_name_is_another_line() -> None:
    shown = page("export.py").run()
    shown.button(key="export").click().run()
    assert {box.key for box in shown.run().checkbox} >= {"stay"}
    shown.text_input(key="name").set_value("  another   name ").run()
    assert "stay" not in {box.key for box in shown.checkbox}
    shown.button(key="export").click().run()
    assert len(placed("another name")) == 40
    assert "stay" in {box.key for box in shown.run().checkbox}


def test_a_photo_that_was_placed_in_a_split_of_before_says_why_it_goes() -> None:
    shown = page("export.py").run()
    shown.button(key="export").click().run()

    def told(db: Db) -> None:
        db.execute("UPDATE placements SET split = 'test' WHERE sha256 = (SELECT min(sha256) FROM placements)")

    workspace.get_store().write(told)
    shown.run()
    moves = drawn.table(shown, "To split")
    assert [(move["From split"], move["Why"]) for move in moves] == [("test", "As there is no test any more.")]
