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


@st.fragment(run_every=_EVERY_SECONDS)
def offer(count_new: Callable[[Db], int], show: Callable[[], None]) -> None:
    """A button that says how many have come, as soon as some have; pressing it calls `show` and runs the page again.

    count_new: so many are newer than the list that is shown. It stands over the page's corner (the shell's style), so
    that it moves nothing.
    """
    came = workspace.get_store().read(count_new)
    told = "" if not came else t("1 more has come") if came == 1 else t("{n} more have come", n=f"{came:,}")
    with st.container(key=_KEY):
        st.html(f'<p class="moue-told" role="status">{escape(told)}</p>')
        if came and st.button(told, icon=":material/refresh:", key="arrivals-show", help=t("Show them in this list")):
            show()
            st.rerun()
