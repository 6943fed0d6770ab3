"""The shell: page config, sign-in, navigation. It lies inside `pages/` so that no deep link can go round it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import streamlit as st

from db.duplicates.groups import open_groups
from pages import _ui
from pages._components.account import PageLink
from pages._server import identity, workspace
from pages._ui import workspace_list
from pages._ui.addresses import wrong_address
from pages._words import t

_HERE: Final = Path(__file__).parent

_ICON: Final = (_HERE / "icon.svg").read_text("utf-8")


def _pages(left: int, groups: int) -> list[st.Page]:
    """All pages; with the counts that their names carry. Compare, Guidelines and Words are reached from other pages."""
    undecided = f" {left:,}" if left else ""
    wanted = (
        ("overview.py", t("Overview")),
        ("progress.py", t("Progress")),
        ("collect.py", t("Collect")),
        ("clean.py", t("Clean")),
        ("quality.py", t("Quality")),
        ("duplicates.py", t("Duplicates") + (f" {groups:,}" if groups else "")),
        ("suggestions.py", t("Suggestions")),
        ("review.py", t("Review") + undecided),
        ("team.py", t("Team")),
        ("classes.py", t("Classes")),
        ("export.py", t("Export")),
    )
    pages = [st.Page(file, title=title, default=file == "overview.py") for file, title in wanted]
    if (_HERE / "compare.py").is_file():
        pages.append(st.Page("compare.py", title=t("Compare"), visibility="hidden"))
    pages.append(st.Page("_glossary/words.py", title=t("Words"), visibility="hidden"))
    pages.append(st.Page("guidelines.py", title=t("Guidelines"), visibility="hidden"))
    asked = wrong_address.path_of(st.context.url, _ui.base_path())
    if asked not in {page.url_path for page in pages} and "/" not in asked:  # else Streamlit tells it, in English
        pages.append(st.Page(wrong_address.show, title=t("Page not found"), url_path=asked, visibility="hidden"))
    return pages


if workspace.several() is not None and workspace.current() is None:
    st.set_page_config(page_title="Moue", layout="wide", page_icon=_ICON)
    _ui.prepare()
    st.navigation([st.Page(workspace_list.show, title="Moue")], position="hidden").run()
    st.stop()
store = workspace.get_store()  # why it cannot be opened is told before anybody signs in
signed_in = identity.identify(st.context.cookies, st.context.headers) is not None
if (problem := store.problem()) is not None:  # nothing can be read: neither who may do what, nor any count
    st.navigation(_pages(0, 0), position="hidden")
    st.set_page_config(page_title="Moue", layout="wide", page_icon=_ICON)
    _ui.show_out_of_place(problem, named=signed_in)
    st.stop()
if (asked := _ui.asked_page()) is not None:
    there = {page.url_path: page for page in _pages(0, 0)}
    st.navigation(list(there.values()), position="hidden")
    if asked in there:
        st.switch_page(there[asked])
left = _ui.undecided() if signed_in else 0
groups = store.read(open_groups) if signed_in else 0
# hidden: Streamlit's own bar takes 50 to 160 ms of each visit, and lies over the corner on a tablet (ADR 51)
chosen = st.navigation(all_pages := _pages(left, groups), position="hidden")
named = " · ".join(filter(None, [chosen.title, workspace.current(), "Moue"]))
st.set_page_config(page_title=named if signed_in else "Moue", layout="wide", page_icon=_ICON)
_ui.prepare()
if signed_in:
    shown = [page for page in all_pages if page.visibility == "visible"]
    _ui.header(_ui.require_annotator(), [PageLink(one.url_path, one.title, one is chosen) for one in shown])
else:
    _ui.require_annotator()
chosen.run()
