"""Where photos came from, with how many each source gave."""

from __future__ import annotations

from dataclasses import dataclass

from sqlite_utils.db import Database as Db

from db.schema.kept_results import kept


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One source. images: those that first came from it; files: all that were met in it."""

    id: int
    kind: str
    location: str
    images: int
    files: int
    created_at: str


def list_sources(db: Db) -> list[SourceRow]:
    """All sources, in the order in which they came."""
    return list(kept(db, _sources, "images", "sightings", "sources"))


def _sources(db: Db) -> tuple[SourceRow, ...]:
    sql = """
    SELECT s.id, s.kind, s.location, (SELECT count(*) FROM images i WHERE i.source_id = s.id),
           (SELECT count(*) FROM sightings g WHERE g.source_id = s.id), s.created_at
    FROM sources s ORDER BY s.id
    """
    return tuple(SourceRow(*row) for row in db.execute(sql))
