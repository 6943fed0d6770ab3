from __future__ import annotations

from itertools import combinations
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from db.duplicates import near_pairs
from db.duplicates.grouping import NearPair, complete_link
from db.duplicates.region import distinct_pairs
from db.images.erase import erase
from db.store.store import Db
from tests.db.fresh import open_fresh
from tests.db.make import add_images, sha_of
from tests.db.near_copies import BLANK, groups_of, near_pair, record_pairs
from tests.examples import examples

NAMES = "abcdefg"
EVERY = list(combinations(NAMES, 2))

Step = tuple[str, object]
steps = st.lists(
    st.one_of(
        st.tuples(st.just("near"), st.lists(st.tuples(st.sampled_from(EVERY), st.integers(0, 3)), max_size=8)),
        st.tuples(st.just("apart"), st.sampled_from(EVERY)),
        st.tuples(st.just("same"), st.sampled_from(EVERY)),
        st.tuples(st.just("erase"), st.sampled_from(NAMES)),
    ),
    max_size=12,
)


def take(db: Db, kind: str, what: object) -> None:
    if kind == "near":
        record_pairs(db, [near_pair(*pair, bits, bits) for pair, bits in what], [])  # type: ignore[attr-defined]
    elif kind == "erase":
        if db.execute("SELECT 1 FROM images WHERE sha256 = ?", [sha_of(str(what))]).fetchone():
            erase(db, sha_of(str(what)))
    else:
        pair = near_pair(*what)  # type: ignore[misc]
        near_pairs.record_verdicts(db, "Ann", [(pair.a, pair.b)], same=kind == "same")


@given(steps)
@settings(max_examples=examples(25), deadline=None)
def test_step_by_step_the_groups_are_those_of_all_pairs_at_once(taken: list[Step]) -> None:
    """Only what a step touches is grouped anew; the outcome is as if everything were."""
    with TemporaryDirectory() as folder, open_fresh(Path(folder)) as store:
        add_images(store, list(NAMES))
        store.write(lambda db: near_pairs.put_hashes(db, [(sha_of(name), BLANK) for name in NAMES]))
        seen: dict[int, set[str]] = {}
        for kind, what in taken:
            store.write(lambda db, kind=kind, what=what: take(db, kind, what))
            now = groups_of(store)
            assert all(members <= seen.get(number, members) for number, members in now.items())
            seen |= now
        rows = store.read(lambda db: db.execute("SELECT a, b, phash, dhash, view FROM near_pairs").fetchall())
        pairs = [NearPair(*row) for row in rows]
        distinct = store.read(lambda db: distinct_pairs(db, [sha_of(name) for name in NAMES]))
        assert sorted(tuple(sorted(group)) for group in groups_of(store).values()) == complete_link(pairs, distinct)
        sizes = store.read(lambda db: dict(db.execute("SELECT id, size FROM duplicate_groups").fetchall()))
        assert sizes == {number: len(members) for number, members in groups_of(store).items()}
