"""What was decided, step by step, newest first: each step can be taken back alone."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import Final
from urllib.parse import urlencode

import streamlit as st

from db.listing.steps import KINDS, MOST_COUNTED, Step, TakenBack, steps, take_back_step
from db.store.store import Db
from db.tables.annotators import list_annotators
from db.tables.classes import list_classes
from db.team.history import Wanted
from pages import _ui
from pages._review import query
from pages._server import permission, pseudonyms, workspace
from pages._words import count, in_quotes, mark, recorded, sentences, t
from pipeline.core.errors import MoueError

_CURSORS: Final = "history_cursors"
_ASKED: Final = "history_asked"
_SAID: Final = "history_said"
_KIND_NAMES: Final = {
    "": mark("Everything"), "decided": mark("Decisions"), "adjudicated": mark("Adjudications"),
    "taken_back": mark("Undone"),
}  # fmt: skip
_VERDICTS: Final = {"reject": mark("rejected"), "unsure": mark("unsure"), "accept": mark("accepted")}


def show(who: str) -> None:
    """The filters, and one page of steps. Whoever may not see what others did sees their own."""
    others = not _ui.why_not("see_agreement")
    wanted, kind = _filters(who, others=others)
    if st.session_state.get(_ASKED) != (wanted, kind):
        st.session_state.update({_ASKED: (wanted, kind), _CURSORS: [None]})
    cursors: list[int | None] = st.session_state[_CURSORS]
    if said := st.session_state.pop(_SAID, ""):
        st.info(_ui.escaped(said))

    def read(db: Db) -> tuple[list[Step], int | None, dict[int, str]]:
        names = {one.id: one.name for one in list_classes(db, archived=True)}
        return *steps(db, who, wanted, kind, cursors[-1]), names

    found, following, classes = workspace.get_store().read(read)
    for one in found:
        _row(one, who, classes)
    if not found:
        st.info(_nothing(asked=kind or wanted != Wanted("" if others else who), others=others))
    if len(cursors) == 1 and following is None:
        return
    with st.container(horizontal=True):
        st.button(t("Newer"), key="history-newer", disabled=len(cursors) == 1, on_click=_newer)
        st.button(t("Older"), key="history-older", disabled=following is None, on_click=_older, args=(following,))


def _nothing(*, asked: object, others: bool) -> str:
    """Nobody who has not filtered is told of filters."""
    if asked:
        return t("No step fits these filters.")
    return t("Nobody has decided anything yet.") if others else t("You have decided nothing yet.")


def _newer() -> None:
    st.session_state[_CURSORS].pop()


def _older(following: int) -> None:
    st.session_state[_CURSORS].append(following)


def _filters(who: str, *, others: bool) -> tuple[Wanted, str]:
    names = workspace.get_store().read(list_annotators) if others else []
    called = pseudonyms.shown()
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        person = st.selectbox(
            t("Who"), ["", *names], format_func=lambda name: called(name) if name else t("Everybody"),
            key="history-who", width=240,
        ) if others else who  # fmt: skip
        kind = st.selectbox(
            t("What"), ["", *KINDS], format_func=lambda one: t(_KIND_NAMES[one]), key="history-what", width=200
        )
        day = st.date_input(t("Day"), None, key="history-day", width=160, format="YYYY-MM-DD")
    return Wanted(person, "", _midnight(day), _midnight(day, later=1)), kind


def _row(one: Step, who: str, classes: Mapping[int, str]) -> None:
    mine = one.annotator == who
    name = _ui.escaped(pseudonyms.shown()(one.annotator))
    with st.container(horizontal=True, vertical_alignment="center", key=f"step-{one.seq}", border=True):
        st.markdown(f"{_ui.format_time(one.at)} · **{name}** · {_ui.escaped(_what(one, classes))}", width="stretch")
        if one.kind == "adjudicated":
            st.caption(t("settled a dispute"), width="content")
        if one.kind == "taken_back" or one.by_rule:
            return
        if one.standing < one.n:
            stays = t("taken back") if not one.standing else t("{n} still stand", n=f"{one.standing:,}")
            st.caption(stays, width="content")
        if one.standing:
            st.link_button(t("See these faces"), _address(one), type="tertiary")
            _ui.button(
                t("Take back"), "label" if mine else "undo_others", key=f"step-back-{one.seq}",
                on_click=partial(_take_back, one.annotator, one.step),
            )  # fmt: skip


def _what(one: Step, classes: Mapping[int, str]) -> str:
    """`“smile”: 12, rejected: 1`; only how many where what was decided is not told yet."""
    number = f"{one.n:,}{'+' if one.more else ''}"
    if one.kind == "taken_back":
        return t("took back {n}", n=number)
    if one.what is None:
        return count(min(one.n, MOST_COUNTED), "face")
    parts = [
        t("{what}: {n}", what=_answer(verdict, classes.get(class_id or 0)), n=f"{n:,}")
        for (verdict, class_id), n in sorted(one.what.items(), key=lambda item: -item[1])
    ]
    return _ui.join_words(parts)


def _answer(verdict: str, class_name: str | None) -> str:
    return in_quotes(class_name) if class_name else t(_VERDICTS.get(verdict, verdict))


def _address(one: Step) -> str:
    """Review with what this person decided in those minutes; with all of them where their name is hidden."""
    until = datetime.fromisoformat(one.at.replace("Z", "+00:00")) + timedelta(minutes=1)
    asked = {
        "state": "all", "since": one.began[:16], "until": until.astimezone(UTC).strftime("%Y-%m-%dT%H:%M"),
    }  # fmt: skip
    if pseudonyms.shown()(one.annotator) == one.annotator:
        asked["annotator"] = one.annotator
    return f"{_ui.base_path()}review?{urlencode(asked)}"


def _take_back(annotator: str, step: str) -> None:
    """Reads again whose step it is: a button may be pressed by a page from before."""
    key = str(uuid.uuid4())
    try:
        who = permission.require("label")
        if annotator != who:
            who = permission.require("undo_others")
        done = workspace.get_store().write(lambda db: take_back_step(db, who, annotator, step, key))
    except MoueError as e:
        st.session_state[_SAID] = recorded.sentence(e.message)
    else:
        st.session_state[_SAID] = _done(done)


def _done(done: TakenBack) -> str:
    told = t("Took back {n}.", n=f"{done.n:,}")
    if not done.since:
        return told
    called = pseudonyms.shown()
    names = _ui.join_words(f"{called(name)} ({n:,})" for name, n in sorted(done.since.items()))
    return sentences(told, t("What others decided since stays: {names}.", names=names))


def _midnight(day: object, later: int = 0) -> str:
    """The reader's, so many days later, as stored times are; "" for no day."""
    if not isinstance(day, date):
        return ""
    moment = datetime.combine(day + timedelta(days=later), time(), query.zone()).astimezone(UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
