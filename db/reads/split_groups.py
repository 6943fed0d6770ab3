"""Which images must not straddle the splits of a release: copies of each other, frames of one video."""

from __future__ import annotations

import json
from itertools import chain
from typing import Final

from sqlite_utils.db import Database as Db

SAME_SQL: Final = """
SELECT p.a, p.b FROM near_pairs p WHERE ifnull((
  SELECT v.same FROM pair_verdicts v WHERE v.a = p.a AND v.b = p.b ORDER BY v.id DESC LIMIT 1), 1) = 1
"""
FRAMES_SQL: Final = """
SELECT min(sha256) OVER (PARTITION BY part_of), sha256
FROM sightings WHERE part_of <> '' AND sha256 IN (SELECT sha256 FROM images)
"""


def split_groups(db: Db) -> dict[str, str]:
    """For each image with a near copy, or from a video or animation, the first-imported one of all it is joined with.

    Wider than the groups: chains count, so that no near copy of a training photo is in the validation set. Pairs
    judged "not the same" do not join; the frames of one file always do. Only a copy of an older image, or one that
    joins two groups, changes a name.
    """
    root: dict[str, str] = {}

    def find(sha: str) -> str:
        while root.setdefault(sha, sha) != sha:
            root[sha] = root[root[sha]]
            sha = root[sha]
        return sha

    for a, b in chain(db.execute(SAME_SQL), db.execute(FRAMES_SQL)):
        root[find(b)] = find(a)
    order = "SELECT sha256 FROM images WHERE sha256 IN (SELECT value FROM json_each(?)) ORDER BY rowid"
    first: dict[str, str] = {}
    for (sha,) in db.execute(order, [json.dumps(list(root))]):
        first.setdefault(find(sha), sha)
    return {sha: first[find(sha)] for sha in root if find(sha) in first}
