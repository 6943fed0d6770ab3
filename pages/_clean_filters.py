"""Which files Clean shows: by source and by outcome. The outcome stands in the address, so that a link opens it."""

from __future__ import annotations

from typing import Final

import streamlit as st

from db import queries
from db.connect import Db, Store
from pages import _clean_rows, _ui
from pipeline.records import Outcome

OUTCOME: Final = "clean_outcome"
"""A widget's key: gone from the session once another page was shown."""
PARAMETER: Final = "outcome"
_SOURCE: Final = "clean_source"


def choose(store: Store) -> tuple[str, int | None]:
    """Draw the filters; the outcome ("" is all) and the source's number that were chosen."""
    source_id = _source(store)
    numbers = store.read(lambda db: _look_up(db, source_id))
    names = {"": "All", **_ui.OUTCOME_WORDS}
    if OUTCOME not in st.session_state:
        wanted = st.query_params.get(PARAMETER, "")
        st.session_state[OUTCOME] = wanted if wanted in names else ""
    # what is chosen stays on offer, though its last photo may just have got a face
    chosen = st.session_state[OUTCOME] or ""
    order = ("", "no_face", *sorted(_clean_rows.FAILED), "added", "already_present")
    outcome = st.pills(
        "Outcome",
        [name for name in order if name in ("", chosen) or numbers[name]],
        required=True,
        format_func=lambda name: f"{names[name]} {numbers[name]:,}",
        key=OUTCOME,
        label_visibility="collapsed",
    )
    if outcome:
        st.query_params[PARAMETER] = outcome
    else:
        st.query_params.pop(PARAMETER, None)
    return outcome or "", source_id


def _source(store: Store) -> int | None:
    sources = {
        0: "Every source",
        **{s.id: f"{s.kind}: {s.location} · {s.files:,}" for s in store.read(queries.sources)},
    }
    if len(sources) < 3:
        return None
    chosen = st.selectbox(
        "Source", list(sources), format_func=lambda n: sources[n], key=_SOURCE, width=400, bind="query-params"
    )
    return chosen or None


def _look_up(db: Db, source_id: int | None) -> dict[str, int]:
    """How many files each choice of the outcome filter shows, "" for all of them."""
    choices = ("", *map(str, Outcome))
    return {name: queries.clean_page(db, name or None, source_id, 1).total for name in choices}
