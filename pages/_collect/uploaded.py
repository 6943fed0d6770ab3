"""Files that were uploaded and wait until somebody says what becomes of them: videos, lists of addresses."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages import _ui
from pages._components.upload_box import upload_box
from pages._server import permission, uploads
from pages._server.uploads import Kind, StoppedUpload, WaitingUpload
from pages._words import listed, recorded, t
from pipeline.core.messages import Message

ELSEWHERE: Final[tuple[Kind, ...]] = ("video", "list", "dataset")
"""What does not begin by itself once it is here; each is named as its kind of source on Collect."""
_NAMED: Final = 3
_LOOK_S: Final = 3.0
_SEEN: Final = "stopped-seen"


def box(kind: Kind) -> list[WaitingUpload]:
    """The upload box, and what came through it in this or an earlier visit; each can be removed."""
    upload_box(_ui.base_path() + "api/upload", kind)
    found = uploads.waiting(kind)
    for one in found:
        with _line(one):
            _ui.button(
                t("Remove"), "collect", key=f"remove-{one.folder.name}", type="tertiary", icon=":material/delete:",
                on_click=_drop, args=(one.folder,),
            )  # fmt: skip
    return found


def waiting(shown: str) -> None:
    """Uploads of other kinds that wait, perhaps since before a restart. shown: the kind of source that is open."""
    if shown in ("video", "dataset") and st.session_state.get(f"{shown}-where") != "upload":
        shown = ""
    for kind in ELSEWHERE:
        for one in uploads.waiting(kind) if shown != kind else ():
            with _line(one):
                st.button(t("Go on with it"), key=f"go-on-{one.folder.name}", on_click=_open, args=(kind,))


def unfinished(who: str) -> None:
    """Uploads that cannot be shown among those that wait, and why; large files of this person that did not come to
    their end, also before a restart, and how to go on.

    Looked at anew while there are any: they are taken up, and thrown away, in another window, too.
    """
    there = _unfinished(who)
    st.fragment(run_every=_LOOK_S if any(there) else None)(_tell)(who, there)


def _unfinished(who: str) -> tuple[list[Message], list[StoppedUpload]]:
    return uploads.closed(), uploads.stopped(who)


def _tell(who: str, there: tuple[list[Message], list[StoppedUpload]]) -> None:
    closed, stopped = now = _unfinished(who)
    if now != there:
        st.rerun()  # what waits is another now, too
    for why in closed:
        st.warning(_ui.escaped(recorded.sentence(why)))
    seen: dict[str, int] = st.session_state.get(_SEEN, {})
    st.session_state[_SEEN] = {one.part.name: one.have for one in stopped}
    for one in stopped:
        if seen.get(one.part.name, one.have) == one.have:  # else it goes on, in another window perhaps
            _stopped(one)


def _stopped(one: StoppedUpload) -> None:
    line = st.container(horizontal=True, vertical_alignment="center", key=f"stopped-{one.part.name}")
    told = t(
        "The upload of {name} stopped: {have} of {size} are here. Choose the same file to go on.",
        name=_ui.escaped(one.name), have=uploads.size_words(one.have), size=uploads.size_words(one.size),
    )  # fmt: skip
    line.markdown(f":material/pause_circle: {told}")
    with line:
        if st.button(t("Choose it"), key=f"choose-{one.part.name}", on_click=_open, args=(one.kind,)):
            st.rerun()
        _ui.button(
            t("Remove"), "collect", key=f"forget-{one.part.name}", type="tertiary", icon=":material/delete:",
            on_click=_forget, args=(one.part,),
        )  # fmt: skip


def _forget(part: Path) -> None:
    permission.require("collect")
    uploads.forget(part)


def _line(one: WaitingUpload) -> DeltaGenerator:
    line = st.container(horizontal=True, vertical_alignment="center", key=f"arrived-{one.folder.name}")
    message = t("{names} is here: {size}.", names=_ui.escaped(names(one)), size=uploads.size_words(one.bytes))
    line.markdown(f":material/check: {message}")
    return line


def _open(kind: Kind) -> None:
    st.session_state["way"] = "upload" if kind == "photos" else kind
    if kind in ("video", "dataset"):
        st.session_state[f"{kind}-where"] = "upload"


def _drop(folder: Path) -> None:
    permission.require("collect")
    uploads.remove(folder)


def names(one: WaitingUpload) -> str:
    """`talk.mp4`, or the first few of many."""
    shown = [Path(name).name for name in one.names[:_NAMED]]
    more = len(one.names) - len(shown)
    return listed(shown) + (f" + {more:,}" if more else "")
