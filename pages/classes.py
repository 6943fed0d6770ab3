"""Classes: what can a mouth be here?"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final

import streamlit as st

from db.reads.counts import workspace_counts
from db.tables import classes
from pages import _ui
from pages._classes import archived, digits, merge
from pages._server import permission, workspace
from pages._ui import badge
from pages._ui.html_table import labelled_cell
from pages._words import mark, recorded, t
from pipeline.core.errors import MoueError
from pipeline.core.records import ClassSpec

WIDTHS: Final = (0.5, 3, 0.8, 0.8, 0.8, 1.4, 0.9, 1, 1.4)
HEADS: Final = ("", mark("Name"), mark("Key"), mark("Badge"), mark("Colour"), mark("Accepted faces"), "", "", "")
LABELS: Final = {
    "name": mark("Name of {name}"), "key": mark("Key of {name}"), "letter": mark("Letter of {name}"),
    "colour": mark("Colour of {name}"),
}  # fmt: skip
MOVES: Final = ((6, -1, mark("Up"), mark("Move {name} up")), (7, 1, mark("Down"), mark("Move {name} down")))
_ERROR: Final = "classes_error"
_NEW: Final = "classes_new"
_ADDING: Final = 0  # where an error of the form for a new class belongs


def _change(work: Callable[..., Any], beside: int) -> bool:
    """Write at once; a refusal is shown beside the class that it is about."""
    st.session_state.pop(_ERROR, None)
    try:
        who = permission.require("classes")
        workspace.get_store().write(partial(work, by=who))
    except MoueError as e:
        in_use = e.message.code in ("class_has_face", "class_has_faces")
        st.session_state[_ERROR] = (beside, recorded.sentence(e.message), in_use)
        return False
    return True


def _save(spec: ClassSpec, field: str) -> None:
    given = str(st.session_state[_key(spec, field)])
    if field == "name":
        _change(lambda db, by: classes.rename_class(db, spec.id, given, by=by), spec.id)
    else:
        _change(lambda db, by: classes.set_class(db, spec.id, **{field: given.strip()}, by=by), spec.id)


def _move(specs: list[ClassSpec], at: int, by: int) -> None:
    order = [spec.id for spec in specs]
    order[at], order[at + by] = order[at + by], order[at]
    _change(lambda db, by: classes.reorder(db, order, by=by), specs[at].id)


def _archive(spec: ClassSpec) -> None:
    _change(lambda db, by: classes.archive_class(db, spec.id, by=by), spec.id)


def _add() -> None:
    wanted = st.session_state.get(_NEW, "")
    if _change(lambda db, by: classes.add_class(db, wanted, by=by), _ADDING):
        st.session_state[_NEW] = ""


def _bring_back(spec: ClassSpec) -> None:
    _change(lambda db, by: classes.bring_back(db, spec, by=by), _ADDING)


def _key(spec: ClassSpec, field: str) -> str:
    return f"class_{spec.id}_{field}"


def _row(specs: list[ClassSpec], at: int, accepted: int, locked: str) -> None:
    """One class. Its widgets show what is stored, also after a refusal and after somebody else's change."""
    spec = specs[at]
    with st.container(key=f"class-row-{spec.id}"):
        cells = st.columns(WIDTHS, vertical_alignment="center")
    cells[0].html(badge.badge(spec))
    fields = (
        (1, "name", partial(st.text_input, max_chars=40)), (2, "key", partial(st.text_input, max_chars=1)),
        (3, "letter", partial(st.text_input, max_chars=1)), (4, "colour", st.color_picker),
    )  # fmt: skip
    for cell, field, widget in fields:
        st.session_state[_key(spec, field)] = getattr(spec, field)
        with cells[cell]:
            widget(
                t(LABELS[field], name=spec.name), key=_key(spec, field), label_visibility="collapsed",
                on_change=_save, args=(spec, field), disabled=bool(locked),
            )  # fmt: skip
    cells[5].html(labelled_cell(t("Accepted faces"), f"{accepted:,}"))
    for cell, by, word, what in MOVES:
        with cells[cell]:
            _ui.button(
                t(word), "classes", key=_key(spec, word), help=t(what, name=spec.name),
                disabled=not 0 <= at + by < len(specs), why=locked, on_click=_move, args=(specs, at, by),
            )  # fmt: skip
    away = t("Put {name} away", name=spec.name)
    with cells[8]:
        key = _key(spec, "archive")
        _ui.button(t("Archive"), "classes", key=key, on_click=_archive, args=(spec,), help=away, why=locked)
    _complain(spec.id)


def _complain(beside: int) -> None:
    where, text, in_use = st.session_state.get(_ERROR, (None, "", False))
    if where == beside:
        st.error(_ui.escaped(text), icon=":material/error:")
        if in_use:  # who wants to put it away looks at its faces, or gives them another class below
            st.link_button(t("See its faces in Review"), merge.faces_of(beside), icon=":material/grid_view:")


def main() -> None:
    _ui.require_annotator()
    locked = _ui.why_not("classes")
    specs, everything = (store := workspace.get_store()).read(
        lambda db: (classes.list_classes(db), classes.list_classes(db, archived=True))
    )
    by_class = store.read(workspace_counts).by_class
    _ui.page_title(t("Classes"), f"{len(specs)}")
    _ui.page_head("classes")
    if st.button(t("What each class means: guidelines with examples"), icon=":material/menu_book:", type="tertiary"):
        st.switch_page("guidelines.py")
    st.html(badge.STYLE)
    with st.container(key="class-row-heads"):
        for cell, head in zip(st.columns(WIDTHS), HEADS, strict=True):
            cell.caption(t(head))
    for at, spec in enumerate(specs):
        _row(specs, at, by_class.get(spec.name, 0), locked)
    digits.section(specs, partial(_change, classes.order_digits, _ADDING))
    own = " ".join(classes.RESERVED_KEYS)
    st.caption(
        _ui.escaped(t("A key is one small letter, digit or sign. Review itself has {keys} and space.", keys=own))
    )
    with st.form("classes_add", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input(t("New class"), key=_NEW, max_chars=40, width=320, disabled=bool(locked))
        st.form_submit_button(
            t("Add"), icon=":material/add:", on_click=_add, disabled=bool(locked), help=locked or None
        )
    _complain(_ADDING)
    merge.section(specs, by_class)
    archived.section([spec for spec in everything if spec not in specs], WIDTHS, _bring_back)


main()
