"""Suggestions, Scores: how good what Moue suggests is, told of faces that it did not learn from; and the classifier."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import Final

import streamlit as st

from db.store.store import Db
from db.suggest import models
from db.suggest.models import Model
from db.tables import suggesters
from db.tables.classes import list_classes
from pages import _ui
from pages._server import permission, workspace
from pages._suggest import score_tables
from pages._suggest.looks import tell_looks
from pages._words import count, recorded, t
from pipeline.actions.suggest.classifier import current_classifier
from pipeline.actions.suggest.stop import Told, tell
from pipeline.core.errors import MoueError
from pipeline.core.geometry import DLIB
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
    told: Told
    classes: list[ClassSpec]


def show(_who: str) -> None:
    """Draw the section."""
    now = workspace.get_store().read(_load)
    st.caption(t("What Moue suggests is never a label by itself: a person decides, and nothing of it is exported. How "
                 "good it is is told of labelled faces that it did not learn from."))  # fmt: skip
    _switch(now.on)
    if not now.on:
        st.info(t("Suggestions are off: nothing is suggested or learned. What follows is the last version.")
                if now.model else t("Suggestions are off: nothing is suggested or learned."))  # fmt: skip
    elif now.model is None:
        st.info(t("There is no model yet. Once photos are collected, a rule suggests classes; it learns from labels, "
                  "anew after every 25 decisions."))  # fmt: skip
    if now.model is None:
        _ui.next_step(t("Review"), "review.py")
        return
    _tell_version(now.model)
    found = Report.from_json(json.dumps(now.model.report)) if now.model.report else None
    if found is not None:
        score_tables.tell(found, now.classes)
    _tell_draws(now.told)
    tell_looks(now.model, found)
    _take_out(now.model)
    _ui.next_step(t("Review"), "review.py")


def _load(db: Db) -> _Now:
    return _Now(suggesters.are_on(db), models.newest(db, suggesters.OURS), tell(db), list_classes(db, archived=True))


def _switch(on: bool) -> None:
    st.session_state[_SWITCH] = on
    locked = _ui.why_not("settings")
    st.toggle(t("Suggest classes"), key=_SWITCH, on_change=_set, disabled=bool(locked), help=locked or None)
    if error := st.session_state.pop(_ERROR, ""):
        st.error(_ui.escaped(error), icon=":material/error:")


def _set() -> None:
    try:
        by = permission.require("settings")
        on = bool(st.session_state[_SWITCH])
        workspace.get_store().write(lambda db: suggesters.switch(db, on, by=by))
    except MoueError as e:
        st.session_state[_ERROR] = recorded.sentence(e.message)


def _tell_version(model: Model) -> None:
    when = _ui.format_time(model.made_at)
    if model.kind == "learned":
        st.markdown(t("Version **{version}** of {when}, learned from **{labels}** that people gave face by face.",
                      version=model.version, when=when, labels=count(model.n_labels, "label")))  # fmt: skip
        return
    st.markdown(t("Version **{version}** ({when}): the zero-label rule, which goes by the mouth's width and opening "
                  "alone. It does not travel well between kinds of photos: label 20 faces first, of two classes at "
                  "least, and Moue learns from them.", version=model.version, when=when))  # fmt: skip


def _tell_draws(told: Told) -> None:
    st.subheader(t("Told by the random draws"), anchor=False)
    found = told.accuracy
    if found is None or told.correct is None:
        st.markdown(t("Too few to say: {least} faces that were drawn at random must be labelled. A quarter of each "
                      "batch “with suggestions” is drawn so: these faces alone tell how often suggestions are right in "
                      "the others.", least=stopping.LEAST))  # fmt: skip
        return
    st.markdown(t("Of **{n}** labelled random draws that are like what is left, **{right}** got the class that was "
                  "suggested before: **{share} %** (at least nine times of ten {low} to {high}).", n=f"{found.n:,}",
                  right=f"{found.right:,}", share=f"{100 * found.share:.0f}", low=f"{100 * found.low:.0f}",
                  high=f"{100 * found.high:.0f}"))  # fmt: skip
    if told.left:
        enough = t("Enough: the rest may be confirmed page by page.") if told.may_stop else t("Go on labelling.")
        st.markdown(t("If all {left} that are left were confirmed as suggested, one may count on **{share} %** of all "
                      "labels being right; {wanted} % are wanted. {enough}", left=count(told.left, "face"),
                      share=f"{math.floor(100 * told.correct)}", wanted=f"{100 * stopping.WANTED:.0f}",
                      enough=enough))  # fmt: skip


def _take_out(model: Model) -> None:
    st.subheader(t("The classifier as a file"), anchor=False)
    st.markdown(t("One JSON file with its numbers, these scores and the licences: no code in it. `python -m pipeline "
                  "classify PHOTO --model FILE` tries it; docs/suggestions.md shows twenty lines that need no Moue. It "
                  "holds no photo and no name."))  # fmt: skip
    locked = _ui.why_not("export")
    classifier = current_classifier(workspace.get_store())
    text = "" if locked else classifier.to_json()
    st.download_button(
        t("Download the classifier"), text, f"moue-classifier-{model.version}.json", "application/json",
        icon=":material/download:", on_click="ignore", key="classifier-file", disabled=bool(locked),
        help=locked or None,
    )  # fmt: skip
    if classifier.landmark_model == DLIB:
        st.caption(t("The landmarks that it looks at come from a model whose licence excludes commercial use."))
