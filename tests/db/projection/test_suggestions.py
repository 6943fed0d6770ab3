"""Columns, filters and orders by what is suggested, and who does not see it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some
from hypothesis.extra import numpy as arrays

from db.decisions.log import apply_ops
from db.decisions.verify import verify
from db.images.erase import erase
from db.images.relink import remove_source
from db.projection import suggestion_orders, suggestions
from db.projection.columns import Faces
from db.projection.filter_text import filter_of
from db.projection.filters import ReviewFilter, matching
from db.projection.suggestions import BLOCK, SCALE
from db.reads.review import review_items, review_page
from db.store.store import Db, Store
from db.tables import settings, suggesters
from db.tables.annotators import ensure_annotator
from db.team import blind
from db.team.blind import VisibleFaces
from pipeline.core.errors import UsageError
from pipeline.core.metrics import MISSING
from tests.db.make import add_images, decide, sha_of
from tests.db.suggest.make import seq_of, suggest

NAMES = ["a", "b", "c", "d"]


@pytest.fixture
def faces(store: Store) -> list[str]:
    """Four faces: class 1 with .9, class 2 with .5, class 3 with .7, no suggestion."""
    found = add_images(store, NAMES)
    suggest(store, {found[0]: (0.9, 0.1, 0, 0), found[1]: (0.2, 0.5, 0.3, 0), found[2]: (0.1, 0.1, 0.7, 0.1)})
    return found


def column(store: Store, faces: list[str], name: str, who: str | None = None) -> list[int | None]:
    def read(db: Db) -> list[int]:
        values = (Faces(db) if who is None else VisibleFaces(db, who)).column(name)
        return [int(values[seq_of(db, face)]) for face in faces]

    return [None if value == MISSING else value for value in store.read(read)]


def listed(store: Store, faces: list[str], **params: str) -> list[int]:
    """The numbers of the faces that an address shows."""
    flt = filter_of(params)
    page = store.read(lambda db: review_page(db, flt, 96, faces=VisibleFaces(db, "Ann")))
    return [faces.index(item.face_id) for item in page.items]


def test_columns_hold_the_most_probable_class_and_its_probability(store: Store, faces: list[str]) -> None:
    assert column(store, faces, "suggested") == [1, 2, 3, None]
    assert column(store, faces, "confidence") == [900, 500, 700, None]
    assert column(store, faces, "margin") == [800, 200, 600, None]


def test_cards_carry_what_the_columns_hold(store: Store, faces: list[str]) -> None:
    items = store.read(lambda db: review_items(db, faces))
    found = [item.suggestion for item in items]
    assert [one and one.class_id for one in found] == [1, 2, 3, None]
    assert [round(one.probability, 3) for one in found if one] == [0.9, 0.5, 0.7]


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"suggested": "2"}, [1]),
        ({"confidence": "0.5:0.7"}, [1, 2]),
        ({"confidence": "0.7:"}, [0, 2]),
        ({"confidence": ":0.5"}, [1]),
        ({"confidence": "x:0.5"}, [1]),
        ({"confidence": "3"}, [0, 1, 2, 3]),
        ({"order": "uncertain"}, [1, 2, 0, 3]),
        ({"order": "mix"}, [1, 2, 0, 3]),
        ({"order": "typical:3"}, [2, 1, 0, 3]),
        ({"order": "typical:77"}, [0, 1, 2, 3]),
    ],
)
def test_an_address_filters_and_orders_by_suggestions(
    store: Store, faces: list[str], params: dict[str, str], expected: list[int]
) -> None:
    assert listed(store, faces, **params) == expected


def test_the_random_order_is_another_than_that_of_import_and_stays(store: Store) -> None:
    faces = add_images(store, [f"photo {n}" for n in range(60)])
    shown = listed(store, faces, order="random")
    assert sorted(shown) == list(range(60))
    assert shown == listed(store, faces, order="random") != list(range(60))


def test_a_random_rank_tells_nothing_of_the_place(store: Store) -> None:
    seqs = np.arange(1, 20_001)
    ranks = store.read(lambda db: suggestion_orders.ranks(Faces(db), "random", seqs)).astype(float)
    assert len(np.unique(ranks)) > 19_990
    assert abs(np.corrcoef(ranks, seqs)[0, 1]) < 0.03  # four standard errors
    assert abs(np.corrcoef(ranks[1:], ranks[:-1])[0, 1]) < 0.03


def test_an_order_that_is_none_is_refused(store: Store) -> None:
    with pytest.raises(UsageError, match="typical"):
        store.read(lambda db: review_page(db, ReviewFilter(order="typical:0"), 9))


def test_a_version_that_is_not_ready_suggests_nothing(store: Store, faces: list[str]) -> None:
    suggest(store, {faces[3]: (0, 0, 0, 1.0)}, ready=False)
    assert column(store, faces, "suggested") == [1, 2, 3, None]
    suggest(store, {faces[3]: (0, 0, 0, 1.0)})
    assert column(store, faces, "suggested") == [None, None, None, 4]


def test_switched_off_nothing_is_suggested(store: Store, faces: list[str]) -> None:
    store.write(lambda db: suggesters.switch(db, False))
    assert column(store, faces, "suggested") == [None] * 4
    assert store.read(lambda db: suggestions.of_faces(db, range(9))) == {}


def test_another_suggester_is_in_force_once_it_was_chosen(store: Store, faces: list[str]) -> None:
    with pytest.raises(UsageError, match="theirs"):
        store.write(lambda db: suggesters.choose(db, "theirs"))
    suggest(store, {faces[1]: (1.0, 0.0)}, classes=(4, 2), name="theirs", kind="outside")
    assert column(store, faces, "suggested") == [1, 2, 3, None]
    store.write(lambda db: suggesters.choose(db, "theirs"))
    assert column(store, faces, "suggested") == [None, 4, None, None]


def test_a_face_whose_landmarks_changed_has_no_suggestion_until_it_is_computed_anew(
    store: Store, faces: list[str]
) -> None:
    store.write(lambda db: db.execute("UPDATE faces SET landmarks = zeroblob(544) WHERE id = ?", [faces[0]]))
    assert column(store, faces, "suggested") == [None, 2, 3, None]
    assert store.read(lambda db: review_items(db, faces))[0].suggestion is None


def test_an_erased_face_is_out_of_every_block(store: Store, faces: list[str]) -> None:
    suggest(store, {face: (0.0, 1.0) for face in faces}, classes=(1, 2), name="theirs", kind="outside")
    seq = store.read(lambda db: seq_of(db, faces[1]))
    store.write(lambda db: erase(db, sha_of("b")))

    def rows(db: Db) -> list[bytes]:
        found = []
        for classes, data in db.execute(
            "SELECT json_array_length(m.classes), b.data FROM suggestion_blocks b JOIN suggestion_models m"
            " ON m.id = b.model_id"
        ):
            found.append(data[2 * classes * seq : 2 * classes * (seq + 1)])
        return found

    assert [set(row) for row in store.read(rows)] == [{0}, {0}]
    kept = [faces[0], *faces[2:]]
    assert column(store, kept, "suggested") == [1, 3, None]


def test_a_source_that_is_taken_out_is_out_of_every_block(store: Store, faces: list[str]) -> None:
    (other,) = add_images(store, ["elsewhere"], source="/other")
    suggest(store, dict.fromkeys([*faces, other], (0.0, 1.0)), classes=(1, 2), name="theirs", kind="outside")
    store.write(lambda db: remove_source(db, 1))
    blocks = store.read(lambda db: db.execute("SELECT data FROM suggestion_blocks ORDER BY model_id").fetchall())
    assert [np.count_nonzero(np.frombuffer(data, "<u2")) for (data,) in blocks] == [0, 1]


def test_a_block_that_is_no_table_and_a_head_that_is_no_decision_are_told(store: Store, faces: list[str]) -> None:
    store.write(lambda db: db.execute("UPDATE suggestion_models SET head = '1:' || hex(zeroblob(32))") and None)
    store.write(lambda db: db.execute("UPDATE suggestion_blocks SET data = zeroblob(7)") and None)
    told = store.read(verify)
    assert [one for one in told if "learned from" in one]
    assert [one for one in told if "block 0" in one]


def test_where_the_workspace_hides_suggestions_undecided_faces_tell_none(store: Store, faces: list[str]) -> None:
    store.write(lambda db: settings.hide_suggestions(db, True))
    store.write(lambda db: apply_ops(db, "Ben", [decide(db, faces[0])]))
    assert column(store, faces, "suggested", "Ann") == [1, None, None, None]
    assert column(store, faces, "confidence", "Ann") == [900, None, None, None]
    items = store.read(lambda db: blind.visible_items(db, "Ann", review_items(db, faces)))
    assert [item.suggestion is not None for item in items] == [True, False, False, False]
    assert listed(store, faces, order="typical:3", state="undecided") == [1, 2, 3]


def test_blind_faces_and_gold_tell_nothing(store: Store, faces: list[str]) -> None:
    store.write(lambda db: db.execute("INSERT INTO second_opinions VALUES (?, 2, 'share', '')", [faces[0]]) and None)
    store.write(lambda db: ensure_annotator(db, "Ann") and None)
    store.write(lambda db: db.execute("INSERT INTO gold VALUES (?, 'accept', 1, NULL, 'Ann', '')", [faces[1]]) and None)
    store.write(lambda db: db.execute("INSERT INTO gold_served VALUES (?, 'Ann', '')", [faces[1]]) and None)
    for name in suggestions.NAMES:
        assert [one is not None for one in column(store, faces, name, "Ann")] == [False, False, True, False]
    items = store.read(lambda db: blind.visible_items(db, "Ann", review_items(db, faces)))
    assert [item.suggestion is not None for item in items] == [False, False, True, False]
    told = store.read(lambda db: VisibleFaces(db, "Ann").class_probability(1)[[seq_of(db, one) for one in faces]])
    assert [value != MISSING for value in told.tolist()] == [False, False, True, False]
    assert store.read(lambda db: len(matching(VisibleFaces(db, "Ann"), filter_of({"suggested": "1"})))) == 0


@given(arrays.arrays(float, some.tuples(some.just(BLOCK), some.integers(1, 5)), elements=some.floats(0, 1, width=32)))
def test_what_is_packed_comes_back_to_a_65535th(values: np.ndarray) -> None:
    read = np.frombuffer(suggestions.pack(values), "<u2").reshape(values.shape) / SCALE
    assert np.abs(read - values).max() <= 0.5 / SCALE + 1e-9


def test_what_is_no_number_suggests_nothing() -> None:
    values = np.full((BLOCK, 2), 0.5)
    values[7, 1] = np.nan
    packed = np.frombuffer(suggestions.pack(values), "<u2").reshape(BLOCK, 2)
    assert packed[7].tolist() == [0, 0]
    assert packed[8].any()


@given(arrays.arrays(np.uint16, some.tuples(some.integers(0, 30), some.integers(1, 6)), elements=some.integers(0, 9)))
def test_columns_are_those_of_a_sort_of_each_row(values: np.ndarray) -> None:
    classes = list(range(11, 11 + values.shape[1]))
    found = suggestions.columns_of(values * 6553, classes)
    for number, row in enumerate(values.tolist()):
        ordered = sorted(row, reverse=True)
        if not any(row):
            assert {int(column[number]) for column in found.values()} == {MISSING}
            continue
        lead = ordered[0] - (ordered[1] if len(row) > 1 else 0)
        assert found["suggested"][number] == classes[row.index(ordered[0])]
        assert found["confidence"][number] == round(ordered[0] * 6553 * 1000 / 65535)
        assert found["margin"][number] == round(lead * 6553 * 1000 / 65535)
