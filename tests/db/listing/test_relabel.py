"""Merging a class: all its faces follow in one step, whatever counts here, and one undo brings them back."""

from __future__ import annotations

import json
from typing import Any

import pytest

from db.decisions.consensus import set_rule
from db.decisions.log import apply_ops, verify_chain
from db.decisions.ops import UndoOp
from db.listing.relabel import relabel, relabel_seen, relabelled
from db.projection.filters import ReviewFilter
from db.store.store import Store
from db.tables import classes
from db.tables.consensus_rules import ConsensusRule
from db.team import gold
from pipeline.core.errors import DecisionError
from tests.db.make import add_images, decide, new_uuid
from tests.db.team.test_claims import claim

NAMES = ("one", "two", "three", "four")
STEP = new_uuid()


def labels(store: Store) -> list[Any]:
    return store.read(lambda db: [c for (c,) in db.execute("SELECT class_id FROM face_state ORDER BY seq")])


@pytest.fixture
def faces(store: Store) -> list[str]:
    """Smiles by Ann and Bob, a pout, an undecided one."""
    made = add_images(store, list(NAMES))
    for who, face, class_id in (("Ann", made[0], 3), ("Bob", made[1], 3), ("Bob", made[2], 2)):
        store.write(lambda db, w=who, f=face, c=class_id: apply_ops(db, w, [decide(db, f, class_id=c)]))
    assert labels(store) == [3, 3, 2, None]
    return made


@pytest.mark.usefixtures("faces")
def test_all_faces_of_the_class_follow_and_come_back_at_once(store: Store) -> None:
    assert store.write(lambda db: relabel(db, "Olga", ReviewFilter("class:3"), 4)) == 2
    assert labels(store) == [4, 4, 2, None]
    store.write(lambda db: classes.archive_class(db, 3, by="Olga"))  # nothing keeps it any more
    store.write(
        lambda db: classes.bring_back(
            db, next(c for c in classes.list_classes(db, archived=True) if c.id == 3), by="Olga"
        )
    )
    store.write(lambda db: apply_ops(db, "Olga", [UndoOp(new_uuid())]))
    assert labels(store) == [3, 3, 2, None]
    assert store.read(verify_chain) == []


@pytest.mark.usefixtures("faces")
def test_it_counts_where_the_majority_does(store: Store) -> None:
    store.write(lambda db: set_rule(db, ConsensusRule("majority"), "Olga"))
    assert store.write(lambda db: relabel(db, "Olga", ReviewFilter("class:3"), 4)) == 2
    assert labels(store) == [4, 4, 2, None]
    assert store.read(verify_chain) == []


@pytest.mark.usefixtures("faces")
def test_a_class_that_is_put_away_takes_none(store: Store) -> None:
    store.write(lambda db: classes.archive_class(db, 4, by="Olga"))
    with pytest.raises(DecisionError):
        store.write(lambda db: relabel(db, "Olga", ReviewFilter("class:3"), 4))
    assert labels(store) == [3, 3, 2, None]


def contexts(store: Store) -> list[Any]:
    """Of the last step, each face's `off_screen`."""
    sql = "SELECT context FROM decisions WHERE step = (SELECT step FROM decisions ORDER BY seq DESC LIMIT 1)"
    return [json.loads(one or "{}").get("off_screen") for (one,) in store.read(lambda db: db.execute(sql).fetchall())]


@pytest.mark.usefixtures("faces")
def test_all_faces_of_a_filter_as_one_step_told_as_not_looked_at(store: Store) -> None:
    flt = ReviewFilter("accepted")
    assert store.write(lambda db: relabel_seen(db, "Bob", flt, 4, 3, STEP)) == 3
    assert labels(store) == [4, 4, 4, None]
    assert contexts(store) == [True] * 3
    store.write(lambda db: apply_ops(db, "Bob", [UndoOp(new_uuid())]))
    assert labels(store) == [3, 3, 2, None]
    assert store.read(verify_chain) == []


@pytest.mark.usefixtures("faces")
@pytest.mark.parametrize(("expected", "most"), [(2, 1000), (4, 1000), (3, 2)])
def test_other_faces_than_were_told_and_too_many_are_refused_whole(
    store: Store, monkeypatch: pytest.MonkeyPatch, expected: int, most: int
) -> None:
    monkeypatch.setattr("db.listing.relabel.MOST", most)
    with pytest.raises(DecisionError):
        store.write(lambda db: relabel_seen(db, "Bob", ReviewFilter("accepted"), 4, expected, STEP))
    assert labels(store) == [3, 3, 2, None]


def test_what_is_gathered_one_by_one_is_left_out(store: Store, faces: list[str]) -> None:
    everything = ReviewFilter("all")
    assert len(store.read(lambda db: relabelled(db, "Bob", everything))) == 4
    asked = "INSERT INTO second_opinions VALUES (?, 2, 'share', '2026-01-31')"
    store.write(lambda db: db.execute(asked, [faces[3]]))
    numbers = dict(store.read(lambda db: db.execute("SELECT seq, id FROM faces").fetchall()))
    left = store.read(lambda db: relabelled(db, "Bob", everything))
    assert [numbers[one] for one in left] == faces[:3]


def test_gold_that_a_person_was_given_as_undecided_is_left_out_for_them_alone(store: Store, faces: list[str]) -> None:
    """They see it among the undecided; an answer without a look would end what it measures."""
    store.write(lambda db: gold.make_gold(db, faces[0], "Ann"))
    store.write(lambda db: gold.set_share(db, 0.5, "Ann"))
    assert faces[0] in claim(store, "Bob", 4).faces
    numbers = dict(store.read(lambda db: db.execute("SELECT seq, id FROM faces").fetchall()))

    def listed(who: str, state: str) -> list[str]:
        return [numbers[one] for one in store.read(lambda db: relabelled(db, who, ReviewFilter(state)))]

    assert listed("Bob", "undecided") == [faces[3]]
    assert listed("Bob", "accepted") == faces[1:3]
    assert listed("Ann", "accepted") == faces[:3]
