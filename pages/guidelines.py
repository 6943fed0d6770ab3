"""Guidelines: what does each class mean, to all of us?"""

from __future__ import annotations

import html
from typing import Final

import streamlit as st

from db.store.store import Db
from db.tables.classes import list_classes
from db.team.guidelines import LONGEST, Example, Guideline, list_guidelines, remove_example, set_text
from pages import _ui
from pages._server import permission, pseudonyms, workspace
from pages._ui import badge
from pages._words import recorded, t
from pipeline.core.errors import MoueError
from pipeline.core.records import ClassSpec

COLUMNS: Final = 8
SIDE: Final = 112
_PARAMETER: Final = "class"
_SEEN: Final = "guideline_seen"
"""(class id, `at`) of the text that stands in the box."""
_TEXT: Final = "guideline_text"
_ERROR: Final = "guideline_error"
_STYLE: Final = f"""<style>
.guideline-crop {{ width: {SIDE}px; height: {SIDE}px; object-fit: cover; border-radius: 4px; display: block; }}
.guideline-crop.counter {{ outline: 3px dashed gray; outline-offset: -3px; }}
</style>"""


def _chosen(specs: list[ClassSpec]) -> ClassSpec:
    """The class that the address names, else the first."""
    asked = st.query_params.get(_PARAMETER, "")
    return next((spec for spec in specs if str(spec.id) == asked), specs[0])


def _turn() -> None:
    st.query_params[_PARAMETER] = str(st.session_state["guideline_class"])
    st.session_state.pop(_ERROR, None)


def _save(class_id: int) -> None:
    seen = st.session_state[_SEEN]
    if seen[0] != class_id:
        return
    text = str(st.session_state[_TEXT])
    try:
        who = permission.require("guidelines")
        at = workspace.get_store().write(lambda db: set_text(db, who, class_id, text, seen[1]))
    except MoueError as e:
        # one's own words stay in the box; those of the other stand below it
        st.session_state[_ERROR] = recorded.sentence(e.message)
        return
    st.session_state.pop(_ERROR, None)
    st.session_state[_SEEN] = (class_id, at)  # the next words may be sent before the page has run again


def _take_away(class_id: int, face_id: str) -> None:
    who = permission.require("guidelines")
    workspace.get_store().write(lambda db: remove_example(db, who, class_id, face_id))


def _text(spec: ClassSpec, guideline: Guideline) -> None:
    """The box shows what is stored, but for words that could not be."""
    if st.session_state.get(_SEEN, (None, None))[0] != spec.id or _ERROR not in st.session_state:
        st.session_state[_SEEN] = (spec.id, guideline.at)
        st.session_state[_TEXT] = guideline.text
    locked = _ui.why_not("guidelines")
    st.text_area(
        t("What {name} means", name=f"“{spec.name}”"), key=_TEXT, max_chars=LONGEST, height=220,
        on_change=_save, args=(spec.id,), disabled=bool(locked), help=locked or None,
        placeholder=t("When is it one? When is it not? What of the doubtful ones?"),
    )  # fmt: skip
    if _ERROR in st.session_state:
        st.error(_ui.escaped(st.session_state[_ERROR]), icon=":material/error:")
        st.text(guideline.text)
        st.session_state[_SEEN] = (spec.id, guideline.at)  # read now: the next try is meant so
    elif guideline.annotator:
        by = pseudonyms.shown()(guideline.annotator)
        st.caption(_ui.escaped(t("{name}, {at}", name=by, at=_ui.format_time(guideline.at))))


def _examples(class_id: int, examples: list[Example]) -> None:
    for start in range(0, len(examples), COLUMNS):
        row = st.columns(COLUMNS)
        for cell, example in zip(row, examples[start : start + COLUMNS], strict=False):
            url = f"{_ui.base_path()}api/image/crop/{example.face_id}?v={html.escape(example.crop_version)}&s={SIDE}"
            kind = "counter" if example.counter else ""
            cell.html(f'<img class="guideline-crop {kind}" src="{url}" alt="{html.escape(example.face_id[:8])}">')
            with cell:
                _ui.button(
                    t("Take away"), "guidelines", key=f"guideline_{example.face_id}", on_click=_take_away,
                    args=(class_id, example.face_id), type="tertiary",
                )  # fmt: skip


def _load(db: Db, who: str) -> tuple[list[ClassSpec], dict[int, Guideline]]:
    return list_classes(db), list_guidelines(db, who)


def main() -> None:
    who = _ui.require_annotator()
    specs, guidelines = workspace.get_store().read(lambda db: _load(db, who))
    spec = _chosen(specs)
    guideline = guidelines[spec.id]
    _ui.page_title(t("Guidelines"), spec.name)
    _ui.page_head("guidelines")
    st.html(badge.STYLE + _STYLE)
    st.session_state["guideline_class"] = spec.id
    names = {one.id: one.name for one in specs}
    st.segmented_control(
        t("Class"), list(names), format_func=lambda one: names[one], key="guideline_class", on_change=_turn,
        label_visibility="collapsed", required=True,
    )  # fmt: skip
    _text(spec, guideline)
    sides = (
        (False, t("Examples"), t("Choose them in Review: key g, then “this face as an example”.")),
        (
            True,
            t("Seems so, and is not"),
            t("Crops that look like the class and are not of it, chosen in the same way."),
        ),
    )
    for counter, title, how in sides:
        st.subheader(title)
        found = [one for one in guideline.examples if one.counter == counter]
        if found:
            _examples(spec.id, found)
        else:
            st.caption(how)


main()
