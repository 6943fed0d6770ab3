"""Export, Compare releases: what is other in one than in another, face by face, with the pictures of both."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from html import escape
from typing import Final

import streamlit as st

from db.tables.releases import ReleaseRow, list_releases
from pages import _ui
from pages._export import compared
from pages._server import workspace
from pages._ui import choices
from pages._ui.html_table import html_table
from pages._words import mark, recorded, t
from pipeline.core.errors import MoueError
from pipeline.export.release.shown import ShownFace, pages_of

KINDS: Final = {
    "added": mark("Added · {n}"), "removed": mark("Removed · {n}"), "relabelled": mark("Other class · {n}"),
    "moved": mark("Other split · {n}"), "recropped": mark("Cropped anew · {n}"),
}  # fmt: skip
_KIND: Final = "compare_kind"


def show(_who: str) -> None:
    """Draw the section."""
    found = _newest_of_each(workspace.get_store().read(list_releases))
    if len(found) < 2:
        st.info(t("There is nothing to compare yet: make a second release, and what differs is shown here."))
        return
    titles = list(found)
    newest, earlier = titles[0], _before(found, titles[0])
    left, right = st.columns(2, width=1616)  # two boxes as wide as they may be, beside each other
    before = left.selectbox(t("From"), titles, titles.index(earlier), key="compare_before")
    after = right.selectbox(t("To"), titles, titles.index(newest), key="compare_after")
    try:
        _differences(found[before], found[after])
    except MoueError as e:
        st.error(_ui.escaped(recorded.sentence(e.message)), icon=":material/block:")


def _newest_of_each(rows: Sequence[ReleaseRow]) -> dict[str, ReleaseRow]:
    """By title, newest first; of several writings of one release the newest."""
    found: dict[str, ReleaseRow] = {}
    for row in rows:
        found.setdefault(row.title, row)
    return found


def _before(found: dict[str, ReleaseRow], title: str) -> str:
    """The release of the same line before this one, else the next older one."""
    older = [other for other in found if other != title]
    return next((other for other in older if found[other].line == found[title].line), older[0])


def _differences(before: ReleaseRow, after: ReleaseRow) -> None:
    """Raises MoueError."""
    differing = compared.compared(before, after)
    counts = differing.counts()
    if counts is None:
        choices.keep(_KIND)  # it is not drawn, and would be forgotten
        _wait()
        return
    kinds = [kind for kind, n in counts.items() if n]
    if not kinds:
        st.success(t("The two have the same faces, classes, splits and crops."), icon=":material/check:")
        return
    if st.session_state.get(_KIND) not in kinds:
        st.session_state[_KIND] = kinds[0]  # no default beside it: Streamlit complains of both
    kind = st.segmented_control(
        t("What differs"), kinds, format_func=lambda one: t(KINDS[one], n=f"{counts[one]:,}"),
        key=choices.keep(_KIND), required=True, label_visibility="collapsed",
    )  # fmt: skip
    pages = pages_of(counts[str(kind)])
    page = int(st.number_input(t("Page of {n}", n=pages), 1, pages, key="compare_page", width=160)) if pages > 1 else 1
    shown = differing.page(str(kind), page)
    if shown is None:
        _wait()
        return
    rows = [[_name(*one), *map(_side, one)] for one in shown.rows]
    heads = [t("File"), before.title, after.title]
    st.html(html_table(t("What differs"), heads, rows, kinds="moue-figures moue-releases"))


def _wait() -> None:
    st.caption(t("Comparing releases"))
    compared.wait()


def _name(before: ShownFace | None, after: ShownFace | None) -> str:
    face = after or before
    return "" if face is None else escape(face.file)


def _side(face: ShownFace | None) -> str:
    """As the one release has the face; empty where it has not."""
    if face is None:
        return ""
    words = escape(f"{face.split} · {face.label}")
    if not face.picture:
        return f'{words}<br><span class="quiet">{escape(t("its picture is gone"))}</span>'
    data = base64.b64encode(face.picture).decode()
    return f'<img alt="" src="data:image/jpeg;base64,{data}"><br>{words}'
