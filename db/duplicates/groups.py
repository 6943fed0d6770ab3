"""What the Duplicates page shows and does: groups of near copies, one page at a time."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Final, Literal

from sqlite_utils.db import Database as Db

from db.base import paging
from db.base.outcome_order import OUTCOME_RANKS
from db.base.paging import Page
from db.base.quality_columns import QUALITY_COLUMNS, quality_of
from db.decisions.ops import DecideOp
from db.duplicates import near_pairs
from db.duplicates.conflict_groups import conflict_groups
from db.duplicates.conflicts import LabelConflict, conflicts
from db.duplicates.grouping import Pair, choose_keeper
from db.duplicates.regroup import candidates
from db.schema.kept_results import kept
from db.tables.annotators import ensure_annotator
from pipeline.core.errors import UsageError
from pipeline.core.messages import Message, message
from pipeline.core.metrics import QualityMetrics
from pipeline.core.outcome import Outcome
from pipeline.core.records import Verdict

GroupState = Literal["open", "resolved", "conflicts", "all"]

_OPEN_SQL: Final = "SELECT group_id FROM duplicate_members WHERE live = 1 GROUP BY group_id HAVING count(*) > 1"
OPEN_COUNT_SQL: Final = f"SELECT count(*) FROM ({_OPEN_SQL})"
# CROSS JOIN: SQLite keeps the order. Left to itself it walks through all images or all faces.
_NEWER_SQL: Final = """
SELECT count(DISTINCT m.group_id) FROM images i CROSS JOIN duplicate_members m ON m.sha256 = i.sha256
WHERE i.rowid > ? AND m.group_id IN
"""
_MEMBERS_SQL: Final = """
SELECT m.group_id, i.sha256, i.width, i.height, i.format,
       ifnull((SELECT g.location FROM sightings g WHERE g.sha256 = i.sha256 ORDER BY g.id LIMIT 1), i.original)
         AS location,
       s.kind AS source_kind, (SELECT count(*) FROM sightings g WHERE g.sha256 = i.sha256) AS files,
       p.phash, p.dhash, p.view
FROM json_each(?) w CROSS JOIN duplicate_members m ON m.group_id = w.value ->> 0
CROSS JOIN images i ON i.sha256 = m.sha256 JOIN sources s ON s.id = i.source_id
LEFT JOIN image_hashes k ON k.sha256 = w.value ->> 1 LEFT JOIN image_hashes h ON h.sha256 = i.sha256
LEFT JOIN near_pairs p ON p.a = min(ifnull(k.same_as, k.sha256), ifnull(h.same_as, h.sha256))
  AND p.b = max(ifnull(k.same_as, k.sha256), ifnull(h.same_as, h.sha256))
ORDER BY m.group_id, i.sha256 <> (w.value ->> 1), i.rowid
"""
_FACES_SQL: Final = f"""
SELECT f.sha256, f.id, f.crop_version, s.verdict, s.class_id, s.reason, s.decision_uuid,
       {QUALITY_COLUMNS}
FROM json_each(?) w CROSS JOIN duplicate_members m ON m.group_id = w.value
CROSS JOIN faces f ON f.sha256 = m.sha256 CROSS JOIN face_state s ON s.face_id = f.id
LEFT JOIN face_quality q ON q.seq = f.seq
ORDER BY f.sha256, f.rank, f.seq
"""


@dataclass(frozen=True, slots=True)
class MemberFace:
    """One face of a member. verdict: None while undecided; quality: None where it was not measured. decision: the UUID
    of the decision that counts."""

    face_id: str
    crop_version: str
    verdict: str | None
    class_id: int | None
    reason: str | None
    quality: QualityMetrics | None
    decision: str | None = None


@dataclass(frozen=True, slots=True)
class Member:
    """One image of a group. width, height: upright pixels. phash, dhash: bits (of 256) away from the keeper, in `view`
    (plain, mirror or centre). files: how many files with exactly these bytes there are.
    """

    sha256: str
    width: int
    height: int
    format: str
    location: str
    source_kind: str
    phash: int
    dhash: int
    faces: tuple[MemberFace, ...]
    view: str = "plain"
    files: int = 1


@dataclass(frozen=True, slots=True)
class DuplicateGroup:
    """Images that show the same photo, the keeper first, the others as they were imported. reason: why the keeper.

    keeper: as the faces are decided now; "" where all of them are rejected.

    conflicts: the same face in two members, accepted with two classes.
    """

    id: int
    keeper: str
    reason: Message
    members: tuple[Member, ...]
    conflicts: tuple[LabelConflict, ...] = ()


def open_groups(db: Db) -> int:
    """How many groups wait: two or more of their members have a face that is not rejected."""
    return kept(db, _open_groups, "duplicate_members")


def _open_groups(db: Db) -> int:
    (number,) = db.execute(OPEN_COUNT_SQL).fetchone()
    return int(number)


def newest_image(db: Db) -> int:
    """The number of the image that came last; 0 where none did. See `count_new`."""
    return int(db.execute("SELECT ifnull(max(rowid), 0) FROM images").fetchone()[0])


def count_new(db: Db, state: GroupState, after: int) -> int:
    """How many groups of this list have a photo that came behind the image number `after`. Only what is open or all
    groups grow as photos come: 0 for the others."""
    if state not in ("open", "all"):
        return 0
    which = _OPEN_SQL if state == "open" else "SELECT id FROM duplicate_groups"
    return int(db.execute(f"{_NEWER_SQL}({which})", [after]).fetchone()[0])


def totals(db: Db) -> dict[str, int]:
    """Numbers of the whole workspace: images, exact (files whose bytes another file has), near_pairs, groups, open,
    conflicts (groups with at least one).
    """
    copies = OUTCOME_RANKS.index(Outcome.ALREADY_PRESENT)
    exact = f"SELECT count(*) FROM sightings WHERE outcome_rank = {copies}"
    counted = {
        "images": "SELECT count(*) FROM images",
        "exact": exact,
        "near_pairs": "SELECT count(*) FROM near_pairs",
        "groups": "SELECT count(*) FROM duplicate_groups",
        "open": OPEN_COUNT_SQL,
    }
    found = {name: int(db.execute(sql).fetchone()[0]) for name, sql in counted.items()}
    return found | {"conflicts": len(conflict_groups(db))}


def count_groups(db: Db) -> dict[GroupState, int]:
    """How many groups each state has."""
    states: tuple[GroupState, ...] = ("open", "resolved", "conflicts", "all")
    (groups,) = db.execute("SELECT count(*) FROM duplicate_groups").fetchone()
    waiting = open_groups(db)
    return dict(zip(states, (waiting, groups - waiting, len(conflict_groups(db)), groups), strict=True))


def group_page(
    db: Db, state: GroupState, size: int, after: str | None = None, before: str | None = None
) -> Page[DuplicateGroup]:
    """At most `size` groups behind the cursor `after` or in front of `before`, in the order in which they were found.

    state: open (see `open_groups`), resolved (the others), conflicts (see `conflicts`) or all. Raises UsageError.
    """
    page = paging.fetch(db, listing(db, state), size, after, before)
    return page.with_items(_groups(db, page.items))


def group(db: Db, group_id: int) -> DuplicateGroup | None:
    """One group as it is now, None where there is none of that number (any more)."""
    rows = list(db.query("SELECT id, keeper FROM duplicate_groups WHERE id = ?", [group_id]))
    return next(iter(_groups(db, rows)), None)


def listing(db: Db, state: GroupState) -> paging.Listing:
    """The state as a condition on `duplicate_groups`. Raises UsageError."""
    params: tuple[Any, ...] = ()
    if state == "open":
        where: tuple[str, ...] = (f"t.id IN ({_OPEN_SQL})",)
    elif state == "resolved":
        where = (f"t.id NOT IN ({_OPEN_SQL})",)
    elif state == "conflicts":
        where = ("t.id IN (SELECT value FROM json_each(?))",)
        params = (json.dumps(conflict_groups(db)),)
    elif state == "all":
        where = ()
    else:
        raise UsageError(message("group_state", state=state))
    columns = ("t.id", "t.keeper")
    return paging.Listing("duplicate_groups", ("id",), columns, "", where, params)


def keep_ops(db: Db, group_id: int, keep: str, step: str) -> list[DecideOp]:
    """The decisions that keep one image of a group: every face of the others not yet rejected is, as `duplicate`.

    keep: its SHA-256. step: names them, so that one undo takes them all back; asked for twice with one step, they are
    the same decisions. Raises UsageError where the group has changed meanwhile.
    """
    _members(db, group_id, keep)
    sql = """
    SELECT s.face_id, f.sha256 FROM duplicate_members m CROSS JOIN faces f ON f.sha256 = m.sha256
    CROSS JOIN face_state s ON s.face_id = f.id
    WHERE m.group_id = ? AND m.sha256 <> ? AND s.verdict IS NOT 'reject' ORDER BY f.seq
    """
    return [
        DecideOp(
            str(uuid.uuid5(uuid.NAMESPACE_OID, f"{step}:{face_id}")), step, face_id, sha256, Verdict.REJECT,
            reason="duplicate",
        )
        for face_id, sha256 in db.execute(sql, [group_id, keep])
    ]  # fmt: skip


def step_is_known(db: Db, annotator: str, step: str) -> bool:
    """Whether the annotator's decisions of this step are written: a repeat after an answer that was lost."""
    sql = "SELECT 1 FROM decisions WHERE step = ? AND annotator = ? LIMIT 1"
    return db.execute(sql, [step, annotator]).fetchone() is not None


def mark_distinct(
    db: Db, annotator: str, group_id: int, distinct: str | None = None, act: str | None = None
) -> tuple[Pair, ...]:
    """Record that the image `distinct` is another photo than the rest of its group; None: that all are different.

    The rest of the group keeps its number. Inside a write. Returns the pairs, for `mark_same`. Raises UsageError where
    the group has changed meanwhile, and SignInError for a name that is none.
    """
    members = _members(db, group_id, distinct)
    pairs = tuple((a, b) for a, b in combinations(sorted(members), 2) if distinct in (None, a, b))
    near_pairs.record_verdicts(db, ensure_annotator(db, annotator), pairs, same=False, act=act)
    return pairs


def mark_same(db: Db, annotator: str, pairs: Iterable[Pair], act: str | None = None) -> None:
    """Take `mark_distinct` back. Inside a write. Pairs that are no longer near (an image was erased) change nothing."""
    near_pairs.record_verdicts(db, ensure_annotator(db, annotator), pairs, same=True, act=act)


def _members(db: Db, group_id: int, needed: str | None) -> list[str]:
    rows = db.execute("SELECT sha256 FROM duplicate_members WHERE group_id = ?", [group_id])
    members = [sha for (sha,) in rows]
    if not members or (needed is not None and needed not in members):
        raise UsageError(message("group_changed", n=group_id))
    return members


def _keepers(db: Db, numbers: Sequence[int]) -> dict[int, tuple[tuple[str, Message], str]]:
    """The image to keep of each group as its faces are decided now ("" for none) and why, and what is shown first."""
    sql = "SELECT group_id, sha256 FROM duplicate_members WHERE group_id IN (SELECT value FROM json_each(?))"
    members: dict[int, list[str]] = {}
    for number, sha in db.execute(sql, [json.dumps(list(numbers))]):
        members.setdefault(number, []).append(sha)
    found = candidates(db, [sha for shas in members.values() for sha in shas])
    chosen = {number: choose_keeper([found[sha] for sha in shas]) for number, shas in members.items()}
    oldest = {number: min(shas, key=lambda sha: found[sha].import_order) for number, shas in members.items()}
    return {number: (one, one[0] or oldest[number]) for number, one in chosen.items()}


def _groups(db: Db, rows: Sequence[dict[str, Any]]) -> tuple[DuplicateGroup, ...]:
    numbers = [row["id"] for row in rows]
    faces: dict[str, list[MemberFace]] = {}
    for row in db.execute(_FACES_SQL, [json.dumps(numbers)]):
        sha, face, version, verdict, class_id, reason, decision = row[:7]
        found = MemberFace(face, version, verdict, class_id, reason, quality_of(row[7:]), decision)
        faces.setdefault(sha, []).append(found)
    members: dict[int, list[Member]] = {}
    keepers = _keepers(db, numbers)
    first = [(number, reference) for number, (_, reference) in keepers.items()]
    for number, *shown in db.execute(_MEMBERS_SQL, [json.dumps(first)]):
        sha, width, height, form, location, kind, files, phash, dhash, view = shown
        own = tuple(faces.get(sha, ()))
        members.setdefault(number, []).append(
            Member(sha, width, height, form, location, kind, phash or 0, dhash or 0, own, view or "plain", files)
        )
    differing: dict[int, tuple[LabelConflict, ...]] = {}
    for conflict in conflicts(db, numbers):
        differing[conflict.group_id] = (*differing.get(conflict.group_id, ()), conflict)
    return tuple(
        DuplicateGroup(
            number,
            *keepers[number][0],
            tuple(members.get(number, ())),
            differing.get(number, ()),
        )
        for number, row in zip(numbers, rows, strict=True)
    )
