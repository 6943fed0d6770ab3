"""Which files Clean shows: by source and by outcome. The outcome stands in the address, so that a link opens it."""

from __future__ import annotations

from typing import Final

import streamlit as st

from db.reads.counts import count_files
from db.reads.sources import list_sources
from db.store.store import Db, Store
from pages._clean import rows
from pages._ui import choices, tables
from pages._words import mark, t, vocabulary
from pipeline.core.outcome import Outcome

OUTCOME: Final = "clean_outcome"
"""A widget's key: gone from the session once another page was shown."""
PARAMETER: Final = "outcome"
_SOURCE: Final = "clean_source"
_SOURCE_PARAMETER: Final = "source"


def choose(store: Store, before: tuple[str, int | None] = ("", None)) -> tuple[str, int | None]:
    """Draw the filters; the outcome ("" is all) and the source's number that were chosen.

    before: what was chosen when the page was left; it counts where the address says nothing.
    """
    if OUTCOME not in st.session_state and not {PARAMETER, _SOURCE_PARAMETER} & set(st.query_params):
        for name, value in ((PARAMETER, before[0]), (_SOURCE_PARAMETER, before[1])):
            if value:
                st.query_params[name] = str(value)
    source_id = _source(store)
    numbers = store.read(lambda db: _look_up(db, source_id))
    names = {"": mark("All"), **vocabulary.OUTCOME_WORDS}
    if OUTCOME not in st.session_state:
        wanted = st.query_params.get(PARAMETER, "")
        st.session_state[OUTCOME] = wanted if wanted in names else ""
    # what is chosen stays on offer, though its last photo may just have got a face
    chosen = st.session_state[OUTCOME] or ""
    order = ("", "no_face", *sorted(rows.FAILED), "added", "already_present", "passed_over")
    outcome = st.pills(
        t("Outcome"),
        [name for name in order if name in ("", chosen) or numbers[name]],
        required=True,
        format_func=lambda name: f"{t(names[name])} {numbers[name]:,}",
        key=choices.keep(OUTCOME),
        label_visibility="collapsed",
    )
    if outcome:
        st.query_params[PARAMETER] = outcome
    else:
        st.query_params.pop(PARAMETER, None)
    return outcome or "", source_id


def _source(store: Store) -> int | None:
    """Its number stands in the address: a name would change with the language, or with a photo more."""
    found = store.read(list_sources)
    names = {0: t("Every source"), **{s.id: f"{tables.source_name(s)} · {s.files:,}" for s in found}}
    if len(names) < 3:
        return None
    if st.session_state.get(_SOURCE) not in names:
        wanted = st.query_params.get(_SOURCE_PARAMETER, "")
        st.session_state[_SOURCE] = next((number for number in names if str(number) == wanted), 0)
    chosen = st.selectbox(t("Source"), list(names), format_func=names.__getitem__, key=choices.keep(_SOURCE), width=400)
    if chosen:
        st.query_params[_SOURCE_PARAMETER] = str(chosen)
    else:
        st.query_params.pop(_SOURCE_PARAMETER, None)
    return chosen or None


def _look_up(db: Db, source_id: int | None) -> dict[str, int]:
    """How many files each choice of the outcome filter shows, "" for all of them."""
    choices = ("", *map(str, Outcome))
    return {name: count_files(db, name or None, source_id) for name in choices}
