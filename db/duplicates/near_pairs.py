"""The perceptual hashes of images, the near pairs among them, and the groups that these make.

A batch of images is compared with all (`pipeline.pixels.near_duplicates`), then its pairs, the mark that it was
compared and the groups it touches are written in one transaction: after a crash the next run goes on with the images
without the mark.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from sqlite_utils.db import Database as Db

from db.base.clock import now_iso
from db.base.messages import to_columns
from db.duplicates.grouping import Candidate, NearPair, Pair, choose_keeper, complete_link
from pipeline.core.errors import UsageError
from pipeline.core.metrics import BY_NAME

HASH_BYTES: Final = 192
_VIEWS_KEY: Final = "near_views"
_AT_ONCE: Final = 10_000
_CHANGE_GROUP: Final = (
    "UPDATE duplicate_groups SET keeper = ?, reason = ?, reason_code = ?, reason_params = ?, size = ? WHERE id = ?"
)
_MAKE_GROUP: Final = (
    "INSERT INTO duplicate_groups (keeper, reason, reason_code, reason_params, size) VALUES (?, ?, ?, ?, ?)"
)
_LISTED: Final = "(SELECT value FROM json_each(?))"
"""A list of any length as one parameter, JSON."""

COMPONENT_SQL: Final = """
WITH RECURSIVE part (sha) AS (
  SELECT value FROM json_each(?)
  UNION SELECT p.b FROM part JOIN near_pairs p ON p.a = part.sha
  UNION SELECT p.a FROM part JOIN near_pairs p ON p.b = part.sha
) SELECT sha FROM part
"""
MEMBER_STATE_SQL: Final = """
SELECT ifnull(max(s.verdict IS NOT 'reject'), 0), min(s.class_id), max(s.class_id)
FROM faces f JOIN face_state s ON s.face_id = f.id WHERE f.sha256 = ?
"""
"""live, least_class and most_class of one image, as the triggers of `duplicate_members` keep them."""


@dataclass(frozen=True, slots=True, eq=False)
class HashTable:
    """Images and their hashes. hashes: uint8 (n, 192), parallel to `shas`."""

    shas: tuple[str, ...]
    hashes: npt.NDArray[np.uint8]


def unhashed(db: Db, after: str = "", size: int = 500) -> list[str]:
    """Images that have no hashes (from before they were made), in the order of their names, `size` behind `after`."""
    sql = """
    SELECT i.sha256 FROM images i WHERE i.sha256 > ?
    AND NOT EXISTS (SELECT 1 FROM image_hashes h WHERE h.sha256 = i.sha256) ORDER BY i.sha256 LIMIT ?
    """
    return [sha for (sha,) in db.execute(sql, [after, size])]


def put_hashes(db: Db, rows: Iterable[tuple[str, bytes]]) -> None:
    """Store 192 bytes each for images that are there and have none. Inside a write."""
    sql = """
    INSERT INTO image_hashes (sha256, hashes) SELECT i.sha256, :hashes FROM images i WHERE i.sha256 = :sha
    ON CONFLICT DO NOTHING
    """
    for sha, hashes in rows:
        db.execute(sql, {"sha": sha, "hashes": hashes})


def load_hashes(db: Db, *, compared: bool) -> HashTable:
    """The images that were compared with each other, or those that are still to be, these in the order of their names.

    The others come as they lie on the disk: by name it takes ten times as long.
    """
    where = "compared = 1" if compared else "compared = 0 ORDER BY sha256"  # no parameter: so the small index is used
    rows = db.execute(f"SELECT sha256, hashes FROM image_hashes WHERE {where}")
    shas: list[str] = []
    blobs: list[bytes] = []
    while some := rows.fetchmany(_AT_ONCE):
        shas += [sha for sha, _ in some]
        blobs.append(b"".join(blob for _, blob in some))
    hashes = np.frombuffer(b"".join(blobs), np.uint8).reshape(-1, HASH_BYTES)
    return HashTable(tuple(shas), hashes)


def waiting(db: Db) -> int:
    """How many images have hashes, and were not compared with the others yet."""
    (number,) = db.execute("SELECT count(*) FROM image_hashes WHERE compared = 0").fetchone()
    return int(number)


def views(db: Db) -> tuple[str, ...] | None:
    """The views that the pairs were found with, None before the first search."""
    row = db.execute("SELECT value FROM meta WHERE key = ?", [_VIEWS_KEY]).fetchone()
    return tuple(row[0].split(",")) if row else None


def restart(db: Db, chosen: Sequence[str]) -> None:
    """Forget all pairs and groups, so that every image is compared again, with these views. Inside a write.

    What people judged "not the same" stays.
    """
    for table in ("duplicate_members", "duplicate_groups", "near_pairs"):
        db.execute(f"DELETE FROM {table}")
    db.execute("UPDATE image_hashes SET compared = 0")
    db.execute("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", [_VIEWS_KEY, ",".join(chosen)])


def record_pairs(db: Db, pairs: Iterable[NearPair], compared: Sequence[str]) -> int:
    """Store near pairs, mark the images `compared`, and group anew what the pairs touch. Inside a write.

    A pair of an image that has gone meanwhile is left out; of one found twice the nearer view stays.
    Returns how many pairs were stored.
    """
    sql = """
    INSERT INTO near_pairs (a, b, phash, dhash, view, found_at) SELECT ?1, ?2, ?3, ?4, ?5, ?6
    WHERE (SELECT count(*) FROM image_hashes WHERE sha256 IN (?1, ?2)) = 2
    ON CONFLICT DO UPDATE SET phash = excluded.phash, dhash = excluded.dhash, view = excluded.view
    WHERE excluded.phash + excluded.dhash < phash + dhash
    """
    at = now_iso()
    stored, touched = 0, set[str]()
    for pair in pairs:
        stored += db.execute(sql, [pair.a, pair.b, pair.phash, pair.dhash, pair.view, at]).rowcount
        touched |= {pair.a, pair.b}
    db.execute(
        "UPDATE image_hashes SET compared = 1 WHERE sha256 IN (SELECT value FROM json_each(?))", [_json(compared)]
    )
    regroup(db, touched)
    return stored


def record_verdicts(db: Db, annotator: str, pairs: Iterable[Pair], *, same: bool) -> None:
    """Record what a person judged of pairs (a < b), and group anew what they touch. Inside a write."""
    at = now_iso()
    touched = set[str]()
    for a, b in pairs:
        if a >= b:
            raise UsageError(f"a pair names the smaller hash first: {a[:16]} and {b[:16]}")
        db.execute(
            "INSERT INTO pair_verdicts (a, b, same, annotator, at) VALUES (?, ?, ?, ?, ?)",
            [a, b, int(same), annotator, at],
        )
        touched |= {a, b}
    regroup(db, touched)


def forget(db: Db, shas: Sequence[str]) -> None:
    """Take images out of hashes, pairs, verdicts and groups; the rest is grouped anew. Inside a write.

    To be called before the images' own rows go; a second call does nothing.
    """
    db.execute("PRAGMA secure_delete = ON")
    gone = _json(shas)
    listed = "(SELECT value FROM json_each(:gone))"
    left = db.execute(
        f"SELECT b FROM near_pairs WHERE a IN {listed} UNION SELECT a FROM near_pairs WHERE b IN {listed}"
        " UNION SELECT m.sha256 FROM duplicate_members m WHERE m.group_id IN"
        f" (SELECT group_id FROM duplicate_members WHERE sha256 IN {listed})",
        {"gone": gone},
    ).fetchall()
    for table in ("near_pairs", "pair_verdicts"):
        for end in ("a", "b"):
            db.execute(f"DELETE FROM {table} WHERE {end} IN {listed}", {"gone": gone})
    regroup(db, [sha for (sha,) in left])
    db.execute(f"DELETE FROM image_hashes WHERE sha256 IN {listed}", {"gone": gone})


def regroup(db: Db, shas: Iterable[str]) -> None:
    """Compute the groups of these images, and of all that near pairs join them with. Inside a write.

    A group keeps its number as long as it only loses members: who looks at an older state of it never decides on an
    image that was not shown.
    """
    component = [sha for (sha,) in db.execute(COMPONENT_SQL, [_json(sorted(shas))])]
    if not component:
        return
    listed = _json(component)
    rows = db.execute(f"SELECT a, b, phash, dhash, view FROM near_pairs WHERE a IN {_LISTED}", [listed])
    pairs = [NearPair(*row) for row in rows]
    groups = complete_link(pairs, distinct_pairs(db, component))
    old: dict[int, set[str]] = {}
    sql = f"SELECT group_id FROM duplicate_members WHERE sha256 IN {_LISTED}"
    for group_id, sha in db.execute(
        f"SELECT group_id, sha256 FROM duplicate_members WHERE group_id IN ({sql})", [listed]
    ):
        old.setdefault(group_id, set()).add(sha)
    _replace(db, old, groups)


def distinct_pairs(db: Db, shas: Sequence[str]) -> set[Pair]:
    """The pairs among these images that were judged "not the same", by the newest verdict on each."""
    newest: dict[Pair, int] = {}
    sql = f"SELECT a, b, same FROM pair_verdicts WHERE a IN {_LISTED} ORDER BY id"
    for a, b, same in db.execute(sql, [_json(shas)]):
        newest[a, b] = same
    return {pair for pair, same in newest.items() if not same}


def _replace(db: Db, old: dict[int, set[str]], groups: Sequence[tuple[str, ...]]) -> None:
    """Write `groups` instead of `old`; what did not change is not written."""
    candidates = _candidates(db, [sha for group in groups for sha in group])
    numbers = _numbers(old, groups)
    for number, was in old.items():
        stays = groups[numbers.index(number)] if number in numbers else ()
        for sha in was - set(stays):
            db.execute("DELETE FROM duplicate_members WHERE sha256 = ?", [sha])
        if not stays:
            db.execute("DELETE FROM duplicate_groups WHERE id = ?", [number])
    for group, kept in zip(groups, numbers, strict=True):
        keeper, reason = choose_keeper([candidates[sha] for sha in group])
        values = [keeper, *to_columns(reason), len(group)]
        if kept is not None:
            db.execute(_CHANGE_GROUP, [*values, kept])
            continue
        made = db.execute(_MAKE_GROUP, values).lastrowid
        for sha in group:
            state = db.execute(MEMBER_STATE_SQL, [sha]).fetchone()
            db.execute("INSERT INTO duplicate_members VALUES (?, ?, ?, ?, ?)", [sha, made, *state])


def _numbers(old: dict[int, set[str]], groups: Sequence[tuple[str, ...]]) -> list[int | None]:
    """For each group the old number that it keeps: the largest part of an old group does."""
    index = {sha: n for n, group in enumerate(groups) for sha in group}
    numbers: list[int | None] = [None] * len(groups)
    for number, was in sorted(old.items()):
        remains = [n for n in sorted({index[sha] for sha in was if sha in index}) if was.issuperset(groups[n])]
        if remains:
            numbers[max(remains, key=lambda n: len(groups[n]))] = number
    return numbers


def _candidates(db: Db, shas: Sequence[str]) -> dict[str, Candidate]:
    """What speaks for each image: of its faces that are not rejected the one with the largest crop."""
    sql = f"""
    SELECT i.sha256, i.rowid, i.width, i.height, iif(s.verdict IS 'reject', NULL, max(f.crop_width, f.crop_height)),
           q.sharpness, q.yaw, q.pitch
    FROM images i LEFT JOIN faces f ON f.sha256 = i.sha256 AND f.removed_at IS NULL
    LEFT JOIN face_state s ON s.face_id = f.id LEFT JOIN face_quality q ON q.seq = f.seq
    WHERE i.sha256 IN {_LISTED} ORDER BY i.sha256, f.seq
    """
    found: dict[str, Candidate] = {}
    for sha, import_order, width, height, side, *metrics in db.execute(sql, [_json(shas)]):
        before = found.get(sha)
        if before is None:
            before = found[sha] = Candidate(sha, import_order, width, height)
        if side is not None and (before.side is None or side > before.side):
            read = [
                None if n is None else BY_NAME[name].from_stored(n)
                for name, n in zip(("sharpness", "yaw", "pitch"), metrics, strict=True)
            ]
            found[sha] = Candidate(sha, import_order, width, height, side, *read)
    return found


def _json(shas: Iterable[str]) -> str:
    return json.dumps(list(shas))
