from __future__ import annotations

import queue
import threading
from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from pipeline.crawl.budget import Budget

Offer = tuple[str, bool]
"""(share, whether it will arrive)"""


def fetched(offers: list[Offer], budget: Budget) -> list[Offer]:
    """What goes through where another thread lets it arrive or fail."""
    flying: queue.SimpleQueue[Offer | None] = queue.SimpleQueue()

    def arrive() -> None:
        while (one := flying.get()) is not None:
            budget.finish(one[0], good=one[1])

    thread = threading.Thread(target=arrive)
    thread.start()
    gone = []
    for one in budget.limited(iter(offers), lambda offer: offer[0]):
        gone.append(one)
        flying.put(one)
    flying.put(None)
    thread.join()
    return gone


@given(st.lists(st.tuples(st.sampled_from("ab"), st.booleans()), max_size=40), st.integers(1, 12), st.integers(1, 12))
def test_exactly_as_many_arrive_as_are_wanted_and_to_be_had(offers: list[Offer], total: int, each: int) -> None:
    good = [share for share, arrives in fetched(offers, Budget(total, each)) if arrives]
    by_hand: list[str] = []
    for share, arrives in offers:
        if arrives and len(by_hand) < total and by_hand.count(share) < each:
            by_hand.append(share)
    assert good == by_hand


@given(st.lists(st.tuples(st.sampled_from("ab"), st.booleans()), max_size=40))
def test_without_a_number_everything_goes(offers: list[Offer]) -> None:
    assert fetched(offers, Budget(None)) == offers


def test_nothing_more_is_asked_for_once_it_is_full() -> None:
    asked = []

    def endless() -> Iterator[Offer]:
        while True:
            asked.append(1)
            yield "a", True

    budget = Budget(3)
    for one in budget.limited(endless(), lambda offer: offer[0]):
        budget.finish(one[0], good=one[1])
    assert len(asked) == 4


def test_who_waits_is_let_go_when_it_is_over() -> None:
    budget = Budget(1)
    offered = budget.limited(iter([("a", True), ("a", True)]), lambda offer: offer[0])
    next(offered)  # on its way, and it never arrives
    threading.Timer(0.05, budget.close).start()
    assert list(offered) == []


def test_what_is_there_already_counts() -> None:
    offers = [("a", True)] * 5 + [("b", True)] * 5
    assert fetched(offers, Budget(6, 4, {"a": 3})) == [("a", True), ("b", True), ("b", True)]
    assert fetched(offers, Budget(3, there={"a": 3})) == []
