"""Classes: what can a mouth be here?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final
from urllib.parse import urlencode

import streamlit as st

from db.reads.counts import workspace_counts
from db.tables import classes
from pages import _ui
from pages._classes.changes import Told, carry_out
from pages._components.class_editor import class_editor
from pages._server import workspace
from pages._ui.badge import ink
from pages._words import count, in_quotes, t
from pipeline.core.records import ClassSpec

_EDITOR: Final = "class_editor"
_TOLD: Final = "classes_told"
_ANSWERED: Final = "classes_answered"


def _change() -> None:
    """Write at once; what came of it is shown beside what it was about. One that was sent again is answered again."""
    change = st.session_state[_EDITOR].change
    token = str(change["token"])
    if token != st.session_state.get(_ANSWERED):
        st.session_state[_ANSWERED], st.session_state[_TOLD] = token, None
        st.session_state[_TOLD] = carry_out(workspace.get_store(), change)


def faces_of(class_id: int) -> str:
    """The address of Review with the faces of a class."""
    return f"{_ui.base_path()}review?{urlencode({'state': f'class:{class_id}'})}"


def _look(spec: ClassSpec) -> dict[str, Any]:
    return {**asdict(spec), "ink": ink(spec.colour)}


def _row(spec: ClassSpec, accepted: int) -> dict[str, Any]:
    faces = {"n": accepted, "accepted": f"{accepted:,}", "faces": count(accepted, "face"), "see": faces_of(spec.id)}
    return {**_look(spec), **faces, "quoted": in_quotes(spec.name)}


def _told(told: Told | None) -> dict[str, Any] | None:
    """Who wants to put a class away that is in use looks at its faces, or gives them another class below."""
    if told is None:
        return None
    see = faces_of(int(told.beside)) if told.in_use else ""
    return {"beside": told.beside, "text": told.text, "error": told.error, "see": see}


def editor_data(
    specs: Sequence[ClassSpec], put_away: Sequence[ClassSpec], by_class: Mapping[str, int], locked: str
) -> dict[str, Any]:
    """What the editor shows. by_class: accepted faces by name. locked: why the reader may change nothing, or ""."""
    return {
        "rows": [_row(spec, by_class.get(spec.name, 0)) for spec in specs],
        "archived": [_look(spec) for spec in put_away],
        "digits": bool(classes.digits_in_order(specs)),
        "keys": " ".join(classes.RESERVED_KEYS),
        "locked": locked,
        "told": _told(st.session_state.get(_TOLD)),
        "answered": st.session_state.get(_ANSWERED, ""),
    }


def main() -> None:
    _ui.require_annotator()
    specs, everything = (store := workspace.get_store()).read(
        lambda db: (classes.list_classes(db), classes.list_classes(db, archived=True))
    )
    by_class = store.read(workspace_counts).by_class
    _ui.page_title(t("Classes"), f"{len(specs)}")
    _ui.page_head("classes")
    if st.button(t("What each class means: guidelines with examples"), icon=":material/menu_book:", type="tertiary"):
        st.switch_page("guidelines.py")
    put_away = [spec for spec in everything if spec not in specs]
    class_editor(editor_data(specs, put_away, by_class, _ui.why_not("classes")), key=_EDITOR, on_change=_change)


main()
