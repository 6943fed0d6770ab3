"""What is listed of a face is what Review's card shows of it, for every viewer."""

from __future__ import annotations

import pytest

from db.decisions.log import apply_ops
from db.listing import asked, decisions, faces
from db.projection.filters import ReviewFilter
from db.reads.review import review_items
from db.store.store import Store
from db.tables.annotators import ensure_annotator
from db.tables.classes import list_classes
from db.tables.settings import hide_suggestions
from db.team import blind, gold
from tests.db.make import add_images, decide


@pytest.fixture
def mixed(store: Store) -> list[str]:
    """One undecided, one decided, one blind with an answer of Ann's, one gold that Ben is to answer."""
    ids = add_images(store, ["one", "two", "three", "four"])
    for name in ("Olga", "Ann", "Ben"):
        store.write(lambda db, name=name: ensure_annotator(db, name))
    sql = "INSERT INTO second_opinions (face_id, wanted, chosen_by, chosen_at) VALUES (?, 3, 'share', '')"
    store.write(lambda db: db.execute(sql, [ids[2]]))
    for who, face in (("Olga", ids[1]), ("Ann", ids[2]), ("Olga", ids[3])):
        store.write(lambda db, who=who, face=face: apply_ops(db, who, [decide(db, face)]))
    store.write(lambda db: gold.make_gold(db, ids[3], "Olga"))
    store.write(lambda db: db.execute("INSERT INTO gold_served VALUES (?, 'Ben', '')", [ids[3]]))
    return ids


@pytest.mark.parametrize("hidden", [False, True])
@pytest.mark.parametrize("viewer", ["Olga", "Ann", "Ben", ""])
def test_it_tells_what_the_card_shows(store: Store, mixed: list[str], viewer: str, hidden: bool) -> None:
    store.write(lambda db: hide_suggestions(db, hidden, by="Olga"))
    names = {spec.id: spec.name for spec in store.read(list_classes)}
    cards = store.read(lambda db: blind.visible_items(db, viewer, review_items(db, mixed)))
    listed = store.read(lambda db: list(faces.every(db, viewer, ReviewFilter("all"))))
    assert [
        (one.face_id, one.label, one.reason, one.annotator, one.decision, one.suggestion) for one in listed
    ] == [
        (
            card.face_id, names.get(card.class_id or 0), card.reason, card.annotator, card.decision,
            None if card.suggestion is None else names[card.suggestion.class_id],
        )
        for card in cards
    ]  # fmt: skip
    logged = store.read(lambda db: [(one.annotator, one.face_id) for one in decisions.every(db, viewer)])
    of_gold = [] if viewer == "Ben" else [("Olga", mixed[3])] * 2  # the answer, and the adjudication that made it gold
    assert logged == [("Olga", mixed[1]), *([("Ann", mixed[2])] if viewer == "Ann" else []), *of_gold]


def test_pages_of_any_size_make_up_the_whole(store: Store, mixed: list[str]) -> None:
    wanted = store.read(lambda db: asked.filter_for(db, "Olga", {"order": "-side"}))
    whole = [one.face_id for one in store.read(lambda db: list(faces.every(db, "Olga", wanted)))]
    for size in (1, 2, 3, 5):
        found, after = [], None
        while True:
            page = store.read(lambda db, size=size, after=after: faces.page(db, "Olga", wanted, size, after))
            found += [one.face_id for one in page.items]
            if not page.has_next:
                break
            after = page.last
        assert found == whole
    assert sorted(whole) == sorted(mixed)
