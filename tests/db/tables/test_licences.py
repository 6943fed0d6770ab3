"""The column `licence`: what was told first of the photo, whatever happens to the places it was met at."""

from __future__ import annotations

import pytest

from db.decisions.log import apply_ops
from db.decisions.verify import verify
from db.images import images
from db.projection import columns
from db.projection.columns import Faces
from db.reads.export_items import accepted_items
from db.store.store import Db, Store
from db.tables import provenance
from db.tables.licences import UNKNOWN, codes
from pipeline.core.records import Provenance
from pipeline.export.attribution import licence_of
from tests.db.make import add_images, decide, make_outcome

A, B = "/w/a.jpg", "/w/b.jpg"


def told(store: Store) -> list[str]:
    """The licence of each face, in the order of import."""

    def look(db: Db) -> list[str]:
        faces = Faces(db)
        names = {code: name for name, code in codes(db).items()}
        state = faces.column("state")
        return [names[code] for code in faces.column("licence")[state != columns.ABSENT].tolist()]

    assert store.read(verify) == []
    return store.read(look)


def meet(store: Store, place: str, name: str, licence: str) -> None:
    """The bytes `name` are met at a place on the web; what waited is folded in before."""

    def work(db: Db) -> None:
        columns.compact(db)
        images.record_outcomes(db, 1, None, [make_outcome(name, location=place)])
        provenance.put(db, 1, place, Provenance("https://img.example/1", licence=licence), "2026-03-01T00:00:00.000Z")

    store.write(work)


@pytest.fixture
def two(store: Store) -> Store:
    add_images(store, ["x", "y"])
    return store


def test_nothing_was_told(two: Store) -> None:
    assert told(two) == [UNKNOWN, UNKNOWN]
    meet(two, A, "x", "")
    assert told(two) == [UNKNOWN, UNKNOWN]
    meet(two, A, "x", UNKNOWN)
    assert told(two) == [UNKNOWN, UNKNOWN]


def test_the_first_place_that_tells_one_counts(two: Store) -> None:
    meet(two, A, "x", "")
    meet(two, B, "x", "CC0 1.0")
    assert told(two) == ["CC0 1.0", UNKNOWN]
    meet(two, A, "x", "CC BY 4.0")  # told later, of the place that was met first
    assert told(two) == ["CC BY 4.0", UNKNOWN]


def test_a_place_that_holds_another_photo_now(two: Store) -> None:
    meet(two, A, "x", "CC0 1.0")
    meet(two, A, "y", "CC0 1.0")
    assert told(two) == [UNKNOWN, "CC0 1.0"]


def test_a_place_that_is_forgotten(two: Store) -> None:
    meet(two, A, "x", "CC0 1.0")
    meet(two, B, "x", "CC BY 4.0")

    def forget(db: Db) -> None:
        columns.compact(db)
        db.execute("DELETE FROM sightings WHERE location = ?", [A])

    two.write(forget)
    assert told(two) == ["CC BY 4.0", UNKNOWN]


def test_every_licence_has_a_number_of_its_own(two: Store) -> None:
    for licence in ("CC0 1.0", "CC BY 4.0", "cc0 1.0", "CC0 1.0"):
        meet(two, A, "x", licence)
    known = two.read(codes)
    assert list(known) == ["CC BY 4.0", "CC0 1.0", "cc0 1.0", UNKNOWN]
    assert len(set(known.values())) == 4


def test_an_export_and_a_filter_mean_the_same(store: Store) -> None:
    names = [f"i{number}" for number in range(5)]
    ids = add_images(store, names)
    store.write(lambda db: apply_ops(db, "Ann", [decide(db, face) for face in ids]))
    for name, places in zip(
        names, (["", "CC0 1.0"], ["CC BY 4.0", "CC0 1.0"], [UNKNOWN, ""], [UNKNOWN, "x"], []), strict=True
    ):
        for number, licence in enumerate(places):
            meet(store, f"/w/{name}-{number}.jpg", name, licence)
    items = {item.face_id: licence_of(item) for item in store.read(accepted_items)}
    assert [items[face] for face in ids] == ["CC0 1.0", "CC BY 4.0", UNKNOWN, "x", UNKNOWN]
    assert told(store) == [items[face] for face in ids]
