"""The offer of what has come into a list since it was read, as photos are collected: the list moves only when asked to.

Review's grid has its own (`review_grid/others/arrivals.js`), which asks the server with its poll and says the same.
"""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Final

import streamlit as st

from db.store.store import Db
from pages._server import workspace
from pages._words import t

_EVERY_SECONDS: Final = 8.0
"""As often as Review asks, at most."""
_KEY: Final = "arrivals"
_RESTS: Final = "arrivals-rests"
"""The number of the last look, where it was another than the page tells."""


@st.fragment(run_every=_EVERY_SECONDS)
def offer(
    count_new: Callable[[Db], int], show: Callable[[], None], counted: tuple[Callable[[Db], int], int] | None = None
) -> None:
    """A button that says how many have come, as soon as some have; pressing it calls `show` and runs the page again.

    count_new: so many are newer than the list that is shown. It stands over the page's corner (the shell's style), so
    that it moves nothing. counted: how to count what the page's numbers tell, and what they told: where others have
    made another number of it, the page runs again once that rests for a look. Its list stays as it is.
    """
    store = workspace.get_store()
    if counted is not None:
        now = store.read(counted[0])
        if now not in (counted[1], st.session_state.get(_RESTS)):
            st.session_state[_RESTS] = now
        elif now != counted[1]:
            st.rerun()
    came = store.read(count_new)
    told = "" if not came else t("1 more has come") if came == 1 else t("{n} more have come", n=f"{came:,}")
    with st.container(key=_KEY):
        st.html(f'<p class="moue-told" role="status">{escape(told)}</p>')
        if came and st.button(told, icon=":material/refresh:", key="arrivals-show", help=t("Show them in this list")):
            show()
            st.rerun()
