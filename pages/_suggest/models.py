"""Suggestions, Models: every suggester side by side, which one is in force, and another one's file."""

from __future__ import annotations

from html import escape
from typing import Final

import streamlit as st

from db.suggest.comparison import Share, Suggester, compare
from db.tables import suggesters
from pages import _ui
from pages._server import permission, workspace
from pages._suggest import score_tables
from pages._ui import choices
from pages._words import count, in_brackets, mark, per_cent, recorded, sentences, t
from pipeline.actions.suggest.predictions import Taken, take_predictions
from pipeline.core.errors import MoueError

FEWEST: Final = 20
"""Faces with a known answer below which a share says nothing."""
MOST_TOLD: Final = 20
_KINDS: Final = {
    "zero_label": mark("the zero-label rule"), "learned": mark("learned from your labels"),
    "outside": mark("from outside"),
}  # fmt: skip
_CHOICE: Final = "suggester-choice"
_FILE: Final = "predictions-file"
_NAME: Final = "predictions-name"
_VERSION: Final = "predictions-version"
_SAID: Final = "suggesters_said"
_SAID_OF: Final = "suggesters_said_of"
"""The file that it speaks of; None: it is said once."""


def show(_who: str) -> None:
    """Draw the section."""
    _ui.page_title(t("Suggestions"), t("Models"))
    st.caption(t("Each suggester on the same known answers: gold, and faces that were drawn at random and labelled "
                 "since. What Moue learned itself is judged without the face's own label."))  # fmt: skip
    store = workspace.get_store()
    in_force = store.read(suggesters.in_force)
    found = store.read(lambda db: compare(db, in_force))
    _tell()
    if not found:
        st.info(t("Nothing suggests classes here yet."))
    else:
        st.html(score_tables.table(t("Suggesters side by side"), _heads(), [_row(one) for one in found]))
        if not any(one.gold.of or one.drawn.of for one in found):
            st.caption(t("No answer is known yet: label faces with suggestions, where a quarter is drawn at random, or"
                         " make faces gold on Team."))  # fmt: skip
    _choose([one.name for one in found], in_force)
    _bring_in()


def _heads() -> list[str]:
    return [t("Suggester"), t("What it is"), t("Made"), t("Faces"), t("Right on gold"), t("Right on random draws"),
            t("Against the one in force")]  # fmt: skip


def _row(one: Suggester) -> list[str]:
    version = one.told_version or f"{one.version}"
    name = f"<b>{escape(one.name)}</b> {escape(version)}"
    return [
        name + (f" · {escape(t('in force'))}" if one.in_force else ""), escape(t(_KINDS[one.kind])),
        escape(_ui.format_time(one.made_at)), f"{one.covered:,}", _share(one.gold), _share(one.drawn), _against(one),
    ]  # fmt: skip


def _share(share: Share) -> str:
    if share.of < FEWEST:
        return _quiet(t("too few to say: {n} of {least}", n=f"{share.of:,}", least=f"{FEWEST}"))
    low, high = share.interval
    span = t("{low} to {high}, of {n}", low=f"{100 * low:.0f}", high=f"{100 * high:.0f}", n=f"{share.of:,}")
    return sentences(per_cent(f"{100 * share.right / share.of:.0f}"), _quiet(in_brackets(span)))


def _against(one: Suggester) -> str:
    if one.in_force:
        return "–"
    if not one.both:
        return _quiet(t("no face with a known answer in common"))
    return escape(t("alone right on {this}, alone wrong on {other}, of {n}", this=f"{one.only_this:,}",
                    other=f"{one.only_other:,}", n=f"{one.both:,}"))  # fmt: skip


def _quiet(text: str) -> str:
    return f'<span class="quiet">{escape(text)}</span>'


def _choose(names: list[str], in_force: str) -> None:
    """Whose suggestions are shown on cards and asked by filters and orders."""
    offered = list(dict.fromkeys([suggesters.OURS, *names]))
    if len(offered) < 2 or _ui.why_not("settings"):
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        at = offered.index(in_force) if in_force in offered else 0
        st.selectbox(t("In force: whose suggestions Review shows"), offered, at, key=_CHOICE, width=320)
        _ui.button(t("Put in force"), "settings", key="suggester-save", on_click=_save)


def _save() -> None:
    by, name = permission.require("settings"), str(st.session_state[_CHOICE])
    try:
        workspace.get_store().write(lambda db: suggesters.choose(db, name, by=by))
    except MoueError as e:
        st.session_state[_SAID] = (recorded.translate(e.message), [], False)
        st.session_state[_SAID_OF] = None


def _bring_in() -> None:
    if _ui.why_not("predictions"):
        return
    st.subheader(t("Bring in another model's suggestions"))
    st.caption(t("A CSV file with the columns face_id or sha256, class, confidence (0 to 1). All of its rows are "
                 "taken, or none. They never become labels. A file of more than 1 MB goes in by the command "
                 "`predictions`, or by `POST /api/predictions`."))  # fmt: skip
    choices.file_uploader(t("CSV file"), ["csv", "tsv", "txt"], _FILE)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input(t("Name of the model"), key=_NAME, max_chars=60, width=240)
        st.text_input(t("Its version"), "1", key=_VERSION, max_chars=60, width=120)
        # whatever the name: a field tells what stands in it only when it is left, which pressing this does
        ready = st.session_state.get(_FILE) is not None
        _ui.button(t("Bring in"), "predictions", key="predictions-take", disabled=not ready, on_click=_take)


def _take() -> None:
    by, file = permission.require("predictions"), st.session_state[_FILE]
    name, version = str(st.session_state[_NAME]).strip(), str(st.session_state[_VERSION])
    st.session_state[_SAID_OF] = file.file_id
    if not name:
        st.session_state[_SAID] = (t("Type the name of the model first."), [], False)
        return
    try:
        done = take_predictions(workspace.get_store(), file.getvalue(), file.name, name, version or "1", by=by)
    except MoueError as e:
        st.session_state[_SAID] = (recorded.translate(e.message), [], False)
        return
    st.session_state[_SAID] = _said(done)


def _said(done: Taken) -> tuple[str, list[str], bool]:
    """What to tell: a sentence, the refused rows, whether it went well."""
    if done.refused:
        rows = [recorded.translate(one) for one in done.refused[:MOST_TOLD]]
        return t("Nothing was taken: {rows} refused.", rows=count(len(done.refused), "row")), rows, False
    faces = count(done.faces, "face")
    return t("{faces} with new suggestions of “{name}”.", faces=faces, name=done.suggester), [], True


def _tell() -> None:
    """What became of the last press; of a file while it is in its box, or the page would move under the next press."""
    of = st.session_state.get(_SAID_OF)
    if of is not None and of != getattr(st.session_state.get(_FILE), "file_id", None):
        st.session_state.pop(_SAID, None)  # another file, or none
    text, rows, good = st.session_state.get(_SAID, ("", [], True))
    if of is None:
        st.session_state.pop(_SAID, None)
    if text:
        shown = "\n".join([_ui.escaped(text), *(f"- {_ui.escaped(row)}" for row in rows)])
        (st.success if good else st.error)(shown)
