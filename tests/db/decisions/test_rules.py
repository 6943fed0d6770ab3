"""Rules reject only what they were switched on for, under their own name, and take it all back."""

from __future__ import annotations

from dataclasses import replace

import pytest

from db.decisions import rules
from db.decisions.log import apply_ops, verify_chain
from db.decisions.rules import Rule
from db.images import faces
from db.store.store import Db, Store
from db.tables.annotators import clean_name
from pipeline.core.errors import SignInError, UsageError
from pipeline.core.metrics import QualityMetrics
from pipeline.core.records import Verdict
from tests.db.make import add_images, decide

PLAIN = QualityMetrics(100, 50, 0.5, 0.2, 0, 0, 0, 0, 0.9, 0.9, 0.1, 0.6, 0.0)
SMALL = (("side", 60.0, None),)


@pytest.fixture
def measured(store: Store) -> list[str]:
    """Five faces whose crops are 20, 40, 60, 80 and 100 pixels wide, and one that was never measured."""
    ids = add_images(store, [f"i{n}" for n in range(6)])
    for n, face in enumerate(ids[:5]):
        store.write(lambda db, f=face, n=n: faces.put_quality(db, f, replace(PLAIN, side=20 * (n + 1))))
    return ids


def settle(store: Store) -> None:
    """Do what is pending; before each part a read says whether anything is."""
    pending = store.read(rules.is_pending)
    while store.write(rules.apply_active_rules):
        assert pending
        pending = store.read(rules.is_pending)
    assert not pending


def on(store: Store, name: str = "small", who: str = "Ann") -> None:
    store.write(lambda db: rules.switch_on(db, name, who))
    settle(store)


def off(store: Store, name: str = "small") -> None:
    store.write(lambda db: rules.switch_off(db, name, "Bob"))
    settle(store)


def states(store: Store, ids: list[str]) -> list[str | None]:
    sql = "SELECT verdict FROM face_state WHERE face_id = ?"
    return store.read(lambda db: [db.execute(sql, [face]).fetchone()[0] for face in ids])


def only(store: Store) -> Rule:
    (rule,) = store.read(rules.list_rules)
    return rule


def test_nothing_happens_until_it_is_switched_on(store: Store, measured: list[str]) -> None:
    store.write(lambda db: rules.save_rule(db, "small", SMALL, "too_small", "Ann"))
    assert store.read(lambda db: rules.would_reject(db, SMALL)) == 2
    assert states(store, measured) == [None] * 6
    assert store.write(rules.apply_active_rules) == 0
    rule = only(store)
    assert (rule.name, rule.ranges, rule.reason, rule.active, rule.decided) == ("small", SMALL, "too_small", False, 0)


def test_switched_on_it_rejects_what_fails_under_its_own_name(store: Store, measured: list[str]) -> None:
    store.write(lambda db: rules.save_rule(db, " small ", SMALL, "too_small", "Ann"))
    on(store)
    assert states(store, measured) == ["reject", "reject", None, None, None, None]
    sql = "SELECT DISTINCT annotator, reason, verdict FROM decisions"
    assert store.read(lambda db: db.execute(sql).fetchall()) == [("rule: small", "too_small", "reject")]
    assert store.read(lambda db: db.execute("SELECT count(DISTINCT step) FROM decisions").fetchone()) == (1,)
    assert (only(store).active, only(store).decided, only(store).annotator) == (True, 2, "Ann")
    assert store.read(verify_chain) == []


def test_what_a_person_decided_is_left_alone(store: Store, measured: list[str]) -> None:
    store.write(lambda db: apply_ops(db, "Cy", [decide(db, measured[0])]))
    store.write(lambda db: rules.save_rule(db, "small", SMALL, "too_small", "Ann"))
    on(store)
    assert states(store, measured)[:2] == ["accept", "reject"]
    store.write(lambda db: apply_ops(db, "Cy", [decide(db, measured[1], Verdict.UNSURE)]))
    off(store)
    assert states(store, measured) == ["accept", "unsure", None, None, None, None]
    assert store.read(verify_chain) == []


def test_switched_off_it_takes_everything_back(
    store: Store, measured: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "CHUNK", 1)
    store.write(lambda db: rules.save_rule(db, "small", SMALL, "too_small", "Ann"))
    on(store)
    assert only(store).decided == 2
    off(store)
    assert states(store, measured) == [None] * 6
    assert (only(store).active, only(store).decided, only(store).annotator) == (False, 0, "Bob")
    on(store)
    assert only(store).decided == 2


def test_a_switching_off_that_was_interrupted_leaves_nothing_that_cannot_be_taken_back(
    store: Store, measured: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "CHUNK", 1)
    store.write(lambda db: rules.save_rule(db, "small", SMALL, "too_small", "Ann"))
    on(store)
    store.write(lambda db: rules.switch_off(db, "small", "Bob"))  # one of two is taken back, then the lights go out
    assert (only(store).active, only(store).decided) == (False, 1)
    with pytest.raises(UsageError, match="switch it off"):
        store.write(lambda db: rules.delete_rule(db, "small"))
    on(store)
    assert (states(store, measured)[:2], only(store).decided) == (["reject"] * 2, 2)
    off(store)
    assert (states(store, measured), only(store).decided) == ([None] * 6, 0)
    assert store.read(verify_chain) == []


def test_two_rules_count_their_own(store: Store, measured: list[str]) -> None:
    store.write(lambda db: rules.save_rule(db, "small", SMALL, "too_small", "Ann"))
    on(store)
    store.write(lambda db: rules.save_rule(db, "smaller", (("side", 90.0, None),), "too_small", "Ann"))
    on(store, "smaller")
    assert [rule.decided for rule in store.read(rules.list_rules)] == [2, 2]
    off(store)  # what the other one would reject as well, it does now
    assert [rule.decided for rule in store.read(rules.list_rules)] == [0, 4]


def test_new_faces_are_looked_at_while_it_is_on(store: Store, measured: list[str]) -> None:
    store.write(lambda db: rules.save_rule(db, "small", SMALL, "too_small", "Ann"))
    on(store)
    (late,) = add_images(store, ["late"])
    store.write(lambda db: faces.put_quality(db, late, replace(PLAIN, side=10)))
    assert store.read(rules.is_pending)
    assert store.write(rules.apply_active_rules) == 1
    assert store.write(rules.apply_active_rules) == 0
    assert not store.read(rules.is_pending)
    assert only(store).decided == 3


def test_several_ranges_reject_what_fails_any(store: Store, measured: list[str]) -> None:
    ranges = (("side", 60.0, None), ("sharpness", None, 49.0), ("score", 0.5, None))
    store.write(lambda db: faces.put_quality(db, measured[4], replace(PLAIN, side=100, sharpness=40, score=None)))
    assert store.read(lambda db: rules.would_reject(db, ranges)) == 4  # all measured but the one with sharpness 40


@pytest.mark.parametrize(
    ("name", "ranges", "reason"),
    [
        ("", SMALL, "too_small"),
        ("x" * 81, SMALL, "too_small"),
        ("a\x00b", SMALL, "too_small"),
        ("small", (), "too_small"),
        ("small", (("side", None, None),), "too_small"),
        ("small", (("height", 1.0, None),), "too_small"),
        ("small", SMALL, "ugly"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(
    store: Store, name: str, ranges: tuple[tuple[str, float | None, float | None], ...], reason: str
) -> None:
    with pytest.raises(UsageError):
        store.write(lambda db: rules.save_rule(db, name, ranges, reason, "Ann"))
    assert store.read(rules.list_rules) == []


def test_a_rule_that_is_on_is_neither_changed_nor_deleted(store: Store, measured: list[str]) -> None:
    store.write(lambda db: rules.save_rule(db, "small", SMALL, "too_small", "Ann"))
    on(store)

    def change(db: Db) -> None:
        rules.save_rule(db, "small", (("side", 90.0, None),), "blurred", "Ann")

    for work in (change, lambda db: rules.delete_rule(db, "small")):
        with pytest.raises(UsageError, match="switch it off"):
            store.write(work)
    off(store)
    store.write(change)
    store.write(lambda db: rules.delete_rule(db, "small"))
    assert store.read(rules.list_rules) == []


def test_an_unknown_rule_is_named(store: Store) -> None:
    with pytest.raises(UsageError, match="no rule called nothing"):
        store.write(lambda db: rules.switch_on(db, "nothing", "Ann"))


@pytest.mark.parametrize("name", ["rule: small", "RULE:x", "  rule:y "])
def test_no_person_may_be_called_like_a_rule(name: str) -> None:
    with pytest.raises(SignInError, match="belong to rules"):
        clean_name(name)


def measure(store: Store, face: str, side: float) -> None:
    store.write(lambda db: faces.put_quality(db, face, replace(PLAIN, side=side)))
    settle(store)


def test_a_face_that_passes_after_all_is_rejected_no_more(
    store: Store, measured: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "CHUNK", 1)
    store.write(lambda db: rules.save_rule(db, "small", (("side", 90.0, None),), "too_small", "Ann"))
    on(store)
    assert states(store, measured) == ["reject"] * 4 + [None, None]
    mine = store.read(lambda db: decide(db, measured[1]))
    store.write(lambda db: apply_ops(db, "Bob", [mine]))
    measure(store, measured[2], 95)  # one in the middle of the step
    measure(store, measured[1], 95)  # Bob's stands above
    assert states(store, measured) == ["reject", "accept", None, "reject", None, None]
    assert only(store).decided == 2
    measure(store, measured[2], 80)
    assert states(store, measured) == ["reject", "accept", "reject", "reject", None, None]
    off(store)
    assert states(store, measured) == [None, "accept", None, None, None, None]
    assert (only(store).decided, store.read(verify_chain)) == (0, [])


def test_a_rule_cannot_be_changed_or_forgotten_while_its_switching_off_is_half_done(
    store: Store, measured: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "CHUNK", 1)
    store.write(lambda db: rules.save_rule(db, "small", SMALL, "too_small", "Ann"))
    on(store)
    store.write(lambda db: rules.switch_off(db, "small", "Ann"))  # one of two
    assert (only(store).active, only(store).decided) == (False, 1)
    with pytest.raises(UsageError):
        store.write(lambda db: rules.save_rule(db, "small", SMALL, "blurred", "Ann"))
    with pytest.raises(UsageError):
        store.write(lambda db: rules.delete_rule(db, "small"))
    off(store)
    assert store.write(lambda db: rules.save_rule(db, "small", SMALL, "blurred", "Ann")) == "small"


def test_what_landmarks_decide_is_judged_by_the_model_that_the_rule_was_made_for(
    store: Store, measured: list[str]
) -> None:
    """The first two faces are the mesh's; every face has a plausibility of .9, and sides of 20 to 100."""
    placed = "UPDATE faces SET landmark_model = 'landmarker' WHERE id IN (?, ?)"
    store.write(lambda db: db.execute(placed, measured[:2]))
    strict = (("plausibility", 0.95, None),)
    assert store.read(lambda db: rules.would_reject(db, strict)) == 3
    assert store.read(lambda db: rules.would_reject(db, strict, "landmarker")) == 2
    assert store.read(lambda db: rules.would_reject(db, SMALL, "landmarker")) == 2  # any model's crops have a side
    store.write(lambda db: rules.save_rule(db, "doubtful", strict, "not_a_mouth", "Ann", "landmarker"))
    on(store, "doubtful")
    assert only(store).landmarks == "landmarker"
    assert states(store, measured) == ["reject"] * 2 + [None] * 4
    store.write(lambda db: db.execute(placed.replace("'landmarker'", "'dlib'"), measured[:2]))  # processed again
    settle(store)
    assert states(store, measured) == [None] * 6
    with pytest.raises(UsageError, match="'orb' is no landmark model; one of: dlib, landmarker"):
        store.read(lambda db: rules.would_reject(db, strict, "orb"))
