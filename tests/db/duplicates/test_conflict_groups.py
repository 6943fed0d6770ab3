"""The groups with a label conflict are those of which `conflicts` tells one, whatever was done, and an answer makes no
face read again."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db.decisions.log import apply_ops
from db.decisions.ops import UndoOp
from db.duplicates import conflict_groups as kept
from db.duplicates import groups, near_pairs
from db.duplicates.conflict_groups import conflict_groups
from db.duplicates.conflicts import conflicts
from db.duplicates.not_duplicates import count_not_duplicates
from db.images.erase import erase
from db.projection import columns
from db.reads import face_counts
from db.store.store import Db, Store
from pipeline.core.records import Verdict
from tests.db.duplicates.test_conflicts import LEFT, RIGHT, Box, accept, add, link
from tests.db.fresh import open_fresh
from tests.db.make import decide, new_uuid, sha_of
from tests.db.near_copies import add_copies, near_pair, record_pairs
from tests.examples import examples

BETWEEN: Box = (0.12, 0.22, 0.32, 0.62)
"""The same face as LEFT, in another detector's eyes."""
PHOTOS: dict[str, tuple[Box, ...]] = {"a": (LEFT, RIGHT), "b": (BETWEEN, RIGHT), "c": (LEFT,), "d": (RIGHT, LEFT)}
PAIRS = list(combinations(PHOTOS, 2))
photos = st.sampled_from(list(PHOTOS))
pairs = st.sampled_from(PAIRS)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("accept"), photos, st.integers(0, 1), st.integers(1, 3)),
        st.tuples(st.just("reject"), photos, st.integers(0, 1), st.just(0)),
        st.tuples(st.just("near"), pairs, st.sampled_from(["plain", "mirror", "centre"]), st.just(0)),
        st.tuples(st.sampled_from(["apart", "same"]), pairs, st.just(0), st.just(0)),
        st.tuples(st.sampled_from(["undo", "compact", "restart"]), st.just(""), st.just(0), st.just(0)),
        st.tuples(st.sampled_from(["erase", "widen", "move"]), photos, st.just(0), st.just(0)),
    ),
    max_size=15,
)


@pytest.fixture(autouse=True)
def nothing_known() -> Iterator[None]:
    kept._known.clear()
    yield
    kept._known.clear()


def said_not_to_be(db: Db) -> int:
    """Near pairs whose newest verdict is that they are not the same."""
    newest = {(a, b): same for a, b, same in db.execute("SELECT a, b, same FROM pair_verdicts ORDER BY id")}
    near = set(db.execute("SELECT a, b FROM near_pairs").fetchall())
    return sum(not same for pair, same in newest.items() if pair in near)


def check(store: Store) -> tuple[int, ...]:
    def both(db: Db) -> tuple[int, ...]:
        told = conflict_groups(db)
        assert told == tuple(sorted({conflict.group_id for conflict in conflicts(db)}))
        states: tuple[groups.GroupState, ...] = ("open", "resolved", "conflicts", "all")
        assert groups.count_groups(db) == {state: groups.group_page(db, state, 1).total for state in states}
        assert count_not_duplicates(db) == said_not_to_be(db)
        return told

    return store.read(both)


def take(
    db: Db, faces: dict[str, list[str]], kind: str, what: str | tuple[str, str], how: int | str, label: int
) -> None:
    if kind in ("accept", "reject"):
        face = faces[str(what)][int(how) % len(faces[str(what)])]
        if db.execute("SELECT 1 FROM faces WHERE id = ?", [face]).fetchone():
            verdict = Verdict.ACCEPT if kind == "accept" else Verdict.REJECT
            reason = None if kind == "accept" else "duplicate"
            apply_ops(db, "Ann", [decide(db, face, verdict, label, reason)])
    elif kind == "undo":
        apply_ops(db, "Ann", [UndoOp(new_uuid())])
    elif kind == "near":
        one, other = what
        if all(db.execute("SELECT 1 FROM images WHERE sha256 = ?", [sha_of(name)]).fetchone() for name in (one, other)):
            pair = near_pair(one, other, view=str(how))
            record_pairs(db, [pair], [pair.a, pair.b])
    elif kind in ("apart", "same"):
        pair = near_pair(*what)
        near_pairs.record_verdicts(db, "Ann", [(pair.a, pair.b)], same=kind == "same")
    elif kind == "erase":
        if db.execute("SELECT 1 FROM images WHERE sha256 = ?", [sha_of(str(what))]).fetchone():
            erase(db, sha_of(str(what)))
    elif kind == "widen":
        db.execute("UPDATE images SET width = width * 2 WHERE sha256 = ?", [sha_of(str(what))])
    elif kind == "move":
        db.execute("UPDATE faces SET y1 = y1 + 90, y2 = y2 + 90 WHERE sha256 = ?", [sha_of(str(what))])
    else:
        {"compact": columns.compact, "restart": lambda db: near_pairs.restart(db, ["plain"])}[kind](db)


@pytest.mark.parametrize("few", [face_counts.FEW, -1], ids=["plain", "numpy"])
@pytest.mark.parametrize("most", [kept.MOST_FACES, 3], ids=["all groups", "small groups"])
@given(taken=steps)
@settings(max_examples=examples(60), deadline=None)
def test_step_by_step_they_are_those_of_all_conflicts(
    few: int, most: int, taken: list[tuple[str, str, int, int]]
) -> None:
    with (
        TemporaryDirectory() as folder,
        open_fresh(Path(folder)) as store,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setattr(kept, "FEW", few)
        patch.setattr(kept, "MOST_FACES", most)
        faces = {name: add(store, name, (640, 480), *boxes) for name, boxes in PHOTOS.items()}
        for one, other in (PAIRS[0], PAIRS[-1]):
            link(store, one, other)
        accept(store, **{faces["a"][0]: 1, faces["b"][0]: 2})
        assert len(check(store)) == 1
        for step in taken:
            store.write(lambda db, step=step: take(db, faces, *step))
            check(store)


def test_an_answer_in_between_changes_a_conflict_that_the_ends_do_not_tell(store: Store) -> None:
    """The least and the greatest class of each photo stay what they are, and so does its group's row."""
    third: Box = (0.4, 0.2, 0.6, 0.6)
    a, b = (add(store, name, (640, 480), LEFT, third, RIGHT) for name in "ab")
    link(store, "a", "b")
    accept(store, **dict(zip([*a, *b], [1, 2, 4, 1, 2, 4], strict=True)))
    assert check(store) == ()
    accept(store, **{a[1]: 3})
    assert check(store) == (1,)
    accept(store, **{b[1]: 3})
    assert check(store) == ()


def test_a_pair_that_is_near_in_another_view_has_other_faces_in_common(store: Store) -> None:
    a, b = (add(store, name, (640, 480), LEFT, RIGHT) for name in "ab")
    link(store, "a", "b")
    accept(store, **dict(zip([*a, *b], [1, 2, 1, 2], strict=True)))
    assert check(store) == ()
    store.write(lambda db: db.execute("UPDATE near_pairs SET view = 'mirror'"))
    assert check(store) == (1,)


def faces_read(store: Store) -> list[str]:
    """Of which groups faces are read now: the lists in the statements."""
    said: list[str] = []

    def work(db: Db) -> None:
        db.conn.set_trace_callback(said.append)
        try:
            conflict_groups(db)
        finally:
            db.conn.set_trace_callback(None)

    store.read(work)
    return [sql.split("json_each('")[1].split("'")[0] for sql in said if "CROSS JOIN faces" in sql]


def test_faces_are_read_once_of_a_group_that_may_have_a_conflict(store: Store) -> None:
    faces = {name: add_copies(store, name, [near_pair(*name)]) for name in ("ab", "cd", "ef")}
    assert faces_read(store) == []
    accept(store, **dict(zip(faces["ab"], (1, 2), strict=True)))
    assert [faces_read(store), faces_read(store)] == [["[1]"], []]
    accept(store, **dict(zip(faces["cd"], (1, 2), strict=True)))
    assert [faces_read(store), faces_read(store)] == [["[2]"], []]
    accept(store, **{faces["ab"][0]: 2, faces["cd"][1]: 3})
    assert faces_read(store) == [], "answers move no face"
    assert check(store) == (2,)
    store.write(lambda db: db.execute("UPDATE faces SET x1 = x1 + 1"))
    assert faces_read(store) == ["[2]"]
    near = near_pair("e", "f")
    store.write(lambda db: near_pairs.record_verdicts(db, "Ann", [(near.a, near.b)], same=False))
    assert faces_read(store) == ["[2]"], "other members of any group"


@pytest.mark.parametrize(("name", "most"), [("MOST_FACES", 1), ("MOST_GROUPS", 0)])
def test_what_is_too_much_to_be_kept_is_worked_out_each_time(
    store: Store, monkeypatch: pytest.MonkeyPatch, name: str, most: int
) -> None:
    monkeypatch.setattr(kept, name, most)
    accept(store, **dict(zip(add_copies(store, "ab", [near_pair("a", "b")]), (1, 2), strict=True)))
    assert [check(store), check(store)] == [(1,), (1,)]
    assert faces_read(store) == ["[1]"]


def test_as_many_workspaces_as_are_kept(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "MOST_WORKSPACES", 1)
    with open_fresh(tmp_path / "other") as other:
        for one, labels in ((store, (1, 2)), (other, (2, 2))):
            accept(one, **dict(zip(add_copies(one, "ab", [near_pair("a", "b")]), labels, strict=True)))
        assert [check(one) for one in (store, other, store)] == [(1,), (), (1,)]
        accept(other, **{store.read(lambda db: db.execute("SELECT id FROM faces").fetchone()[0]): 4})
        assert [check(one) for one in (store, other, store)] == [(1,), (1,), (1,)]
        assert len(kept._known) == 1
