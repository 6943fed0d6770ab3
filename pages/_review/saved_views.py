"""Review's saved views, and what the people of the workspace agreed on, in a box that opens."""

from __future__ import annotations

from functools import partial
from typing import Final

import streamlit as st

from db.tables import saved_views, settings
from db.tables.saved_views import View
from pages import _ui
from pages._review import query
from pages._server import permission, pseudonyms, workspace
from pages._words import recorded, t
from pipeline.core.errors import NotAllowedError, UsageError

BOX: Final = "review-views"
_NAME: Final = "review-view-name"
_ASKED: Final = "review_view_asked"
"""(what, view): what was pressed once and waits for a second press, `overwrite` or `delete`."""
_PROBLEM: Final = "review_view_problem"
_HIDE: Final = "review-hide-suggestions"
_CHANGED: Final = "review_page_changed"
"""The whole page must run again, not only the box."""


@st.fragment
def saved() -> None:
    """The box; it tells what is in it when it is opened."""
    if st.session_state.pop(_CHANGED, False):
        st.rerun()
    with st.popover(t("Views"), icon=":material/bookmark:", key=BOX, on_change=_turned) as box:
        if box.open:
            with st.container(width=400):
                _draw()


def _turned() -> None:
    for name in (_ASKED, _PROBLEM):
        st.session_state.pop(name, None)


def _draw() -> None:
    store = workspace.get_store()
    known, hidden = store.read(lambda db: (saved_views.list_views(db), settings.suggestions_hidden(db)))
    for number, view in enumerate(known):
        _row(number, view)
    if not known:
        st.caption(t("No view is saved yet. A view is filters, order and page size under a name, for everybody."))
    asked = st.session_state.get(_ASKED, ("", ""))
    locked = _ui.why_not("views")
    with (
        st.form("review-view", border=False),  # Enter saves
        st.container(horizontal=True, vertical_alignment="bottom", gap="xsmall"),
    ):
        st.text_input(t("Name of this view"), key=_NAME, max_chars=saved_views.LONGEST_NAME)
        overwrite = asked[0] == "overwrite"
        st.form_submit_button(
            t("Overwrite") if overwrite else t("Save"), key="review-view-save", on_click=_save,
            type="primary" if overwrite else "secondary", disabled=bool(locked), help=locked or None,
        )  # fmt: skip
    if asked[0] == "overwrite":
        st.caption(t("There is a view called {name} already.", name=_ui.escaped(asked[1])))
    if _PROBLEM in st.session_state:
        st.error(_ui.escaped(st.session_state[_PROBLEM]))
    st.divider()
    st.session_state[_HIDE] = hidden
    locked = _ui.why_not("settings")
    label = t("Hide suggestions until answered")
    st.toggle(label, key=_HIDE, on_change=_hide, disabled=bool(locked), help=locked or None)
    st.caption(t("Classes that folders propose are then told only for faces that are decided: shown ones bias people."))


def _row(number: int, view: View) -> None:
    asked = st.session_state.get(_ASKED) == ("delete", view.name)
    by = _ui.escaped(pseudonyms.shown()(view.annotator))
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key=f"review-view-{number}"):
        st.button(
            _ui.escaped(view.name), key=f"review-view-open-{view.name}", on_click=_open, args=(view,), width="stretch",
            help=t("Saved by {name}, {when}", name=by, when=_ui.format_time(view.at)),
        )  # fmt: skip
        st.caption(by, width="content")
        _ui.button(
            t("Delete for good") if asked else t("Delete"), "views", icon=":material/delete:", type="tertiary",
            key=f"review-view-delete-{view.name}", on_click=partial(_delete, view.name, asked=asked),
            help=t("Delete {name}", name=_ui.escaped(view.name)),
        )  # fmt: skip


def _open(view: View) -> None:
    query.navigate(view.query)
    st.session_state.update({BOX: False, _CHANGED: True})


def _save() -> None:
    name = st.session_state.get(_NAME, "")
    wanted = query.current()
    asked = st.session_state.get(_ASKED)
    _turned()
    store = workspace.get_store()
    taken = store.read(lambda db: saved_views.find_view(db, name))
    overwrite = taken is not None and asked == ("overwrite", taken.name)  # that one, not another that is typed now
    if taken is not None and not overwrite:
        st.session_state[_ASKED] = ("overwrite", taken.name)
        return
    try:
        who = permission.require("views")
        store.write(lambda db: saved_views.save_view(db, name, wanted, who, overwrite=overwrite))
        st.session_state[_NAME] = ""
    except (UsageError, NotAllowedError) as e:
        st.session_state[_PROBLEM] = recorded.sentence(e.message)


def _delete(name: str, *, asked: bool) -> None:
    _turned()
    if not asked:
        st.session_state[_ASKED] = ("delete", name)
        return
    try:
        permission.require("views")
        workspace.get_store().write(lambda db: saved_views.delete_view(db, name))
    except (UsageError, NotAllowedError) as e:
        st.session_state[_PROBLEM] = recorded.sentence(e.message)


def _hide() -> None:
    hidden = bool(st.session_state[_HIDE])
    who = permission.require("settings")
    workspace.get_store().write(lambda db: settings.hide_suggestions(db, hidden, by=who))
    st.session_state[_CHANGED] = True
