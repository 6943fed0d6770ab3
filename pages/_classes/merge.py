"""Give all faces of a class another one: before it is archived, or where two classes turned out to be one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import urlencode

import streamlit as st

from db.listing.relabel import relabel
from db.projection.filters import ReviewFilter
from pages import _ui
from pages._server import permission, workspace
from pages._words import count, in_quotes, recorded, t
from pipeline.core.errors import MoueError
from pipeline.core.records import ClassSpec

_FROM: Final = "merge_from"
_TO: Final = "merge_to"
_SAID: Final = "merge_said"


def section(specs: Sequence[ClassSpec], by_class: Mapping[str, int]) -> None:
    """specs: the classes in use. by_class: accepted faces by name."""
    if said := st.session_state.pop(_SAID, ""):
        st.info(_ui.escaped(said))
    filled = {spec.id: spec for spec in specs if by_class.get(spec.name)}
    if not filled or len(specs) < 2:
        return
    st.subheader(t("Merge"))
    st.caption(
        t("All faces of one class get another one, in one step: Undo in Review, or Team, History, takes it back.")
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        source = st.selectbox(
            t("Faces of"), list(filled), format_func=lambda one: filled[one].name, key=_FROM, width=200
        )
        others = {spec.id: spec for spec in specs if spec.id != source}
        # none is chosen beforehand: one press would merge two classes that nobody thought of
        target = st.selectbox(
            t("become"), list(others), index=None, format_func=lambda one: others[one].name, key=_TO, width=200
        )
        n = count(by_class[filled[source].name], "face")
        into = others.get(target) if target is not None else None
        label = t("Label {faces} {name}", faces=n, name=in_quotes(into.name)) if into else t("Merge")
        _ui.button(
            _ui.escaped(label), "classes", key="merge", disabled=into is None, on_click=_merge, args=(source, target)
        )
        st.link_button(t("See these {faces}", faces=n), faces_of(source), type="tertiary")


def faces_of(class_id: int) -> str:
    """The address of Review with the faces of a class."""
    return f"{_ui.base_path()}review?{urlencode({'state': f'class:{class_id}'})}"


def _merge(source: int, target: int) -> None:
    try:
        who = permission.require("classes")
        n = workspace.get_store().write(lambda db: relabel(db, who, ReviewFilter(f"class:{source}"), target))
    except MoueError as e:
        st.session_state[_SAID] = recorded.sentence(e.message)
    else:
        st.session_state[_SAID] = t("{faces} given the other class, as one step.", faces=count(n, "face"))
