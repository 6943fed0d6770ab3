"""Export, Compare releases: what is other in one than in another, face by face, with the pictures of both."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Final

import streamlit as st

from db.tables.releases import ReleaseRow, list_releases
from pages import _ui
from pages._server import workspace
from pages._ui import choices
from pages._ui.html_table import html_table
from pages._words import mark, recorded, t
from pipeline.actions.release.kept import content
from pipeline.core.errors import MoueError
from pipeline.export.release.compare import Differences, ReleasedFace, differences
from pipeline.export.release.pictures import small_pictures

KINDS: Final = {
    "added": mark("Added · {n}"), "removed": mark("Removed · {n}"), "relabelled": mark("Other class · {n}"),
    "moved": mark("Other split · {n}"), "recropped": mark("Cropped anew · {n}"),
}  # fmt: skip
SIZE: Final = 24
"""Faces on a page."""
_SIDE: Final = 96
_FOUND: Final = "export_differences"
_KIND: Final = "compare_kind"
_Sides = tuple[ReleasedFace | None, ReleasedFace | None]
"""A face as the one and as the other release has it."""


def show(_who: str) -> None:
    """Draw the section."""
    found = _newest_of_each(workspace.get_store().read(list_releases))
    if len(found) < 2:
        st.info(t("There is nothing to compare yet: make a second release, and what differs is shown here."))
        return
    titles = list(found)
    newest, earlier = titles[0], _before(found, titles[0])
    left, right = st.columns(2)
    before = left.selectbox(t("From"), titles, titles.index(earlier), key="compare_before")
    after = right.selectbox(t("To"), titles, titles.index(newest), key="compare_after")
    try:
        changed = _differences(found[before], found[after])
    except MoueError as e:
        st.error(_ui.escaped(_ui.sentence(recorded.translate(e.message))), icon=":material/block:")
        return
    if not any(changed.counts.values()):
        st.success(t("The two have the same faces, classes, splits and crops."), icon=":material/check:")
        return
    kinds = [kind for kind, n in changed.counts.items() if n]
    if st.session_state.get(_KIND) not in kinds:
        st.session_state[_KIND] = kinds[0]  # no default beside it: Streamlit complains of both
    kind = st.segmented_control(
        t("What differs"), kinds, format_func=lambda one: t(KINDS[one], n=f"{changed.counts[one]:,}"),
        key=choices.keep(_KIND), required=True, label_visibility="collapsed",
    )  # fmt: skip
    _rows(_of_kind(changed, str(kind)), found[before], found[after])


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


def _differences(before: ReleaseRow, after: ReleaseRow) -> Differences:
    """Kept for the pages of one comparison: a release never changes."""
    store, key = workspace.get_store(), (str(workspace.root()), before.id, after.id)
    kept = st.session_state.get(_FOUND)
    if kept is not None and kept[0] == key:
        known: Differences = kept[1]
        return known
    with st.spinner(t("Comparing releases")):
        found = differences(content(store, before.title), content(store, after.title))
    st.session_state[_FOUND] = (key, found)
    return found


def _of_kind(changed: Differences, kind: str) -> Sequence[_Sides]:
    if kind == "added":
        return [(None, face) for face in changed.added]
    if kind == "removed":
        return [(face, None) for face in changed.removed]
    both = {"relabelled": changed.relabelled, "moved": changed.moved, "recropped": changed.recropped}
    return [(one.before, one.after) for one in both[kind]]


def _rows(changes: Sequence[_Sides], before: ReleaseRow, after: ReleaseRow) -> None:
    pages = -(-len(changes) // SIZE)
    page = int(st.number_input(t("Page of {n}", n=pages), 1, pages, key="compare_page", width=160)) if pages > 1 else 1
    shown = changes[(page - 1) * SIZE : page * SIZE]
    old = small_pictures(Path(before.path), [one for one, _ in shown if one is not None], _SIDE)
    new = small_pictures(Path(after.path), [one for _, one in shown if one is not None], _SIDE)
    rows = [[_name(*one), _side(one[0], old), _side(one[1], new)] for one in shown]
    heads = [t("File"), before.title, after.title]
    st.html(html_table(t("What differs"), heads, rows, kinds="moue-figures moue-releases"))


def _name(before: ReleasedFace | None, after: ReleasedFace | None) -> str:
    face = after or before
    return "" if face is None else escape(face.file.rpartition("/")[2])


def _side(face: ReleasedFace | None, pictures: Mapping[str, bytes]) -> str:
    """As the one release has the face; empty where it has not."""
    if face is None:
        return ""
    words = escape(f"{face.split} · {face.label}")
    if face.face_id not in pictures:
        return f'{words}<br><span class="quiet">{escape(t("its picture is gone"))}</span>'
    data = base64.b64encode(pictures[face.face_id]).decode()
    return f'<img alt="" src="data:image/jpeg;base64,{data}"><br>{words}'
