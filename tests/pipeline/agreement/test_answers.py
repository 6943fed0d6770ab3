"""Faces put one behind the other, chosen, and patterns that are kept apart."""

from __future__ import annotations

import numpy as np

from pipeline.agreement.answers import Answers, answers_of, chosen, joined, patterns

Face = list[tuple[int, int]]
"""(who, what) of one face."""


def of(faces: list[Face]) -> Answers:
    rows = [(item, who, what) for item, face in enumerate(faces) for who, what in face]
    items, who, what = zip(*rows, strict=True) if rows else ((), (), ())
    return answers_of(items, who, what, (len(faces), 3, 4))


def told(answers: Answers) -> list[Face]:
    rows = list(zip(answers.items.tolist(), answers.annotators.tolist(), answers.values.tolist(), strict=True))
    return [[(who, what) for item, who, what in rows if item == face] for face in range(answers.n_items)]


FIRST: list[Face] = [[(0, 1), (2, 3)], [], [(1, 0)]]
SECOND: list[Face] = [[(0, 1), (2, 3)], [(0, 2)]]


def test_joined_faces_stand_one_behind_the_other() -> None:
    assert told(joined([of(FIRST), of([]), of(SECOND)])) == FIRST + SECOND


def test_chosen_faces_keep_their_answers_and_weights() -> None:
    answers = joined([of(FIRST), of(SECOND)])
    kept = chosen(answers, np.array([True, False, False, True, True]))
    assert told(kept) == [FIRST[0], *SECOND]
    assert kept.weights.tolist() == [1, 1, 1]


def test_alike_faces_are_one_pattern_but_where_they_are_to_stay_apart() -> None:
    answers = joined([of(FIRST), of(SECOND)])
    few, became = patterns(answers, least=2)
    assert (told(few), few.weights.tolist(), became.tolist()) == ([FIRST[0]], [2], [0, -1, -1, 0, -1])
    few, became = patterns(answers, least=2, apart=np.array([7, 7, 7, 9, 7]))
    assert (told(few), few.weights.tolist()) == ([FIRST[0]] * 2, [1, 1])
    assert sorted(became.tolist()) == [-1, -1, -1, 0, 1]
