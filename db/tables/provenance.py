"""Where on the web images are from: one row for each sighting that a search or a list led to."""

from __future__ import annotations

from collections import defaultdict
from typing import Final

from sqlite_utils.db import Database as Db

from db.base.paths import to_text
from pipeline.core.records import Provenance

_FIELDS: Final = ("image_url", "page_url", "title", "author", "licence", "licence_url", "engine", "query")
_COLUMNS: Final = ", ".join(f"p.{name}" for name in _FIELDS)


def put(db: Db, source_id: int, location: str, provenance: Provenance, at: str) -> None:
    """Note where on the web the file `location` of a source, which has its row, is from. Inside a write."""
    sql = f"""
    INSERT INTO provenance (sighting, {", ".join(_FIELDS)}, at)
    SELECT id, {", ".join("?" * len(_FIELDS))}, ? FROM sightings WHERE source_id = ? AND location = ?
    ON CONFLICT (sighting) DO UPDATE SET {", ".join(f"{name} = excluded.{name}" for name in (*_FIELDS, "at"))}
    """
    values = [to_text(getattr(provenance, name)) for name in _FIELDS]
    db.execute(sql, [*values, at, source_id, to_text(location)])


def of_image(db: Db, sha256: str) -> tuple[Provenance, ...]:
    """Each web page that the image was found on, in the order in which they were recorded."""
    sql = f"SELECT {_COLUMNS} FROM sightings g JOIN provenance p ON p.sighting = g.id WHERE g.sha256 = ? ORDER BY g.id"
    return tuple(Provenance(*row) for row in db.execute(sql, [sha256]))


def of_all(db: Db, among: str | None = None) -> dict[str, tuple[Provenance, ...]]:
    """`of_image` for every image from the web, by SHA-256. among: SQL that selects those of few images; of these alone,
    each looked up."""
    if among is None:  # by its own key: ordered by the sightings', which is the same, SQLite goes through all of these
        sql = f"""
        SELECT g.sha256, {_COLUMNS} FROM provenance p CROSS JOIN sightings g ON g.id = p.sighting ORDER BY p.sighting
        """
    else:
        sql = f"""
        SELECT g.sha256, {_COLUMNS} FROM sightings g CROSS JOIN provenance p ON p.sighting = g.id
        WHERE g.sha256 IN ({among}) ORDER BY g.id
        """
    found: dict[str, list[Provenance]] = defaultdict(list)
    for sha256, *values in db.execute(sql):
        found[sha256].append(Provenance(*values))
    return {sha256: tuple(each) for sha256, each in found.items()}


def known_urls(db: Db) -> frozenset[str]:
    """The URLs that were fetched and need not be again: all but those that could not be fetched."""
    sql = """
    SELECT p.image_url FROM provenance p JOIN sightings g ON g.id = p.sighting
    WHERE g.outcome NOT IN ('unavailable', 'quarantined')
    """
    return frozenset(url for (url,) in db.execute(sql))


def images_by_query(db: Db) -> dict[str, int]:
    """For each query that was searched for: how many different images it found."""
    sql = """
    SELECT p.query, count(DISTINCT g.sha256) FROM provenance p JOIN sightings g ON g.id = p.sighting
    WHERE p.engine <> '' AND g.outcome IN ('added', 'no_face', 'already_present') GROUP BY p.query
    """
    return dict(db.execute(sql).fetchall())
