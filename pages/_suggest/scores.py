"""Suggestions, Scores: how good what Moue suggests is, told of faces that it did not learn from; and the classifier."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Final

import streamlit as st

from db.store.store import Db
from db.suggest import models
from db.suggest.draws import Draws, count_draws
from db.suggest.models import Model
from db.tables import suggesters
from db.tables.classes import list_classes
from pages import _ui
from pages._server import permission, workspace
from pages._suggest import score_tables
from pages._suggest.looks import tell_looks
from pages._words import count, recorded, t
from pipeline.core.errors import MoueError
from pipeline.core.records import ClassSpec
from pipeline.suggest import stopping
from pipeline.suggest.report import Report

_SWITCH: Final = "suggestions-on"
_ERROR: Final = "suggestions_error"


@dataclass(frozen=True, slots=True)
class _Now:
    """What the section tells, read at once. model: of Moue's own line, None while there is none."""

    on: bool
    model: Model | None
    draws: Draws
    classes: list[ClassSpec]


def show(_who: str) -> None:
    """Draw the section."""
    score_tables.style()
    now = workspace.get_store().read(_load)
    st.caption(t("What Moue suggests is never a label by itself: a person decides, and nothing of it is exported. How "
                 "good it is is told of labelled faces that it did not learn from."))  # fmt: skip
    _switch(now.on)
    if now.model is None:
        st.info(t("There is no model yet. Once photos are collected, a rule suggests classes; it learns from labels, "
                  "anew after every 25 decisions."))  # fmt: skip
        _ui.next_step(t("Review"), "review.py")
        return
    _tell_version(now.model)
    found = Report.from_json(json.dumps(now.model.report)) if now.model.report else None
    if found is not None:
        score_tables.tell(found, now.classes)
    _tell_draws(now.draws)
    tell_looks(now.model)
    _ui.next_step(t("Review"), "review.py")


def _load(db: Db) -> _Now:
    return _Now(
        suggesters.are_on(db), models.newest(db, suggesters.OURS), count_draws(db), list_classes(db, archived=True)
    )


def _switch(on: bool) -> None:
    st.session_state[_SWITCH] = on
    locked = _ui.why_not("settings")
    st.toggle(t("Suggest classes"), key=_SWITCH, on_change=_set, disabled=bool(locked), help=locked or None)
    if error := st.session_state.pop(_ERROR, ""):
        st.error(_ui.escaped(error), icon=":material/error:")
    if not on:
        st.info(t("Suggestions are off: nothing is suggested or learned. What follows is the last version."))


def _set() -> None:
    try:
        by = permission.require("settings")
        on = bool(st.session_state[_SWITCH])
        workspace.get_store().write(lambda db: suggesters.switch(db, on, by=by))
    except MoueError as e:
        st.session_state[_ERROR] = _ui.sentence(recorded.translate(e.message))


def _tell_version(model: Model) -> None:
    when = _ui.format_time(model.made_at)
    if model.kind == "learned":
        st.markdown(t("Version **{version}** of {when}, learned from **{labels}** that people gave face by face.",
                      version=model.version, when=when, labels=count(model.n_labels, "label")))  # fmt: skip
        return
    st.markdown(t("Version **{version}** of {when}: the zero-label rule, which goes by the mouth's width and opening "
                  "alone. It does not travel well between kinds of photos: label 20 faces first, of two classes at "
                  "least, and Moue learns from them.", version=model.version, when=when))  # fmt: skip


def _tell_draws(draws: Draws) -> None:
    st.subheader(t("Told by the random draws"), anchor=False)
    if not draws.drawn:
        st.markdown(t("None yet. A quarter of each batch “with suggestions” is drawn at random: from these faces alone "
                      "one can tell how often suggestions are right in all the others."))  # fmt: skip
        return
    found = stopping.accuracy(draws.answered, draws.right)
    if found is None:
        st.markdown(t("Too few to say: {n} of {drawn} drawn faces are labelled, {least} are needed.",
                      n=f"{draws.answered:,}", drawn=f"{draws.drawn:,}", least=stopping.LEAST))  # fmt: skip
        return
    st.markdown(t("Of **{n}** labelled random draws **{right}** got the class that was suggested before: **{share} %** "
                  "(90 % interval {low} to {high}).", n=f"{found.n:,}", right=f"{found.right:,}",
                  share=f"{100 * found.share:.0f}", low=f"{100 * found.low:.0f}",
                  high=f"{100 * found.high:.0f}"))  # fmt: skip
    st.caption(t("Early draws count, too: what was suggested then was worse, so the figure is rather too low."))
