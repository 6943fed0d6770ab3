"""How Compare releases comes by what differs: small releases are compared at once, large ones beside the server."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import CancelledError, Future
from concurrent.futures import TimeoutError as NotYetError
from pathlib import Path
from typing import Final, Protocol

import streamlit as st

from db.tables.releases import ReleaseRow
from pages._export import planned
from pages._server import workspace
from pages._server.exports import previews
from pages._server.exports.previews import Comparison
from pages._words import t
from pipeline.actions.release.kept import kept_differences
from pipeline.core.errors import MoueError
from pipeline.export.release.compare import Differences
from pipeline.export.release.shown import DifferencesPage, page_of

AT_ONCE: Final = 2000
"""Faces of the two together that are compared within the page: about 50 ms of CPU, for which everybody waits."""
_FOUND: Final = "export_differences"
_COUNTS: Final = "export_differing"
_ASKED: Final = "export_compared"


class Compared(Protocol):
    """What is asked for in turn: how many faces differ, by kind, then some of them; None until it is known. Both raise
    MoueError."""

    def counts(self) -> Mapping[str, int] | None: ...

    def page(self, kind: str, page: int) -> DifferencesPage | None: ...


def compared(before: ReleaseRow, after: ReleaseRow) -> Compared:
    """How two releases of the workspace differ."""
    return _Here(before, after) if _faces(before) + _faces(after) <= AT_ONCE else _Beside(before, after)


def _faces(release: ReleaseRow) -> int:
    return sum(sum(by_class.values()) for by_class in release.counts.values())


class _Here:
    def __init__(self, before: ReleaseRow, after: ReleaseRow) -> None:
        self._before, self._after = before, after

    def counts(self) -> Mapping[str, int]:
        return self._differences().counts

    def page(self, kind: str, page: int) -> DifferencesPage:
        return page_of(self._differences(), Path(self._before.path), Path(self._after.path), kind, page)

    def _differences(self) -> Differences:
        """Kept for the pages of one comparison: a release never changes."""
        key = (workspace.root(), _named(self._before), _named(self._after))
        kept = st.session_state.get(_FOUND)
        if kept is not None and kept[0] == key:
            known: Differences = kept[1]
            return known
        with st.spinner(t("Comparing releases")):
            found = kept_differences(workspace.get_store(), self._before, self._after)
        st.session_state[_FOUND] = (key, found)
        return found


class _Beside:
    """The counts of two releases are kept until others are chosen, and the page that was asked for last."""

    def __init__(self, before: ReleaseRow, after: ReleaseRow) -> None:
        self._pair = (workspace.root(), _named(before), _named(after))

    def counts(self) -> Mapping[str, int] | None:
        kept = st.session_state.get(_COUNTS)
        if kept is not None and kept[0] == self._pair:
            known: Mapping[str, int] = kept[1]
            return known
        answer = self._answer("", 1)
        if answer is None:
            return None
        st.session_state[_COUNTS] = (self._pair, answer.counts)
        return answer.counts

    def page(self, kind: str, page: int) -> DifferencesPage | None:
        asked: tuple[Comparison, Future[DifferencesPage]] | None = st.session_state.get(_ASKED)
        if asked is not None and asked[0] == Comparison(*self._pair, "", 1):
            first = self._answer("", 1)
            if first is not None and (first.kind, first.page) == (kind, page):
                return first
        return self._answer(kind, page)

    def _answer(self, kind: str, page: int) -> DifferencesPage | None:
        comparison = Comparison(*self._pair, kind, page)
        asked: tuple[Comparison, Future[DifferencesPage]] | None = st.session_state.get(_ASKED)
        if asked is None or asked[0] != comparison:
            if asked is not None:
                asked[1].cancel()
            asked = (comparison, previews.compare(comparison))
            st.session_state[_ASKED] = asked
        try:
            return asked[1].result(planned.PATIENCE_S)
        except (NotYetError, CancelledError):  # cancelled: the server ends
            return None
        except MoueError:
            del st.session_state[_ASKED]  # the next look tries again
            raise


def _named(release: ReleaseRow) -> tuple[str, str]:
    """A restored workspace may have another release of that number."""
    return release.title, release.digest


@st.fragment(run_every=planned.EVERY_S)
def wait() -> None:
    """Draw the page again once what it asked for is there."""
    asked = st.session_state.get(_ASKED)
    if asked is not None and asked[1].done():
        st.rerun()
