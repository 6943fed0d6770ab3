"""Crops with a black bar: how many there are, and the button that cuts them again, on Clean and on Export."""

from __future__ import annotations

from typing import Final

import streamlit as st

from db.reads.counts import black_bars
from db.store.store import Store
from pages import _ui
from pages._server import jobs, permission
from pages._ui import job_view
from pages._words import mark, recorded, t
from pipeline.core.border import Border
from pipeline.core.errors import MoueError

BORDERS: Final[dict[Border, str]] = {
    "push": mark("Pushed inside the photo"),
    "reflect": mark("Filled with the mirror image"),
    "black": mark("Filled with black"),
}


def choose_border(key: str, now: Border) -> Border:
    """What is done with a crop that would stick out of the photo."""
    return st.selectbox(
        t("Crops that would stick out of the photo"),
        list(BORDERS),
        index=list(BORDERS).index(now),
        format_func=lambda one: t(BORDERS[one]),
        key=key,
        width=320,
        help=t(
            "A crop that is larger than the photo cannot be pushed inside: what is missing repeats the photo's edge."
        ),
    )


def line(store: Store, key: str) -> None:
    """How many crops have a bar, and a button that cuts them again; nothing where none has one. A job that processes
    photos again is followed here instead."""
    job = jobs.running(store)
    if job is not None and job.kind == "reprocess":
        job_view.live(job.id)
        return
    bars = store.read(black_bars)
    if not bars:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=key):
        said = t("1 crop has a black bar: it sticks out of its photo. A model would learn the bar.")
        if bars > 1:
            said = t("{n} crops have a black bar: they stick out of their photos. A model would learn the bar.",
                     n=f"{bars:,}")  # fmt: skip
        st.caption(f":material/info: {said}", width="content")
        pressed = _ui.button(
            t("Cut them again inside their photos"),
            "reprocess",
            key=f"{key}-start",
            disabled=job is not None,
            help=t(
                "From the originals. Identities and decisions stay, and crops that were moved by hand, unless they "
                "stick out."
            ),
        )
    if pressed:
        _start(store)


def _start(store: Store) -> None:
    try:
        who = permission.require("reprocess")
        jobs.start_reprocess(store, None, (), None, None, None, "push", annotator=who, from_border="black")
    except MoueError as e:
        st.error(_ui.escaped(recorded.sentence(e.message)))
        return
    st.rerun()
