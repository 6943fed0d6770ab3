"""Which photos must not straddle the splits of an export: near copies, frames of one file, photos of one person, and
what a data set said belongs together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from sqlite_utils.db import Database as Db

from db.people.persons import person_of_images

SAME_SQL: Final = """
SELECT p.a, p.b FROM near_pairs p WHERE ifnull((
  SELECT v.same FROM pair_verdicts v WHERE v.a = p.a AND v.b = p.b ORDER BY v.id DESC LIMIT 1), 1) = 1
"""
FRAMES_SQL: Final = """
SELECT min(g.sha256) OVER (PARTITION BY g.part_of), g.sha256
FROM sightings g WHERE g.part_of <> '' AND EXISTS (SELECT 1 FROM images i WHERE i.sha256 = g.sha256)
"""
"""Begins with the frames, by their index: with `IN (SELECT …)` SQLite goes through all photos."""
TOLD_SQL: Final = "SELECT min(sha256) OVER (PARTITION BY told), sha256 FROM told_together"


@dataclass(frozen=True, slots=True)
class Link:
    """Two images (SHA-256) that belong together, and why."""

    a: str
    b: str
    why: Literal["copy", "file", "told", "person"]


def links(db: Db) -> Iterator[Link]:
    """What joins images. Pairs judged "not the same" do not; the frames of one file always do, also of one that only
    the data set knows which they came with."""
    for a, b in db.execute(SAME_SQL):
        yield Link(a, b, "copy")
    for a, b in db.execute(FRAMES_SQL):
        if a != b:
            yield Link(a, b, "file")
    for a, b in db.execute(TOLD_SQL):
        if a != b:
            yield Link(a, b, "told")
    first: dict[int, str] = {}
    for sha, known in sorted(person_of_images(db).items()):
        for person in sorted(known):
            if first.setdefault(person, sha) != sha:
                yield Link(first[person], sha, "person")


def split_groups(db: Db) -> dict[str, str]:
    """For each image that is joined with others (see `links`) the smallest SHA-256 of all it is joined with.

    Wider than groups of copies: chains count, so that no near copy of a training photo is in the validation set. The
    names do not depend on the order in which photos came.
    """
    root: dict[str, str] = {}

    def find(sha: str) -> str:
        while root.setdefault(sha, sha) != sha:
            root[sha] = root[root[sha]]
            sha = root[sha]
        return sha

    for link in links(db):
        first, second = sorted((find(link.a), find(link.b)))
        root[second] = first
    return {sha: find(sha) for sha in root}


def straddling(db: Db, split_of: Mapping[str, str]) -> list[Link]:
    """The links between images that are in two splits. split_of: image to split; other images are passed over, and so
    are links through these alone."""
    found = {link for link in links(db) if {link.a, link.b} <= split_of.keys()}
    return sorted((one for one in found if split_of[one.a] != split_of[one.b]), key=lambda one: (one.a, one.b, one.why))
