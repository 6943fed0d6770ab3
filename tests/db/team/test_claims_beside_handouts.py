"""Whom a claim leaves out where filters are handed out: found on the first faces alone, and on all of them."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace

import pytest

from db.images.faces import put_quality
from db.projection.filters import ReviewFilter
from db.store.store import Store
from db.team import handouts
from db.team.notes import add_note
from tests.db.make import add_images, new_uuid
from tests.db.projection.test_columns import PLAIN
from tests.db.team.test_claims import claim

SOURCES = "abcdef"


@pytest.fixture
def by_source(store: Store) -> dict[int, list[str]]:
    """Six sources of twenty faces by their ids, in the order of import; each twentieth wants two people's answers."""
    found = {
        number: add_images(store, [f"{source} {n}" for n in range(20)], source=source)
        for number, source in enumerate(SOURCES, start=1)
    }
    wanted = [faces[19] for faces in found.values()]
    store.write(
        lambda db: [db.execute("INSERT INTO second_opinions VALUES (?, 2, 'share', '')", [face]) for face in wanted]
    )
    claim(store, "Ben", size=1)  # known from now on, and the first face is taken
    claim(store, "Ann", size=1)
    return found


def give(store: Store, who: str, *queries: dict[str, str]) -> None:
    for query in queries:
        store.write(lambda db, query=query: handouts.hand_out(db, query, who, "Lee"))


def batches(store: Store, order: str) -> Iterator[tuple[int, list[str]]]:
    """How many faces were asked for, and those that Ann got."""
    for size in (1, 2, 7, 20, 40, 200):
        yield size, list(claim(store, "Ann", size, flt=ReviewFilter(order=order)).faces)


@pytest.mark.parametrize("handed", [(1,), (3,), (6,), (1, 2, 3), (2, 4, 6), (4, 5, 6), (1, 2, 3, 4, 5, 6)])
def test_nobody_gets_what_others_were_handed(
    store: Store, by_source: dict[int, list[str]], handed: tuple[int, ...]
) -> None:
    give(store, "Ben", *({"source": str(number)} for number in handed))
    mine = [
        face
        for number, faces in by_source.items()
        for place, face in enumerate(faces)
        if number not in handed or place == 19
    ]
    free = [face for face in mine if face != by_source[1][0]]
    for size, got in batches(store, "import"):
        assert got == free[:size]


def test_in_the_order_of_a_figure_too(store: Store, by_source: dict[int, list[str]]) -> None:
    everything = [face for faces in by_source.values() for face in faces]
    figures = dict(zip(everything, random.Random(3).sample(range(1000), len(everything)), strict=True))
    store.write(
        lambda db: [put_quality(db, face, replace(PLAIN, sharpness=value / 10)) for face, value in figures.items()]
    )
    give(store, "Ben", {"source": "2"}, {"source": "5"}, {"quality": "sharpness:90:"})
    open_ = [face for number in (1, 3, 4, 6) for face in by_source[number] if figures[face] < 900]
    open_ += [faces[19] for number, faces in by_source.items() if faces[19] not in open_]
    free = sorted((face for face in open_ if face != by_source[1][0]), key=lambda face: -figures[face])
    for size, got in batches(store, "-sharpness"):
        assert got == free[:size]


def test_hand_outs_that_no_column_tells(store: Store, by_source: dict[int, list[str]]) -> None:
    store.write(lambda db: add_note(db, "Lee", by_source[2][3], new_uuid(), "blurred?"))
    give(store, "Ben", {"notes": "open"}, {"source": "1"})
    give(store, "Ann", {"source": "1", "state": "rejected"})  # hers first: nothing is there

    noted = by_source[2][3]
    free = [by_source[1][19], *(face for number in range(2, 7) for face in by_source[number] if face != noted)]
    for size, got in batches(store, "import"):
        assert got == free[:size]
