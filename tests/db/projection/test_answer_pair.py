"""The filter behind a cell of a confusion matrix: its text, and that it shows as many faces as the cell says."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.decisions.log import apply_ops
from db.projection import answer_pair, columns
from db.projection.answer_pair import CONSENSUS, AnswerPair
from db.projection.filters import ReviewFilter
from db.reads.review import review_page
from db.store.store import Db, Store
from db.tables.annotators import annotator_codes
from db.team.agreement import agreement_of, confusion
from db.team.blind import VisibleFaces
from pipeline.core.records import Verdict
from tests.db.make import add_images, decide, review_total

states = st.one_of(st.sampled_from([columns.REJECTED, columns.UNSURE]), st.integers(1, 999).map(lambda n: n + 3))
pairs = st.builds(AnswerPair, st.integers(1, 999), states, st.integers(0, 999), states, st.booleans())


@given(pairs)
def test_what_is_written_is_read(pair: AnswerPair) -> None:
    assert answer_pair.parse(answer_pair.text_of(pair)) == pair


@pytest.mark.parametrize(
    "text",
    ["", "1:c2", "1:c2,2", "Ann:c2,Ben:x", "1:c2,2:x,", "1:c,2:x", "1:y,2:x", "1:c2,2:x,independent ", "-1:x,2:x"],
)
def test_what_says_nothing_is_none(text: str) -> None:
    assert answer_pair.parse(text) is None


@pytest.mark.parametrize("independent", [False, True])
def test_each_cell_shows_as_many_faces_as_it_says(store: Store, independent: bool) -> None:
    """Three people at random on 40 faces, seeing each other's answers or not; every cell of every matrix."""
    faces = add_images(store, [f"p{n}" for n in range(40)])
    rng = np.random.default_rng(8)

    def work(db: Db) -> None:
        for face in faces:
            for who in rng.permutation(["Ann", "Ben", "Cem"]):
                kind = int(rng.integers(0, 4))
                verdict = (Verdict.ACCEPT, Verdict.ACCEPT, Verdict.REJECT, Verdict.UNSURE)[kind]
                op = decide(db, face, verdict, 1 + kind)
                if rng.random() < 0.9:
                    apply_ops(db, str(who), [replace(op, seen="" if rng.random() < 0.5 else None)])
        db.execute("UPDATE face_state SET waiting = 'opinion' WHERE face_id = ?", [faces[0]])

    store.write(work)
    found = agreement_of(store, independent=independent)
    codes = {name: code for code, name in store.read(annotator_codes).items()}
    checked = 0
    for one in found.names:
        for other in (*found.names, None):
            if one == other:
                continue
            table = confusion(found, one, other)
            for row, column in np.ndindex(table.shape):
                pair = AnswerPair(
                    codes[one], found.states[row], CONSENSUS if other is None else codes[other],
                    found.states[column], independent,
                )  # fmt: skip
                shown = store.read(lambda db, p=pair: review_total(db, ReviewFilter(state="all", pair=p)))
                assert shown == table[row, column], (one, other, pair)
                checked += shown
    assert checked > 0


def test_somebody_unknown_has_no_faces(store: Store) -> None:
    add_images(store, ["a"])
    flt = ReviewFilter(state="all", pair=AnswerPair(77, columns.REJECTED, 78, columns.REJECTED))
    assert store.read(lambda db: review_total(db, flt)) == 0


def test_what_is_blind_for_a_person_is_in_no_cell_that_they_ask_for(store: Store) -> None:
    """Ann and Ben have given two of three second opinions on one face; on the other one Cem is tried by gold."""
    opinion, gold, plain = add_images(store, ["opinion", "gold", "plain"])

    def work(db: Db) -> None:
        db.execute("INSERT INTO second_opinions VALUES (?, 3, 'share', '2026-01-31')", [opinion])
        for face in (opinion, gold, plain):
            for who, what in (("Ann", 3), ("Ben", 2)):
                apply_ops(db, who, [decide(db, face, Verdict.ACCEPT, what)])
        apply_ops(db, "Cem", [])
        db.execute("INSERT INTO gold VALUES (?, 'accept', 3, NULL, 'Ann', '2026-01-31')", [gold])
        db.execute("INSERT INTO gold_served VALUES (?, 'Cem', '2026-01-31')", [gold])

    store.write(work)
    codes = {name: code for code, name in store.read(annotator_codes).items()}
    smile, pout = columns.ACCEPTED + 3, columns.ACCEPTED + 2

    def shown(viewer: str, other: str, state: int) -> int:
        pair = AnswerPair(codes["Ann"], smile, codes.get(other, CONSENSUS), state)
        flt = ReviewFilter(state="all", pair=pair)
        return store.read(lambda db: len(review_page(db, flt, 10, faces=VisibleFaces(db, viewer)).items))

    assert shown("Cem", "Ben", pout) == 1, "the plain one alone"
    assert shown("Cem", "", pout) == 1
    assert shown("Ann", "Ben", pout) == 2, "Ann is not tried: gold is a face like others to her"
