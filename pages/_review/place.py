"""Where somebody was in Review: in the address, which the grid keeps true; in a cookie, for another day.

`from` is the cursor of the page's first face, `at` the face in focus, `open` what is open over the grid. The address is
changed by the browser alone (place.js): a step of the focus costs no run of the page.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl, unquote

import streamlit as st

from pages._review import query
from pages._ui.addresses import whereabouts

_LONGEST: Final = 3000
"""Characters of a cookie: what is longer was not written by place.js."""


def last(who: str) -> dict[str, str] | None:
    """The parameters of Review's address where this person was, {} where this session knows them; None: nowhere yet."""
    if query.KEPT in st.session_state:
        return {}
    said = str(st.context.cookies.get(f"moue_place_{whereabouts.workspace_key()}", ""))
    name, _, search = said[:_LONGEST].partition("|")
    if unquote(name) != who:
        return None
    return _ours(dict(parse_qsl(unquote(search).removeprefix("?"))))


def _ours(params: Mapping[str, str]) -> dict[str, str]:
    return {name: params[name] for name in (*query.NAMES, query.BATCH, *query.PLACE) if name in params}
