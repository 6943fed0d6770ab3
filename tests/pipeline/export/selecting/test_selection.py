from __future__ import annotations

import csv
import io
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.errors import ExportError
from pipeline.core.records import ExportItem
from pipeline.export.card.readme import dataset_card
from pipeline.export.export import plan
from pipeline.export.manifest import manifest_bytes
from pipeline.export.options import ExportOptions
from pipeline.export.selecting.chosen_by import CHOSEN_BY
from pipeline.export.selecting.selection import ALL, Selection, select
from pipeline.export.split import DEFAULT_PLAN
from tests.pipeline.export_items import NAMES, item, items


def faces(**of_class: int) -> list[ExportItem]:
    made = [(name, n) for name, number in of_class.items() for n in range(number)]
    return [item(place, name) for place, (name, _) in enumerate(made)]


def labels(found: object) -> dict[str, int]:
    return dict(Counter(one.label for one in found.items))  # type: ignore[attr-defined]


def test_all_leave_where_nothing_is_asked() -> None:
    found = select(items(), ALL, 0)
    assert (list(found.items), found.disagreed, found.surplus) == (items(), 0, 0)


def test_at_most_so_many_of_a_class() -> None:
    found = select(faces(pout=7, none=3, smile=4), Selection(at_most=4), 0)
    assert (labels(found), found.surplus) == ({"pout": 4, "none": 3, "smile": 4}, 3)


def test_balanced_is_as_many_as_the_smallest_class_and_never_more_than_at_most() -> None:
    made = faces(pout=7, none=3, smile=4)
    assert labels(select(made, Selection(balance=True), 0)) == {"pout": 3, "none": 3, "smile": 3}
    assert labels(select(made, Selection(balance=True, at_most=2), 0)) == {"pout": 2, "none": 2, "smile": 2}
    assert labels(select(made, Selection(balance=True, at_most=5), 0)) == {"pout": 3, "none": 3, "smile": 3}


def test_the_sharpest_stay() -> None:
    made = [replace(one, sharpness=float(n)) for n, one in enumerate(faces(smile=6))]
    found = select(made, Selection(at_most=2, by="sharpness"), 0)
    assert [one.sharpness for one in found.items] == [4.0, 5.0]
    unmeasured = [replace(made[0], sharpness=None), *made[1:]]
    assert unmeasured[0] not in select(unmeasured, Selection(at_most=5, by="sharpness"), 0).items


def test_chance_moves_with_the_seed() -> None:
    made = faces(smile=20)
    drawn = {tuple(one.face_id for one in select(made, Selection(at_most=5), seed).items) for seed in range(20)}
    assert len(drawn) > 15


@pytest.mark.parametrize(("least", "left"), [(0.0, 4), (0.5, 3), (0.51, 2), (1.0, 1)])
def test_only_what_people_agree_on(least: float, left: int) -> None:
    said = (None, 0.5, 0.75, 1.0)
    made = [replace(one, agreement=share) for one, share in zip(faces(smile=4), said, strict=True)]
    found = select(made, Selection(min_agreement=least), 0)
    assert (len(found.items), found.disagreed) == (left, 4 - left)


@given(
    st.lists(st.sampled_from(NAMES), max_size=30), st.integers(1, 8), st.booleans(), st.sampled_from(CHOSEN_BY),
    st.integers(0, 9),
)  # fmt: skip
def test_the_order_of_the_faces_does_not_matter_and_one_more_takes_at_most_one(
    names: list[str], most: int, balance: bool, by: str, seed: int
) -> None:
    made = [item(n, name) for n, name in enumerate(names)]
    wanted = Selection(at_most=most, balance=balance, by=by)  # type: ignore[arg-type]
    found = {one.face_id for one in select(made, wanted, seed).items}
    assert {one.face_id for one in select(made[::-1], wanted, seed).items} == found
    if not balance:
        more = {one.face_id for one in select([*made, item(999, "smile")], wanted, seed).items}
        assert len(found - more) <= 1


def test_those_that_differ_most_stay_whatever_order_they_come_in() -> None:
    made = faces(smile=5)
    figures = {one.face_id: (n / 10, *[None] * 7) for n, one in enumerate(made)}
    figures[made[4].face_id] = (1.0, *[None] * 7)
    found = select(made, Selection(at_most=3, by="difference"), 0, figures)
    assert [figures[one.face_id][0] for one in found.items] in ([0.0, 0.2, 1.0], [0.0, 0.3, 1.0])
    assert select(made[::-1], Selection(at_most=3, by="difference"), 0, figures).items == found.items[::-1]


def test_only_what_people_decided_face_by_face() -> None:
    made = items(4)
    made[0], made[1] = replace(made[0], annotator="rule:sharp"), replace(made[1], confirmed="moue 3 0.99")
    usual = plan(made, NAMES)
    assert (len(usual.rows), usual.confirmed, usual.by_rules) == (12, 0, 0)
    found = plan(made, NAMES, options=ExportOptions(selection=Selection(people_only=True)))
    assert (len(found.rows), found.confirmed, found.by_rules) == (10, 1, 1)
    assert not {row.item.annotator for row in found.rows} - {"Ann"}
    assert found.options.params["selection"] == {"people_only": True}


def test_what_was_not_on_the_screen_stays_out_where_that_is_asked_for() -> None:
    made = items(4)
    made[0] = replace(made[0], off_screen=True)
    made[5] = replace(made[5], off_screen=True, confirmed="moue 3 0.99")
    usual = plan(made, NAMES)
    assert (len(usual.rows), usual.unseen) == (12, 0)
    found = plan(made, NAMES, options=ExportOptions(selection=Selection(only_seen=True)))
    assert {one.face_id for one in made} - {row.item.face_id for row in found.rows} == {
        made[0].face_id, made[5].face_id,
    }  # fmt: skip
    assert (found.unseen, found.confirmed, found.by_rules) == (2, 0, 0)
    assert found.options.params["selection"] == {"only_seen": True}
    by_people = plan(made, NAMES, options=ExportOptions(selection=Selection(people_only=True)))
    assert (len(by_people.rows), by_people.unseen, by_people.confirmed, by_people.by_rules) == (10, 1, 1, 0)
    counts = {"train": {"smile": 3}, "val": {"smile": 1}}
    assert "while it was not on the screen, was left out" in dataset_card(counts, DEFAULT_PLAN, only_seen=True)
    assert "was left out" not in dataset_card(counts, DEFAULT_PLAN)


def test_rejected_faces_are_a_class_only_where_it_has_a_name_of_its_own() -> None:
    rejected = [replace(item(100 + n, ""), rejected=True) for n in range(4)]
    usual = plan([*items(4), *rejected], NAMES)
    assert (len(usual.rows), usual.class_names) == (12, tuple(NAMES))
    found = plan([*items(4), *rejected], NAMES, options=ExportOptions(rejects_as="no mouth"))
    assert found.problems == ()
    assert found.class_names == (*NAMES, "no mouth")
    assert sum(of["no mouth"] for of in found.counts.values()) == 4
    assert {row.item.face_id for row in found.rows if "/no mouth/" in row.file} == {one.face_id for one in rejected}
    assert ExportOptions.from_params(found.options.params) == found.options
    few = plan([*items(4), rejected[0]], NAMES, options=ExportOptions(rejects_as="no mouth"))
    assert [(one.code, one.params["n"], one.params["splits"]) for one in few.problems] == [("export_rejects_few", 1, 2)]
    for taken in ("smile", "SMILE"):
        with pytest.raises(ExportError) as refused:
            plan([*items(4), *rejected], NAMES, options=ExportOptions(rejects_as=taken))
        assert refused.value.message.code == "export_rejects_class"


def test_a_person_has_another_number_in_each_line_and_one_in_all_its_releases() -> None:
    made = [replace(one, person="first face" if n < 3 else "") for n, one in enumerate(items(4))]

    def numbers(line: str, of: list[ExportItem]) -> set[str]:
        return {row.item.person for row in plan(of, NAMES, line=line).rows if row.item.person}

    (a,), (b,) = numbers("a", made), numbers("b", made)
    assert numbers("a", made[::-1]) == {a}
    assert a != b
    assert "first" not in a
    told = manifest_bytes(plan(made, NAMES, line="a")).decode()
    assert [row["person"] for row in csv.DictReader(io.StringIO(told))].count(a) == 3
