"""The groups that near pairs make, worked out anew for the images that something touched.

Working them out for thousands of images that are all alike takes a second, so it is done without the writer where
nobody waits for the outcome: `plan` reads, `apply` writes, and does nothing where something changed in between.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlite_utils.db import Database as Db

from db.base.clock import now_iso
from db.base.messages import to_columns
from db.duplicates import region
from db.duplicates.grouping import Candidate, NearPair, choose_keeper
from db.duplicates.region import LISTED, as_json
from pipeline.core.messages import Message
from pipeline.core.metrics import BY_NAME

_CHANGE_GROUP: Final = (
    "UPDATE duplicate_groups SET keeper = ?, reason = ?, reason_code = ?, reason_params = ?, size = ? WHERE id = ?"
    " AND (keeper, reason, reason_code, reason_params, size) IS NOT (?, ?, ?, ?, ?)"
)
_MAKE_GROUP: Final = (
    "INSERT INTO duplicate_groups (keeper, reason, reason_code, reason_params, size) VALUES (?, ?, ?, ?, ?)"
)
_JOIN: Final = (
    "INSERT INTO near_pairs (a, b, phash, dhash, view, found_at) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
)
MEMBER_STATE_SQL: Final = """
SELECT ifnull(max(s.verdict IS NOT 'reject'), 0), min(s.class_id), max(s.class_id)
FROM faces f JOIN face_state s ON s.face_id = f.id WHERE f.sha256 = ?
"""
"""live, least_class and most_class of one image, as the triggers of `duplicate_members` keep them."""


@dataclass(frozen=True, slots=True)
class GroupPlan:
    """The groups of some images as they should be. seen: what they were worked out from, see `_seen`.

    old: number -> members, of the groups that are there. groups: instead of those. keepers: of each of `groups`.
    joining: pairs to be stored, so that what is near stays joined beside verdicts.
    """

    shas: tuple[str, ...]
    seen: tuple[int, ...]
    old: Mapping[int, frozenset[str]]
    groups: tuple[tuple[str, ...], ...]
    keepers: tuple[tuple[str, Message], ...]
    joining: tuple[NearPair, ...]


def regroup(db: Db, shas: Iterable[str], beside: Iterable[str] = ()) -> None:
    """Compute anew the groups of these images, at which pairs or verdicts changed, and what changes with them. Inside a
    write. beside: images that were near one that went.

    A group keeps its number as long as it only loses members: who looks at an older state of it never decides on an
    image that was not shown.
    """
    made = plan(db, shas, beside)
    if made is not None:
        _write(db, made)


def plan(db: Db, shas: Iterable[str], beside: Iterable[str] = ()) -> GroupPlan | None:
    """What `regroup` would write; None where there is nothing to group."""
    touched = set(shas)
    joining = region.pairs_that_join(db, touched, set(beside))
    if not touched:
        return None if not joining else GroupPlan((), _seen(db, "[]"), {}, (), (), tuple(joining))
    found = region.grouped(db, touched)
    old: dict[int, set[str]] = {}
    sql = f"SELECT group_id, sha256 FROM duplicate_members WHERE sha256 IN {LISTED}"
    for group_id, sha in db.execute(sql, [as_json(found.changed)]):
        old.setdefault(group_id, set()).add(sha)
    speaking = candidates(db, [sha for group in found.groups for sha in group])
    return GroupPlan(
        found.images,
        _seen(db, as_json(found.images)),
        {number: frozenset(was) for number, was in old.items()},
        found.groups,
        tuple(choose_keeper([speaking[sha] for sha in group]) for group in found.groups),
        tuple(joining),
    )


def apply(db: Db, made: GroupPlan) -> bool:
    """Write a plan. False, and nothing written, where its images, pairs or verdicts changed since. Inside a write."""
    if made.seen != _seen(db, as_json(made.shas)):
        return False
    _write(db, made)
    return True


def _seen(db: Db, listed: str) -> tuple[int, ...]:
    """Numbers that change with whatever groups are made of: verdicts, images and groups come with new ids, or go."""
    sql = f"""
    SELECT (SELECT ifnull(max(id), 0) FROM pair_verdicts), (SELECT ifnull(max(id), 0) FROM duplicate_groups),
           (SELECT count(*) FROM image_hashes WHERE sha256 IN {LISTED}),
           (SELECT count(*) FROM near_pairs WHERE a IN {LISTED}),
           (SELECT count(*) FROM duplicate_members WHERE sha256 IN {LISTED})
    """
    return tuple(db.execute(sql, [listed] * 3).fetchone())


def _write(db: Db, made: GroupPlan) -> None:
    """Write the groups instead of the old ones; what did not change is not written."""
    at = now_iso()
    for pair in made.joining:
        db.execute(_JOIN, [pair.a, pair.b, pair.phash, pair.dhash, pair.view, at])
    numbers = _numbers(made.old, made.groups)
    for number, was in made.old.items():
        stays = made.groups[numbers.index(number)] if number in numbers else ()
        for sha in was - set(stays):
            db.execute("DELETE FROM duplicate_members WHERE sha256 = ?", [sha])
        if not stays:
            db.execute("DELETE FROM duplicate_groups WHERE id = ?", [number])
    for group, kept, (keeper, reason) in zip(made.groups, numbers, made.keepers, strict=True):
        values = [keeper, *to_columns(reason), len(group)]
        if kept is not None:
            db.execute(_CHANGE_GROUP, [*values, kept, *values])
            continue
        made_number = db.execute(_MAKE_GROUP, values).lastrowid
        for sha in group:
            state = db.execute(MEMBER_STATE_SQL, [sha]).fetchone()
            db.execute("INSERT INTO duplicate_members VALUES (?, ?, ?, ?, ?)", [sha, made_number, *state])


def _numbers(old: Mapping[int, frozenset[str]], groups: Sequence[tuple[str, ...]]) -> list[int | None]:
    """For each group the old number that it keeps: the largest part of an old group does."""
    index = {sha: n for n, group in enumerate(groups) for sha in group}
    numbers: list[int | None] = [None] * len(groups)
    for number, was in sorted(old.items()):
        remains = [n for n in sorted({index[sha] for sha in was if sha in index}) if was.issuperset(groups[n])]
        if remains:
            numbers[max(remains, key=lambda n: len(groups[n]))] = number
    return numbers


def candidates(db: Db, shas: Sequence[str]) -> dict[str, Candidate]:
    """What speaks for each image: of its faces that are not rejected the one with the largest crop."""
    sql = f"""
    SELECT i.sha256, i.rowid, i.width, i.height, iif(s.verdict IS 'reject', NULL, max(f.crop_width, f.crop_height)),
           s.verdict IS 'reject', q.sharpness, q.yaw, q.pitch
    FROM images i LEFT JOIN faces f ON f.sha256 = i.sha256 AND f.removed_at IS NULL
    LEFT JOIN face_state s ON s.face_id = f.id LEFT JOIN face_quality q ON q.seq = f.seq
    WHERE i.sha256 IN {LISTED} ORDER BY i.sha256, f.seq
    """
    found: dict[str, Candidate] = {}
    for sha, import_order, width, height, side, rejected, *metrics in db.execute(sql, [as_json(shas)]):
        before = found.get(sha)
        if before is None:
            before = found[sha] = Candidate(sha, import_order, width, height, rejected=bool(rejected))
        if side is not None and (before.side is None or side > before.side):
            read = [
                None if n is None else BY_NAME[name].from_stored(n)
                for name, n in zip(("sharpness", "yaw", "pitch"), metrics, strict=True)
            ]
            sharpness, yaw, pitch = read
            found[sha] = Candidate(sha, import_order, width, height, side, sharpness, yaw, pitch)
    return found
