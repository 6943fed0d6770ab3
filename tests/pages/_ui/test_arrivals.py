"""Numbers that others change: the page runs again once they rest, and only then."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from pages._server import workspace


def _page() -> None:
    import streamlit as st

    from pages._ui.job import arrivals

    state = st.session_state
    state["runs"] = state.get("runs", 0) + 1
    told = state["next"].pop(0) if state["again"] else state["told"]
    state["told"], state["again"] = told, True
    arrivals.offer(lambda _db: 0, lambda: None, (lambda _db: state["now"], told))


@pytest.mark.parametrize(
    ("looks", "runs"),
    [
        ([10, 10], [1, 1]),  # nothing new
        ([9, 9], [1, 2]),  # changed, and rests: once more
        ([9, 8, 7, 7], [1, 1, 1, 2]),  # others go on: not before they rest
        ([9, 10, 10], [1, 1, 1]),  # taken back meanwhile
    ],
)
def test_the_page_runs_again_once_a_number_rests(empty: Path, looks: list[int], runs: list[int]) -> None:
    assert workspace.root() == empty
    page = AppTest.from_function(_page)
    found = []
    for now in looks:
        page.session_state["now"] = now
        page.session_state["again"] = False  # as if the fragment alone ran: the page tells what it told
        page.session_state["told"] = 10
        page.session_state["next"] = [now]
        page.session_state["runs"] = 0
        page.run()
        assert not page.exception
        found.append(page.session_state["runs"])
    assert found == runs
