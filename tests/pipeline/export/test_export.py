"""The plan of a release: which faces, in which split, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.errors import ExportError
from pipeline.core.geometry import CropBox
from pipeline.core.messages import message
from pipeline.core.records import ExportItem
from pipeline.export.export import plan
from pipeline.export.options import ExportOptions
from pipeline.export.split import SplitPlan
from pipeline.export.write import write
from tests.pipeline.export_items import FORTY, NAMES, item, items


@given(st.lists(st.tuples(st.integers(0, 12), st.sampled_from(NAMES), st.integers(0, 2)), max_size=40, unique=True),
       st.integers(0, 9), st.sampled_from([0.1, 0.2, 0.5]))  # fmt: skip
def test_either_both_splits_hold_each_class_or_a_problem_names_it(
    made: list[tuple[int, str, int]], seed: int, val: float
) -> None:
    by_face = {(number, face): label for number, label, face in made}
    faces = [item(number, label, face) for (number, face), label in by_face.items()]
    chosen = plan(faces, NAMES, SplitPlan(val=val, seed=seed))
    side: dict[str, set[str]] = {}
    for row in chosen.rows:
        side.setdefault(row.item.group, set()).add(row.split)
    assert all(len(splits) == 1 for splits in side.values())
    assert len({row.file for row in chosen.rows}) == len(faces)
    for name in NAMES:
        short = any(not chosen.counts[split][name] for split in ("train", "val"))
        assert short == any(f"class “{name}” " in problem.text for problem in chosen.problems)


def test_copies_in_one_group_never_straddle() -> None:
    chosen = plan(
        [*items(), *(item(n, "smile", group="g") for n in range(200, 240))], NAMES, SplitPlan(val=0.5, seed=0)
    )
    assert len({row.split for row in chosen.rows if row.item.group == "g"}) == 1


@pytest.mark.parametrize(
    ("made", "words"),
    [
        ([i for i in items() if i.label != "pout"], ["“pout” has no accepted face"]),
        ([*(i for i in items() if i.label != "pout"), item(1, "pout"), item(1, "pout", 1)], ["pout", "one photo only"]),
        ([], ["pout", "none", "smile"]),
    ],
)
def test_a_short_class_is_named(
    tmp_path: Path, crop_path: Callable[[str], Path], made: list[ExportItem], words: list[str]
) -> None:
    with pytest.raises(ExportError) as caught:
        write(plan(made, NAMES, SplitPlan(val=0.2, seed=0)), crop_path, tmp_path / "out")
    assert all(word in str(caught.value) for word in words)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("val", [0, 1, -0.1, 1.5, float("nan")])
def test_a_share_that_is_none(val: float) -> None:
    with pytest.raises(ExportError, match=r"0\.2"):
        plan(items(), NAMES, SplitPlan(val=val, seed=0))


def test_no_classes() -> None:
    assert plan([], [], SplitPlan(val=0.2, seed=0)).problems == (message("export_no_classes"),)


def test_a_label_that_is_no_class_any_more_is_named() -> None:
    chosen = plan([*items(), item(99, "gone")], NAMES, FORTY)
    assert [p for p in chosen.problems if "archived class “gone”" in p.text]


def test_small_crops_stay_out_and_are_counted() -> None:
    large = [replace(i, crop=CropBox(0, 0, 90, 90)) for i in items()]
    chosen = plan([*large, item(999, "pout")], NAMES, FORTY, ExportOptions(min_side=21))  # item's crops are 20 wide
    assert chosen.left_out == 1
    assert len(chosen.rows) == 15
    assert plan(items(), NAMES, FORTY, ExportOptions(min_side=20)).left_out == 0


@pytest.mark.parametrize("size", [0, 15, 5000])
def test_an_impossible_size_is_refused(size: int) -> None:
    with pytest.raises(ExportError, match="16 to 4,096"):
        plan(items(), NAMES, FORTY, ExportOptions(size=size))
