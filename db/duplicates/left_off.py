"""Images with more near pairs than are kept: whether a pair that was left off may be needed after all.

It was left off because other pairs join its images anyway. Where one of those goes, or is judged not to be one, all
images with pairs that were left off are to be compared again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from sqlite_utils.db import Database as Db

from db.base.meta import put_value, value_of
from db.duplicates.region import LISTED, as_json, near_images

INCOMPLETE_AGAIN: Final = "near_incomplete_again"
"""Key in `meta`: a pair that was left off may be needed, so all images with such pairs are to be compared again."""
_COMPONENT_SQL: Final = """
WITH RECURSIVE part (sha) AS (
  SELECT value FROM json_each(?)
  UNION SELECT p.b FROM part JOIN near_pairs p ON p.a = part.sha
  UNION SELECT p.a FROM part JOIN near_pairs p ON p.b = part.sha
) SELECT sha FROM part
"""


def incomplete(db: Db) -> int:
    """How many images have more near pairs than are kept."""
    (number,) = db.execute("SELECT count(*) FROM image_hashes WHERE left_off = 1").fetchone()
    return int(number)


def is_incomplete_again(db: Db) -> bool:
    """Whether it was noted that they are to be compared again."""
    return value_of(db, INCOMPLETE_AGAIN) is not None


def compare_incomplete_again(db: Db, shas: Iterable[str], gone: Sequence[str] = ()) -> None:
    """A pair that was left off because these joined its images anyway may be needed from now on.

    Inside a write. gone: of these images those that go."""
    if not incomplete(db) or is_incomplete_again(db):
        return
    shas = set(shas)
    if _any_left_off(db, shas | near_images(db, shas), gone) or _any_left_off(db, _component(db, shas), gone):
        put_value(db, INCOMPLETE_AGAIN, "1")


def _any_left_off(db: Db, shas: Iterable[str], gone: Sequence[str]) -> bool:
    sql = f"""
    SELECT 1 FROM image_hashes WHERE left_off = 1 AND sha256 IN {LISTED} AND sha256 NOT IN {LISTED} LIMIT 1
    """
    return db.execute(sql, [as_json(shas), as_json(gone)]).fetchone() is not None


def _component(db: Db, shas: Iterable[str]) -> Iterator[str]:
    """All images that near pairs join with these, chains counted."""
    return (sha for (sha,) in db.execute(_COMPONENT_SQL, [as_json(shas)]))
