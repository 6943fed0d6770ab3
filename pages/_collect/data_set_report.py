"""What the last import came to, and the labels that wait for a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any, Final

import streamlit as st

from db.reads import import_doubts, imports
from db.reads.import_doubts import ShownDoubt
from pages import _ui
from pages._server import permission, workspace
from pages._ui.html_table import html_table
from pages._words import listed, mark, recorded, t, vocabulary
from pipeline.actions.imports import run
from pipeline.core.errors import MoueError
from pipeline.core.messages import message_of

SIZE: Final = 12
"""Doubts on the page; the next ones come when these are decided."""
_LISTED: Final = 50
_SIDE: Final = 96
_ERROR: Final = "dataset_error"
_FIGURES: Final = {
    "labels": mark("Labels in the data set"), "matched": mark("Of photos that were here: same bytes, or named by a "
    "release"), "added": mark("New photos"), "saved": mark("Labels taken as decisions"),
    "repeats": mark("Labels that were here already"), "placed": mark("Photos put into the data set's splits"),
}  # fmt: skip
_LISTS: Final = {
    "unmatched": mark("Not taken · {n}"), "decided": mark("A person decided otherwise · {n}"),
    "notes": mark("Taken under another id · {n}"),
}  # fmt: skip


def show() -> None:
    """Draw both; nothing before the first import."""
    report, waiting = workspace.get_store().read(lambda db: (imports.last_report(db), import_doubts.open_doubts(db)))
    if _ERROR in st.session_state:
        st.error(_ui.escaped(st.session_state.pop(_ERROR)), icon=":material/error:")
    if waiting and not _ui.why_not("collect"):  # they show what others said
        _doubts(waiting)
    if report is not None:
        _figures(report, len(waiting))


def _figures(report: Mapping[str, Any], waiting: int) -> None:
    st.subheader(t("The last import"), anchor=False)
    told = {"format": t(vocabulary.DATA_SET_WORDS.get(report["format"], report["format"])),
            "place": report.get("place", ""), "whose": report.get("labels_of", ""),
            "at": _ui.format_time(report.get("at"))}  # fmt: skip
    st.markdown(_ui.escaped(t("{place}, read as {format}; labels of {whose}, {at}", **told)))
    rows = [[escape(t(word)), f"{report.get(key, 0):,}"] for key, word in _FIGURES.items()]
    rows.append([escape(t("Labels that wait for your word")), f"{waiting:,}"])
    if report.get("left"):
        rows.append([escape(t("Labels that were left when they came before")), f"{report['left']:,}"])
    counts = {key: report.get(f"{key}_n", 0) for key in _LISTS}
    counts["unmatched"] = report.get("not_taken", counts["unmatched"])
    rows += [[escape(t(word).partition(" · ")[0]), f"{counts[key]:,}"] for key, word in _LISTS.items()]
    st.html(html_table(t("What it came to"), [t("What"), t("How many")], rows, kinds="moue-figures"))
    if report.get("made"):
        st.caption(_ui.escaped(t("Classes made: {names}", names=listed(report["made"]))))
    for key, word in _LISTS.items():
        if found := report.get(key):
            with st.expander(t(word, n=f"{report.get(f'{key}_n', len(found)):,}")):
                _messages(found)


def _messages(found: Sequence[Mapping[str, Any]]) -> None:
    words = [recorded.sentence(message_of(one["text"], one["code"], one["params"])) for one in found[:_LISTED]]
    st.markdown("\n".join(f"- {_ui.escaped(one)}" for one in words))
    if len(found) > _LISTED:
        st.caption(t("and {n} more: the command line lists all.", n=f"{len(found) - _LISTED:,}"))


def _doubts(waiting: Sequence[ShownDoubt]) -> None:
    st.subheader(t("Labels that wait for your word · {n}", n=f"{len(waiting):,}"), anchor=False)
    st.caption(
        t("These photos look like others that were here, or the face may be another than the data set means. Take the "
          "label, or leave it; the photos stay, and Duplicates says which are one photo.")
    )  # fmt: skip
    agree = [one.doubt.face_id for one in waiting if one.agrees]
    with st.container(horizontal=True, key="doubts-all"):
        _ui.button(
            t("Take those of the same class · {n}", n=f"{len(agree):,}"), "collect", disabled=not agree,
            key="doubts-agree", on_click=_take, args=(agree,),
        )  # fmt: skip
        _ui.button(
            t("Leave all"), "collect", key="doubts-leave", type="tertiary", on_click=_leave,
            args=([one.doubt.face_id for one in waiting],),
        )  # fmt: skip
    for one in waiting[:SIZE]:
        _doubt(one)
    if len(waiting) > SIZE:
        st.caption(t("{n} more come when these are decided.", n=f"{len(waiting) - SIZE:,}"))


def _doubt(one: ShownDoubt) -> None:
    doubt = one.doubt
    with st.container(border=True, key=f"doubt-{doubt.face_id}"):
        pictures, words, buttons = st.columns((3, 6, 3), vertical_alignment="center")
        new = _picture(doubt.face_id, one.crop_version, t("The new photo's crop"))
        known = _picture(one.other_face, one.other_version, t("The crop that was here"))
        pictures.html(f'<div style="display:flex;gap:8px">{new}{known}</div>')
        other = t("labelled “{name}”", name=one.other_label) if one.other_label else t("without a label")
        why = (
            t("{place}: the data set says “{label}”. It looks like a photo that was here, {other}.",
              place=doubt.place, label=doubt.label, other=other)
            if doubt.other else
            t("{place}: the data set says “{label}”, and its box lies beside this face.",
              place=doubt.place, label=doubt.label)
            if doubt.why == "box" else
            t("{place}: the data set says “{label}” of a face that this photo has otherwise here.",
              place=doubt.place, label=doubt.label)
        )  # fmt: skip
        words.markdown(_ui.escaped(why))
    with buttons:
        _ui.button(
            t("Take “{label}”", label=doubt.label), "collect", key=f"doubt-take-{doubt.face_id}", on_click=_take,
            args=([doubt.face_id],),
        )  # fmt: skip
        _ui.button(
            t("Leave"), "collect", key=f"doubt-leave-{doubt.face_id}", type="tertiary", on_click=_leave,
            args=([doubt.face_id],),
        )  # fmt: skip


def _picture(face_id: str, version: str, alt: str) -> str:
    """HTML; an empty place where the photo has no face."""
    if not face_id:
        return f'<div style="width:{_SIDE}px"></div>'
    url = f"{_ui.base_path()}api/image/crop/{face_id}?v={escape(version)}&s={_SIDE}"
    return f'<img src="{url}" width="{_SIDE}" height="{_SIDE}" style="object-fit:contain" alt="{escape(alt)}">'


def _take(face_ids: Sequence[str]) -> None:
    try:
        permission.require("collect")
        done = run.take(workspace.get_store(), face_ids)
    except MoueError as e:
        st.session_state[_ERROR] = recorded.sentence(e.message)
        return
    if said := [*done.problems, *done.decided]:
        st.session_state[_ERROR] = recorded.sentence(said[0])


def _leave(face_ids: Sequence[str]) -> None:
    permission.require("collect")
    run.leave(workspace.get_store(), face_ids)
