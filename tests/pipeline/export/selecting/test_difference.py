"""The faces that differ most: held against a plain transcription that looks at all pairs."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.metrics import BY_NAME, DIFFERENCE_METRICS
from pipeline.export.selecting.difference import most_different

Value = st.one_of(st.none(), st.floats(-1000, 1000))
FIGURES = st.lists(st.tuples(*[Value] * len(DIFFERENCE_METRICS)), min_size=1, max_size=12)


def opening(value: float) -> tuple[float | None, ...]:
    """All alike but for how open the mouth is."""
    return (value, *(None for _ in DIFFERENCE_METRICS[1:]))


def share(name: str, value: float | None) -> float:
    metric = BY_NAME[name]
    return 0.5 if value is None else min(1, max(0, (value - metric.low) / (metric.high - metric.low)))


def distance(a: tuple[float | None, ...], b: tuple[float | None, ...]) -> float:
    return sum((share(n, x) - share(n, y)) ** 2 for n, x, y in zip(DIFFERENCE_METRICS, a, b, strict=True)) ** 0.5


def test_the_middle_then_both_ends_then_what_lies_between() -> None:
    assert DIFFERENCE_METRICS[0] == "opening"
    figures = {f"{n}": opening(n / 10) for n in (0, 1, 2, 5, 9, 10)}
    assert most_different(list(figures), figures, 4) == ["5", "0", "10", "2"]


def test_faces_that_are_alike_or_not_measured_leave_in_their_order() -> None:
    assert most_different(["c", "a", "b"], {}, 2) == ["c", "a"]
    same = {name: opening(0.3) for name in "abc"}
    assert most_different(["b", "c", "a"], same, 2) == ["b", "c"]
    assert most_different(["b"], {}, 5) == ["b"]


@given(FIGURES, st.integers(1, 12))
def test_each_is_as_far_as_can_be_from_all_before_it(made: list[tuple[float | None, ...]], most: int) -> None:
    faces = [f"face {n}" for n in range(len(made))]
    figures = dict(zip(faces, made, strict=True))
    chosen = most_different(faces, figures, most)
    assert len(chosen) == len(set(chosen)) == min(most, len(faces))
    if most >= len(faces):
        return
    for at in range(1, len(chosen)):
        nearest = {f: min(distance(figures[f], figures[c]) for c in chosen[:at]) for f in faces if f not in chosen[:at]}
        assert nearest[chosen[at]] >= max(nearest.values()) - 1e-9


@given(FIGURES.filter(lambda made: len(made) > 3))
def test_no_choice_of_as_many_is_twice_as_spread(made: list[tuple[float | None, ...]]) -> None:
    """Of Gonzalez's order: whatever three are taken, their least distance is at most twice what it has found."""
    faces = [f"face {n}" for n in range(len(made))]
    figures = dict(zip(faces, made, strict=True))

    def spread(of: object) -> float:
        return min(distance(figures[a], figures[b]) for a, b in combinations(of, 2))  # type: ignore[call-overload]

    found = spread(most_different(faces, figures, 3))
    assert max(spread(some) for some in combinations(faces, 3)) <= 2 * found + 1e-9
