"""What one person did, took back and leaves open: one's own, and everybody's for who may read the audit."""

from __future__ import annotations

from urllib.parse import quote

import streamlit as st

from db.store.store import Db
from db.tables.annotators import RULE_PREFIX, list_annotators
from db.tables.classes import list_classes
from db.team.handover import HandOver, hand_over
from pages import _ui
from pages._server import workspace
from pages._ui.html_table import figures_table
from pages._words import hand_over as words
from pages._words import language, t


def show(who: str) -> None:
    """The person is chosen by those who may read the audit."""
    store = workspace.get_store()
    person = who
    if not _ui.why_not("see_audit"):
        names = [name for name in store.read(list_annotators) if not name.startswith(RULE_PREFIX)]
        person = st.selectbox(t("Who"), names, names.index(who) if who in names else 0, key="handover-who", width=320)

    def load(db: Db) -> tuple[HandOver, dict[int, str]]:
        return hand_over(db, person, who), {spec.id: spec.name for spec in list_classes(db, archived=True)}

    found, classes = store.read(load)
    asked = f"person={quote(person, safe='')}"
    with st.container(horizontal=True):
        st.link_button(t("A page to print"), f"{_ui.base_path()}api/handover?{asked}", icon=":material/print:")
        st.link_button(t("As CSV"), f"{_ui.base_path()}api/handover.csv?{asked}", icon=":material/download:")
    for head, rows in words.tables(found, classes, language()):
        st.subheader(head)
        if not rows:
            st.caption(t("nothing"))
            continue
        st.html(figures_table([{t("What"): what, t("How many"): many} for what, many in rows], name=head))
