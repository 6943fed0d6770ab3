"""How the page comes by what an export would hold: a few faces are planned at once, many beside the server."""

from __future__ import annotations

import time
from concurrent.futures import CancelledError, Future
from concurrent.futures import TimeoutError as NotYetError
from dataclasses import replace
from typing import Final, Protocol

import streamlit as st

from db.reads.counts import Counts
from db.store.store import Store
from pages._server.exports import previews
from pages._server.exports.previews import Question
from pipeline.actions.release.accepted import all_compared, plan_release, read_accepted, read_placements
from pipeline.actions.release.beside import Answered
from pipeline.export.options import ExportOptions
from pipeline.export.preview import Offered, Preview
from pipeline.export.split import SplitPlan

AT_ONCE: Final = 1000
"""Faces that are planned within the page: about 50 ms of CPU, for which everybody waits."""
PATIENCE_S: Final = 0.5
"""Seconds that the page waits for what is planned beside it before it is drawn without."""
EVERY_S: Final = 0.5
_OFFERED: Final = "export_offered"
_ASKED: Final = "export_asked"
_ARRIVED: Final = "export_arrived"
_READING: Final = "export_reading"
_SAME_S: Final = 60.0
"""Seconds for which other options are told of the same faces, though somebody decides meanwhile."""


class Planned(Protocol):
    """What is asked for in turn: what the options offer, then what would be written; None until it is known. Both raise
    MoueError."""

    def offered(self) -> Offered | None: ...

    def preview(self, split_plan: SplitPlan, options: ExportOptions) -> Preview | None: ...


def planned(store: Store, counts: Counts, line: str, *, with_rejected: bool) -> Planned:
    """line: the export's name. with_rejected: rejected faces are to be a class of their own."""
    faces = counts.accepted + (counts.rejected if with_rejected else 0)
    if faces <= AT_ONCE and all_compared(store, with_rejected=with_rejected):
        return _Here(store, line, with_rejected=with_rejected)
    return _Beside(store, line, with_rejected=with_rejected)


class _Here:
    def __init__(self, store: Store, line: str, *, with_rejected: bool) -> None:
        self._store, self._line = store, line
        self._accepted = read_accepted(store, with_rejected=with_rejected)

    def offered(self) -> Offered:
        placed = len(read_placements(self._store, self._line))
        return Offered.of(self._accepted.items, self._accepted.class_names, placed)

    def preview(self, split_plan: SplitPlan, options: ExportOptions) -> Preview:
        return Preview.of(plan_release(self._store, self._line, split_plan, options, self._accepted))


class _Beside:
    """What was offered last is offered until something else is known: options that are not drawn would be forgotten."""

    def __init__(self, store: Store, line: str, *, with_rejected: bool) -> None:
        self._root, self._line, self._with_rejected = store.root, line, with_rejected
        self._arrived: bool = st.session_state.pop(_ARRIVED, False)

    def offered(self) -> Offered | None:
        kept = st.session_state.get(_OFFERED)
        if kept is not None and kept[0] == self._root:
            known: Offered = kept[1]
            return known
        answer = self._answer(None)
        return None if answer is None else self._keep(answer)

    def preview(self, split_plan: SplitPlan, options: ExportOptions) -> Preview | None:
        answer = self._answer((split_plan, options))
        if answer is None:
            return None
        before = self.offered()
        if self._keep(answer) != before:
            st.session_state[_ARRIVED] = True
            st.rerun()  # the options were drawn by what was offered before
        return answer.preview

    def _keep(self, answer: Answered) -> Offered:
        st.session_state[_OFFERED] = (self._root, answer.offered)
        return answer.offered

    def _answer(self, settings: tuple[SplitPlan, ExportOptions] | None) -> Answered | None:
        question = Question(self._root, self._line, settings, self._with_rejected)
        asked: tuple[Question, Future[Answered]] | None = st.session_state.get(_ASKED)
        if asked is None or asked[0] != question or (asked[1].done() and not self._arrived):
            if asked is not None and asked[0] != question:
                asked[1].cancel()
                question = replace(question, reading=self._reading())
            asked = (question, previews.ask(question))
            st.session_state[_ASKED] = asked
        try:
            answer = asked[1].result(PATIENCE_S)
        except (NotYetError, CancelledError):  # cancelled: the server ends
            return None
        if answer.reading != self._reading():
            st.session_state[_READING] = (answer.reading, time.monotonic())
        return answer

    def _reading(self) -> str:
        """Which the last answers told of, where that is not long ago; a program of another workspace knows no such."""
        reading, since = st.session_state.get(_READING, ("", 0.0))
        return reading if time.monotonic() - since < _SAME_S else ""


@st.fragment(run_every=EVERY_S)
def wait() -> None:
    """Draw the page again once what it asked for is there."""
    asked = st.session_state.get(_ASKED)
    if asked is not None and asked[1].done():
        st.session_state[_ARRIVED] = True
        st.rerun()
