"""The perceptual hashes of images, the near pairs among them, and the groups that these make.

A batch of images is compared with all (`pipeline.pixels.near_duplicates`), then its pairs, the mark that it was
compared and the groups it touches are written in one transaction: after a crash the next run goes on with the images
without the mark.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlite_utils.db import Database as Db

from db.base.clock import now_iso
from db.base.lean.lazy_numpy import np
from db.base.meta import forget_value, put_value, value_of
from db.duplicates.grouping import NearPair, Pair
from db.duplicates.left_off import INCOMPLETE_AGAIN, compare_incomplete_again, is_incomplete_again
from db.duplicates.region import LISTED, as_json, near_images, with_groups
from db.duplicates.regroup import regroup
from db.reads.counts import count_images
from db.schema.kept_results import kept
from pipeline.core.errors import UsageError

if TYPE_CHECKING:
    import numpy.typing as npt

HASH_BYTES: Final = 192
_VIEWS_KEY: Final = "near_views"
_AT_ONCE: Final = 10_000


@dataclass(frozen=True, slots=True, eq=False)
class HashTable:
    """Images and their hashes. hashes: uint8 (n, 192), parallel to `shas`. same: rows that another one stands for."""

    shas: tuple[str, ...]
    hashes: npt.NDArray[np.uint8]
    same: frozenset[int] = frozenset()


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
    rows = db.execute(f"SELECT sha256, hashes, same_as FROM image_hashes WHERE {where}")
    shas: list[str] = []
    blobs: list[bytes] = []
    same: list[int] = []
    while some := rows.fetchmany(_AT_ONCE):
        same += [len(shas) + n for n, (_, _, standing) in enumerate(some) if standing is not None]
        shas += [sha for sha, _, _ in some]
        blobs.append(b"".join(blob for _, blob, _ in some))
    hashes = np.frombuffer(b"".join(blobs), np.uint8).reshape(-1, HASH_BYTES)
    return HashTable(tuple(shas), hashes, frozenset(same))


def waiting(db: Db) -> int:
    """How many images have hashes, and are to be compared with the others: all where they were without their faces."""
    if is_outdated(db):
        return hashed(db)
    if is_incomplete_again(db):
        sql = "SELECT count(*) FROM image_hashes WHERE compared = 0 OR left_off = 1"
    else:
        sql = "SELECT count(*) FROM image_hashes WHERE compared = 0"
    (number,) = db.execute(sql).fetchone()
    return int(number)


def hashed(db: Db) -> int:
    """How many images have hashes."""
    return kept(db, _hashed, "image_hashes")


def _hashed(db: Db) -> int:
    (number,) = db.execute("SELECT count(*) FROM image_hashes").fetchone()
    return int(number)


def prepare(db: Db) -> None:
    """Note which images of before are to be compared again, before a search begins. Inside a write."""
    if is_incomplete_again(db):
        db.execute("UPDATE image_hashes SET compared = 0 WHERE left_off = 1")
        forget_value(db, INCOMPLETE_AGAIN)


def uncompared(db: Db) -> int:
    """How many images are not compared with all others yet, those without hashes counted: their copies are unknown."""
    return waiting(db) + count_images(db) - hashed(db)


def is_outdated(db: Db) -> bool:
    """Whether images were compared by an older Moue, without a look at their faces."""
    return db.execute("SELECT 1 FROM image_hashes WHERE compared = 1 AND by_faces = 0 LIMIT 1").fetchone() is not None


def views(db: Db) -> tuple[str, ...] | None:
    """The views that the pairs were found with, None before the first search."""
    found = value_of(db, _VIEWS_KEY)
    return None if found is None else tuple(found.split(","))


def restart(db: Db, chosen: Sequence[str]) -> None:
    """Forget all pairs and groups, so that every image is compared again, with these views. Inside a write.

    What people judged "not the same" stays.
    """
    for table in ("duplicate_members", "duplicate_groups", "near_pairs"):
        db.execute(f"DELETE FROM {table}")
    db.execute("UPDATE image_hashes SET compared = 0, same_as = NULL, left_off = 0")
    put_value(db, _VIEWS_KEY, ",".join(chosen))


def put_pairs(db: Db, pairs: Iterable[NearPair]) -> tuple[int, set[str]]:
    """Store near pairs. Inside a write.

    Of a pair found twice the nearer view stays. Returns how many were stored, and the images that are near one that
    has gone meanwhile: they are to be compared again, for what it stood for may be near them, too.
    """
    sql = """
    INSERT INTO near_pairs (a, b, phash, dhash, view, found_at) VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET phash = excluded.phash, dhash = excluded.dhash, view = excluded.view
    WHERE excluded.phash + excluded.dhash < phash + dhash
    """
    at, pairs = now_iso(), list(pairs)
    ends = as_json({sha for pair in pairs for sha in (pair.a, pair.b)})
    there = {sha for (sha,) in db.execute(f"SELECT sha256 FROM image_hashes WHERE sha256 IN {LISTED}", [ends])}
    stored, torn = 0, set[str]()
    for pair in pairs:
        if {pair.a, pair.b} <= there:
            stored += db.execute(sql, [pair.a, pair.b, pair.phash, pair.dhash, pair.view, at]).rowcount
        else:
            torn |= {pair.a, pair.b}
    return stored, torn


def put_same(db: Db, same: Mapping[str, str]) -> None:
    """Store which image stands for an equal one: image -> that one. Inside a write."""
    sql = """
    UPDATE image_hashes SET same_as = ?2 WHERE (sha256 = ?1 OR same_as = ?1)
    AND EXISTS (SELECT 1 FROM image_hashes WHERE sha256 = ?2 AND same_as IS NULL)
    """
    for sha, other in same.items():
        db.execute(sql, [sha, other])


def mark_compared(db: Db, shas: Iterable[str], left_off: Collection[str] = ()) -> None:
    """Note that these images were compared; those of `left_off` have more near pairs than were kept. Inside a write."""
    sql = f"UPDATE image_hashes SET compared = 1, by_faces = 1, left_off = ? WHERE sha256 IN {LISTED}"
    listed = set(shas)
    db.execute(sql, [0, as_json(listed - set(left_off))])
    db.execute(sql, [1, as_json(listed & set(left_off))])


def record_verdicts(db: Db, annotator: str, pairs: Iterable[Pair], *, same: bool, act: str | None = None) -> None:
    """Record what a person judged of pairs (a < b), and group anew what they touch. Inside a write.

    act: the UUID of what said so; what it said once it does not say again. Raises UsageError for a pair that names the
    larger hash first.
    """
    at = now_iso()
    touched = set[str]()
    for a, b in pairs:
        if a >= b:
            raise UsageError(f"a pair names the smaller hash first: {a[:16]} and {b[:16]}")
        db.execute(
            "INSERT INTO pair_verdicts (a, b, same, annotator, at, act) VALUES (?, ?, ?, ?, ?, ?)"
            " ON CONFLICT DO NOTHING",
            [a, b, int(same), annotator, at, act],
        )
        touched |= {a, b}
    if not same:
        compare_incomplete_again(db, touched)
    regroup(db, touched)


def is_judged(db: Db, act: str) -> bool:
    """Whether what this act says of pairs is written: a repeat after an answer that was lost."""
    return db.execute("SELECT 1 FROM pair_verdicts WHERE act = ? LIMIT 1", [act]).fetchone() is not None


def forget(db: Db, shas: Sequence[str]) -> None:
    """Take images out of hashes, pairs, verdicts and groups; the rest is grouped anew. Inside a write.

    To be called before the images' own rows go; a second call does nothing.
    """
    db.execute("PRAGMA secure_delete = ON")
    together, near = _unpaired(db, shas)
    gone = as_json(shas)
    for end in ("a", "b"):
        db.execute(f"DELETE FROM pair_verdicts WHERE {end} IN {LISTED}", [gone])
    regroup(db, together, near)
    db.execute(f"DELETE FROM image_hashes WHERE sha256 IN {LISTED}", [gone])


def compare_again(db: Db, sha256: str) -> None:
    """An image got its first face: what its hashes alone found near is to be looked at once more. Inside a write."""
    together, near = _unpaired(db, [sha256])
    if near:
        regroup(db, together, near)
        db.execute("UPDATE image_hashes SET compared = 0, left_off = 0 WHERE sha256 = ?", [sha256])


def _unpaired(db: Db, shas: Sequence[str]) -> tuple[set[str], set[str]]:
    """Take the pairs of these images away; of equal images others stand.

    Returns the images that were in one group or equal with them, whose groups are to be made anew, and those that were
    near them. Of the latter no other group changes: what did not join one of these images is joined as before.
    """
    gone = as_json(shas)
    compare_incomplete_again(db, shas, gone=shas)
    together, near = with_groups(db, shas), near_images(db, shas)
    _let_others_stand(db, gone)
    db.execute(f"UPDATE image_hashes SET same_as = NULL WHERE sha256 IN {LISTED}", [gone])
    for end in ("a", "b"):
        db.execute(f"DELETE FROM near_pairs WHERE {end} IN {LISTED}", [gone])
    return together, near | together - set(shas)


def _let_others_stand(db: Db, gone: str) -> None:
    """Of equal images another one stands for the rest, with all pairs of the one that goes: its hashes are the same."""
    sql = f"""
    SELECT same_as, min(sha256) FROM image_hashes WHERE same_as IN {LISTED} AND sha256 NOT IN {LISTED} GROUP BY same_as
    """
    pairs = """
    INSERT INTO near_pairs (a, b, phash, dhash, view, found_at)
    SELECT min(other, ?2), max(other, ?2), phash, dhash, view, found_at FROM (
      SELECT b AS other, phash, dhash, view, found_at FROM near_pairs WHERE a = ?1
      UNION ALL SELECT a, phash, dhash, view, found_at FROM near_pairs WHERE b = ?1)
    WHERE other <> ?2 ON CONFLICT DO NOTHING
    """
    for before, now in db.execute(sql, [gone, gone]).fetchall():
        db.execute(pairs, [before, now])
        db.execute("UPDATE image_hashes SET same_as = ?2 WHERE same_as = ?1", [before, now])
        db.execute(
            "UPDATE image_hashes SET same_as = NULL,"
            " (left_off, compared) = (SELECT left_off, compared FROM image_hashes WHERE sha256 = ?1) WHERE sha256 = ?2",
            [before, now],
        )
