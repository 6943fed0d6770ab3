"""What a page is told of a plan, and that it comes whole through JSON."""

from __future__ import annotations

import json
from dataclasses import replace

from pipeline.core.geometry import BoundingBox, CropBox
from pipeline.core.records import ExportItem, Provenance
from pipeline.export import moves
from pipeline.export.export import plan
from pipeline.export.options import ExportOptions
from pipeline.export.placements import Placement
from pipeline.export.preview import (
    MOST_MOVES,
    MovedPhoto,
    Offered,
    Preview,
    offered_of,
    offered_to_json,
    preview_of,
    preview_to_json,
)
from pipeline.export.split import SplitPlan


def item(number: int, label: str) -> ExportItem:
    sha = f"{number:064x}"
    return ExportItem(
        f"{number:032x}", sha, sha, label, "Ada", "yunet", BoundingBox(0, 0, 50, 50), CropBox(0, 0, 20 + number, 90),
        "0" * 16, f"/photos/{number}.jpg",
    )  # fmt: skip


ITEMS = [item(number, ("none", "smile")[number % 2]) for number in range(24)]


def test_counts_and_what_stays_out_are_the_plan_s() -> None:
    found = Preview.of(plan(ITEMS, ["none", "smile", "pout"], options=ExportOptions(min_side=24)))
    assert found.crops == 20  # sides from 20 on: four are smaller than 24
    assert found.left_out == 4
    assert sum(found.counts[split]["none"] for split in ("train", "val")) == 10
    assert [one.params for one in found.problems] == [{"name": "pout"}]


def test_a_photo_that_moves_is_named_with_the_reason() -> None:
    placed = [Placement(one.image_sha256, one.group, "test") for one in ITEMS[:3]]  # a split that is not asked for
    whole = plan(ITEMS, ["none", "smile"], placements=placed)
    found = Preview.of(whole)
    assert found.moved_placed == 3
    assert found.moved_new == len(whole.moved) - 3
    assert sorted(one.photo for one in found.moved) == [f"{n}.jpg ({'0' * 16})" for n in range(3)]
    assert {(one.before, one.why.code) for one in found.moved} == {("test", "moved_no_split")}
    assert found.moved[0].after in ("train", "val")


def test_of_many_moves_the_first_are_named() -> None:
    many = [item(number, ("none", "smile")[number % 2]) for number in range(MOST_MOVES + 100)]
    placed = [Placement(one.image_sha256, one.group, "test") for one in many]
    found = Preview.of(plan(many, ["none", "smile"], placements=placed))
    assert (found.moved_placed, len(found.moved)) == (MOST_MOVES + 100, MOST_MOVES)


def test_it_comes_whole_through_json() -> None:
    placed = [Placement(one.image_sha256, one.group, "test") for one in ITEMS[:5]]
    split_plan = SplitPlan.of(0.25, 0.1, seed=3, anew=True)
    found = Preview.of(plan(ITEMS, ["none", "smile", "pout"], split_plan, ExportOptions(min_side=24), (), placed))
    assert found.problems
    assert isinstance(found.moved[0], MovedPhoto)
    assert preview_of(json.loads(json.dumps(preview_to_json(found)))) == found
    offered = Offered.of(ITEMS, ["none", "smile"], 7)
    assert offered_of(json.loads(json.dumps(offered_to_json(offered)))) == offered


def test_what_the_options_offer_is_counted_without_rejected_faces() -> None:
    told = (Provenance("https://img.example/1.jpg", licence="CC0 1.0"),)
    items = [
        replace(ITEMS[0], confirmed="moue 1 0.9"),
        replace(ITEMS[1], off_screen=True, provenance=told),
        replace(ITEMS[2], agreement=0.5),
        replace(ITEMS[3], rejected=True, off_screen=True, confirmed="moue 1 0.9"),
    ]
    assert Offered.of(items, ["none"], 2) == Offered(("none",), 2, 1, 1, True, True, {"CC0 1.0": 1, "unknown": 2})
    assert not Offered.of(ITEMS, [], 0).not_by_people
    assert not Offered.of([replace(ITEMS[0], agreement=1.0)], [], 0).differ
    assert Offered.of([replace(ITEMS[0], annotator="rule:small")], [], 0).not_by_people


def test_moves_are_named_as_the_command_line_names_them() -> None:
    placed = [Placement(one.image_sha256, one.group, "test") for one in ITEMS]
    whole = plan(ITEMS, ["none", "smile"], placements=placed)
    names = moves.names_of_groups(row.item for row in whole.rows)
    assert [one.photo for one in Preview.of(whole).moved] == [names[one.group] for one in moves.placed(whole.moved)]
