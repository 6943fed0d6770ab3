from __future__ import annotations

import os
import subprocess
import sys

from pipeline.export.moves import describe, names_of_groups, shown
from pipeline.export.placements import Placement, assign_placed, to_remember
from pipeline.export.split import Moved, SplitPlan, group_hash
from tests.pipeline.commands import ROOT
from tests.pipeline.export_items import item

HALF = SplitPlan(val=0.5)


def spread(*more: str) -> dict[str, list[str]]:
    """Enough single photos for both splits, and these groups."""
    return {**{f"single {n}": ["smile"] for n in range(40)}, **{group: ["smile"] for group in more}}


def test_of_photos_that_were_placed_apart_and_are_joined_the_most_stay() -> None:
    for many, few in (("train", "val"), ("val", "train")):
        placed = [Placement("a", "g", few), Placement("b", "g", many), Placement("c", "g", many)]
        assigned = assign_placed(spread("g"), HALF, placed)
        assert assigned.splits["g"] == many
        assert [one for one in assigned.moved if one.placed] == [Moved("g", few, many, "joined", placed=True)]


def test_where_as_many_were_placed_in_each_the_hash_says() -> None:
    for number in range(20):
        group = f"g{number}"
        placed = [Placement("a", group, "train"), Placement("b", group, "val")]
        assert assign_placed(spread(group), HALF, placed).splits[group] == HALF.by_hash(group)


def test_a_split_that_is_not_asked_for_gives_way_to_one_that_is() -> None:
    placed = [Placement(name, "g", "test") for name in "abc"] + [Placement("d", "g", "val")]
    assert assign_placed(spread("g"), HALF, placed).splits["g"] == "val"


def test_what_is_joined_with_a_photo_that_stays_out_goes_where_that_was_placed() -> None:
    """Its copy left in an earlier release: a network may have been tested on it."""
    for split in ("train", "val"):
        assert assign_placed(spread("g"), HALF, [Placement("not in this release", "g", split)]).splits["g"] == split


def test_what_is_new_or_moved_is_remembered_and_what_is_joined_with_it() -> None:
    known = [Placement("a", "g", "val"), Placement("b", "h", "train"), Placement("c", "g", "train")]
    released = [("a", "g", "train"), ("b", "h", "train"), ("new", "i", "val"), ("new", "i", "val")]
    assert to_remember(released, known) == {"a": "train", "new": "val"}
    assert to_remember([("x", "g", "val")], known) == {"c": "val", "x": "val"}
    assert to_remember([], known) == {}


def test_two_processes_with_other_hash_seeds_say_the_same() -> None:
    script = """
from pipeline.export.placements import Placement, assign_placed
from pipeline.export.split import SplitPlan
groups = {f"group {n}": ["none", "pout", "smile"][: 1 + n % 3] for n in range(90)}
told = [Placement(f"{n}", f"group {n % 70}", ["train", "val", "test"][n % 5 % 3]) for n in range(140)]
for plan in (SplitPlan.of(0.2, 0.1, seed=3), SplitPlan.of(folds=4), SplitPlan.of(anew=True)):
    print(assign_placed(groups, plan, told))
"""
    said = {
        subprocess.run(
            [sys.executable, "-c", script], cwd=ROOT, env={**os.environ, "PYTHONHASHSEED": seed}, text=True,
            capture_output=True, check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }  # fmt: skip
    (one,) = said
    assert one.count("Moved(") > 20


def test_photos_are_named_by_their_file_and_the_begin_of_their_hash() -> None:
    one, other = item(1, "smile", group="g"), item(2, "smile", group="g")
    first, _ = sorted((one, other), key=lambda i: i.image_sha256)
    assert shown(one) == f"x.jpg ({one.image_sha256[:16]})"
    names = names_of_groups([other, one, one])
    assert names == {"g": f"x.jpg ({first.image_sha256[:16]}) + 1"}
    moved = Moved("g", "train", "val", "share", placed=True, classes=("pout", "smile"))
    assert str(describe(moved, names)) == f"{names['g']}: train → val, to give pout, smile its share"
    assert str(describe(moved, {})).startswith("g: train")


def test_hashes_are_those_of_earlier_moues() -> None:
    """Where nothing is remembered, the same photos go where they went: a digest computed with coreutils."""
    assert group_hash("photo", 7) == int("0b4fedaec69cce11", 16) / 2**64
