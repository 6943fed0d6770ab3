"""The near pairs around a few images: as much of all pairs as decides the groups of these.

Groups are made greedily, the nearest pair first (`db.duplicates.grouping.linked_groups`). What happens inside of a
group hangs on the pairs within it alone, and two images of different groups never joined. So where something changed
at some images, only their own groups, and those that these may join now, are to be worked out again.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Final

from sqlite_utils.db import Database as Db

from db.duplicates.grouping import NearGraph, NearPair, Pair, linked_groups

LISTED: Final = "(SELECT value FROM json_each(?))"
"""A list of any length as one parameter, JSON."""

_COLUMNS: Final = "p.a, p.b, p.phash, p.dhash, p.view"
# CROSS JOIN: SQLite keeps the order, from the members that are named.
_WITHIN_GROUPS: Final = f"""
SELECT {_COLUMNS} FROM json_each(?) w CROSS JOIN duplicate_members m ON m.sha256 = w.value
CROSS JOIN near_pairs p ON p.a = m.sha256
CROSS JOIN duplicate_members n ON n.sha256 = p.b AND n.group_id = m.group_id
"""


@dataclass(frozen=True, slots=True)
class Region:
    """The groups of some images, worked out anew. images: all that were looked at, sorted; changed: those among them
    whose groups `groups` are, none of which holds any other image."""

    images: tuple[str, ...]
    changed: frozenset[str]
    groups: tuple[tuple[str, ...], ...]


def grouped(db: Db, shas: Iterable[str]) -> Region:
    """The groups of these images, at which pairs or verdicts changed, and of all whose groups change with theirs."""
    changed = with_groups(db, shas)
    while True:
        beside = with_groups(db, near_images(db, changed)) - changed
        images = changed | beside
        pairs = [*pairs_of(db, changed), *_pairs_within_groups(db, beside)]
        graph = NearGraph.of(pairs, distinct_pairs(db, images), equal_images(db, images))
        groups = linked_groups(graph)
        before = _groups_of(db, beside)
        mixed = [group for group in groups if _is_mixed(group, changed, before)]
        reached = set(chain.from_iterable(mixed)) - changed
        if not reached:
            own = tuple(group for group in groups if group[0] in changed)
            return Region(tuple(sorted(images)), frozenset(changed), own)
        changed = with_groups(db, changed | reached)


def _is_mixed(group: Collection[str], changed: set[str], before: Mapping[str, int]) -> bool:
    """Whether images came together that were in different groups, some of them not known to have changed."""
    own = sum(sha in changed for sha in group)
    return 0 < own < len(group) or (own == 0 and len({before.get(sha, sha) for sha in group}) > 1)


def pairs_that_join(db: Db, shas: Collection[str], beside: Collection[str] = ()) -> list[NearPair]:
    """Pairs to be stored so that what is near stays joined beside verdicts: see `NearGraph.pairs_that_join`.

    Needed where two images were judged distinct of which one has equal ones: only the pair of those that stand for
    them is stored. shas: where pairs or verdicts changed; beside: images that pairs were taken from.
    """
    around = _with_equal(db, {*shas, *beside})
    torn = _torn(db, around | _with_equal(db, near_images(db, around)))
    while torn:
        near = _with_equal(db, torn | near_images(db, torn))
        more = _torn(db, near | _with_equal(db, near_images(db, near)))
        if more <= torn:
            break
        torn |= more
    if not torn:
        return []
    pairs = pairs_of(db, torn)
    images = _with_equal(db, torn | {sha for pair in pairs for sha in (pair.a, pair.b)})
    known = {(pair.a, pair.b) for pair in pairs}
    graph = NearGraph.of(pairs, distinct_pairs(db, images), equal_images(db, images))
    return [pair for pair in graph.pairs_that_join() if (pair.a, pair.b) not in known and not torn.isdisjoint(pair[:2])]


def _torn(db: Db, shas: Collection[str]) -> set[str]:
    """Of these images those of a class with a verdict that a pair of other images is to stand in for."""
    distinct = distinct_pairs(db, shas)
    if not distinct:
        return set()
    same = equal_images(db, shas)
    stand = set(same.values())
    ends = {sha for pair in distinct if any(one in same or one in stand for one in pair) for sha in pair}
    return _with_equal(db, ends)


def pairs_of(db: Db, shas: Iterable[str]) -> list[NearPair]:
    """The near pairs that one of these images is in."""
    listed = as_json(shas)
    sql = f"""
    SELECT {_COLUMNS} FROM near_pairs p WHERE a IN {LISTED}
    UNION ALL SELECT {_COLUMNS} FROM near_pairs p WHERE b IN {LISTED} AND a NOT IN {LISTED}
    """
    return list(map(NearPair._make, db.execute(sql, [listed] * 3)))


def _pairs_within_groups(db: Db, shas: Iterable[str]) -> list[NearPair]:
    return list(map(NearPair._make, db.execute(_WITHIN_GROUPS, [as_json(shas)])))


def distinct_pairs(db: Db, shas: Iterable[str]) -> set[Pair]:
    """The pairs among these images that were judged "not the same", by the newest verdict on each."""
    newest: dict[Pair, int] = {}
    # +b: or SQLite looks up each `a` with each `b`
    sql = f"SELECT a, b, same FROM pair_verdicts WHERE a IN {LISTED} AND +b IN {LISTED} ORDER BY id"
    for a, b, same in db.execute(sql, [as_json(shas)] * 2):
        newest[a, b] = same
    return {pair for pair, same in newest.items() if not same}


def equal_images(db: Db, shas: Iterable[str]) -> dict[str, str]:
    """Of these images those with equal ones of before: image -> the one that stands for it."""
    sql = f"SELECT sha256, same_as FROM image_hashes WHERE same_as IS NOT NULL AND sha256 IN {LISTED}"
    return dict(db.execute(sql, [as_json(shas)]))


def _groups_of(db: Db, shas: Iterable[str]) -> dict[str, int]:
    sql = f"SELECT sha256, group_id FROM duplicate_members WHERE sha256 IN {LISTED}"
    return dict(db.execute(sql, [as_json(shas)]))


def near_images(db: Db, shas: Iterable[str]) -> set[str]:
    """The images at the other ends of these images' pairs."""
    listed = as_json(shas)
    sql = f"SELECT b FROM near_pairs WHERE a IN {LISTED} UNION SELECT a FROM near_pairs WHERE b IN {LISTED}"
    return {sha for (sha,) in db.execute(sql, [listed] * 2)}


def _with_equal(db: Db, shas: Iterable[str]) -> set[str]:
    """These images and all that are equal to one of them."""
    sql = f"SELECT DISTINCT ifnull(same_as, sha256) FROM image_hashes WHERE sha256 IN {LISTED}"
    standing = {sha for (sha,) in db.execute(sql, [as_json(shas)])}
    sql = f"SELECT sha256 FROM image_hashes WHERE same_as IN {LISTED}"
    return {*shas, *standing, *(sha for (sha,) in db.execute(sql, [as_json(standing)]))}


def with_groups(db: Db, shas: Iterable[str]) -> set[str]:
    """These images, all of their groups, and all that are equal to one of these; again until nothing is added."""
    sql = f"""
    SELECT sha256 FROM duplicate_members WHERE group_id IN
      (SELECT group_id FROM duplicate_members WHERE sha256 IN {LISTED})
    """
    found, new = set[str](), set(shas)
    while new:
        found |= new
        members = {sha for (sha,) in db.execute(sql, [as_json(new)])}
        new = _with_equal(db, new | members) - found
    return found


def as_json(shas: Iterable[str]) -> str:
    """A list as one parameter, see `LISTED`."""
    return json.dumps(list(shas))
