"""Settings changed later: all photos once more with another detector or another crop. Decisions stay."""

from __future__ import annotations

from typing import Final

import streamlit as st

from db.images import reprocess
from db.images.reprocess import Processed
from db.store.store import Store
from pages import _ui
from pages._server import jobs, permission
from pages._ui import black_bars, detector_options
from pages._ui.detector_options import Detection
from pages._words import count, listed, mark, recorded, sentences, t
from pipeline.core.border import Border
from pipeline.core.errors import MoueError
from pipeline.core.geometry import DLIB
from pipeline.core.records import COURSE, Settings
from pipeline.faces.detect import LEAST_MARGIN, MOST_MARGIN

MARGINS: Final = (LEAST_MARGIN, MOST_MARGIN)
KEPT: Final = mark(
    "Decisions are kept: a face that is found again keeps its identity, and one that somebody drew or decided on stays "
    "even where a detector misses it. Faces that nobody decided on and that are not found any more go. "
    "Crops that were moved by hand stay where they are, unless they stick out of the photo and are to be pushed inside."
)


def drawer(store: Store, photos: int) -> None:
    """The drawer on Clean."""
    with st.expander(t("Process again"), icon=":material/refresh:", key="again", on_change="rerun") as shown:
        if not shown.open:
            return
        done = store.read(reprocess.processed)
        now = _settings(done[0]) if done else Settings()
        st.caption(t("Now: {settings}.", settings="; ".join(_words(one) for one in done[:3])))
        chosen = detector_options.choose(
            "again-detector", Detection(now.detector, now.options, now.faces, now.landmarks)
        )
        with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
            margin = st.number_input(
                t("{name} ({low} to {high})", name=t("Margin"), low=f"{MARGINS[0]:g}", high=f"{MARGINS[1]:g}"),
                *MARGINS,
                now.margin,
                0.1,
                key="again-margin",
                width=200,
                help=t("Side of the crop over the longer edge of the mouth; 1.5 unless changed."),
            )
            border = black_bars.choose_border("again-border", now.border)
            upright = st.checkbox(t("Turn crops so that the eyes are level"), now.upright, key="again-upright")
        st.caption(sentences(chosen.licence, t(KEPT)))
        wanted = Settings(
            chosen.detector, chosen.options, chosen.faces, round(margin, 3), upright, border, landmarks=chosen.landmarks
        ).processing
        same = all(one.processing == wanted for one in done)
        told = st.container()
        label = t("Process {photos} again", photos=count(photos, "photo"))
        # never disabled: a box tells what stands in it only when it is left, which pressing this does
        pressed = _ui.button(label, "reprocess", key="again-start")
        if same:
            (told.warning if pressed else told.caption)(
                t("Every photo is processed so already: change something first.")
            )
        elif pressed:
            _start(store, chosen, round(margin, 3), upright, border)


def _start(store: Store, chosen: Detection, margin: float, upright: bool, border: Border) -> None:
    try:
        who = permission.require("reprocess")
        how = (chosen.detector, chosen.options, chosen.faces, margin, upright, border)
        jobs.start_reprocess(store, *how, annotator=who, landmarks=chosen.landmarks)
    except MoueError as e:
        st.error(_ui.escaped(recorded.sentence(e.message)))
        return
    st.rerun()


def _settings(done: Processed) -> Settings:
    return Settings.of_processing(done.processing, done.margin, done.detector)


def _words(done: Processed) -> str:
    """`yunet (score 0.6), margin 1.5, upright: 412 photos`."""
    now = _settings(done)
    options = listed(f"{name} {value:g}" for name, value in now.options)
    parts = [f"{now.detector} ({options})" if options else now.detector]
    if now.faces != "all":
        parts.append(t("{which} of several faces", which=t(detector_options.FACES[now.faces]).lower()))
    parts.append(t("margin {n}", n=f"{now.margin:g}"))
    if now.landmarks != DLIB:
        parts.append(t("landmarks by the Face Landmarker"))
    if now.upright:
        parts.append(t("eyes level"))
    if now.detector != COURSE:
        parts.append(t(black_bars.BORDERS[now.border]).lower())
    return t("{settings}: {photos}", settings=_ui.join_words(parts), photos=count(done.images, "photo"))
