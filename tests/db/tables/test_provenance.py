from __future__ import annotations

from dataclasses import replace

from db.decisions.log import apply_ops
from db.images import images
from db.images.erase import erase
from db.images.relink import remove_source
from db.reads.details import face_info, image_info
from db.reads.export_items import accepted_items
from db.reads.sources import list_sources
from db.store.store import Db, Store
from db.tables import provenance
from pipeline.core.outcome import Outcome
from pipeline.core.records import Provenance
from tests.db.make import decide, make_outcome, sha_of

TOLD = Provenance(
    "https://img.example/a.jpg", "https://page.example/", "Title", "Ada", "CC BY 4.0", "https://cc.example/by",
    "openverse", "pout",
)  # fmt: skip
ELSEWHERE = Provenance("https://other.example/a.jpg", engine="bing", query="lips")


def add(store: Store, name: str, told: Provenance, failure: Outcome | None = None) -> str:
    """An image met on the web; the id of its face."""

    def work(db: Db) -> str:
        made = make_outcome(name, location=told.image_url, failure=failure)
        made = replace(made, outcome=replace(made.outcome, ref=replace(made.outcome.ref, provenance=told)))
        images.record_outcomes(db, images.ensure_source(db, "search", f"{told.engine}: {told.query}"), None, [made])
        return made.outcome.faces[0].face_id if made.outcome.faces else ""

    return store.write(work)


def test_each_place_of_an_image_is_told_the_first_one_first(store: Store) -> None:
    face = add(store, "a", TOLD)
    add(store, "a", ELSEWHERE)
    add(store, "b", replace(ELSEWHERE, image_url="https://other.example/b.jpg"))
    found = store.read(lambda db: face_info(db, face))
    whole = store.read(lambda db: image_info(db, sha_of("a")))
    assert found is not None
    assert whole is not None
    assert found.provenance == whole.provenance == (TOLD, ELSEWHERE)
    assert store.read(provenance.of_all)[sha_of("b")][0].image_url == "https://other.example/b.jpg"


def test_met_again_it_says_what_was_told_last(store: Store) -> None:
    add(store, "a", TOLD)
    add(store, "a", replace(TOLD, licence="CC0"))
    assert [one.licence for one in store.read(lambda db: provenance.of_image(db, sha_of("a")))] == ["CC0"]


def test_a_failure_keeps_where_it_was_to_be_had(store: Store) -> None:
    add(store, "a", TOLD, Outcome.UNAVAILABLE)
    assert store.read(lambda db: db.execute("SELECT image_url, query FROM provenance").fetchall()) == [
        ("https://img.example/a.jpg", "pout")
    ]


def test_what_leaves_says_where_it_is_from(store: Store) -> None:
    face = add(store, "a", TOLD)
    store.write(lambda db: apply_ops(db, "Ann", [decide(db, face)]))
    (item,) = store.read(accepted_items)
    assert item.provenance == (TOLD,)


def test_it_goes_with_its_image_and_its_source(store: Store) -> None:
    add(store, "a", TOLD)
    add(store, "b", ELSEWHERE)
    store.write(lambda db: erase(db, sha_of("a")))
    assert sorted(store.read(provenance.of_all)) == [sha_of("b")]
    (bing,) = [row.id for row in store.read(list_sources) if row.location == "bing: lips"]
    store.write(lambda db: remove_source(db, bing))
    assert store.read(provenance.of_all) == {}
