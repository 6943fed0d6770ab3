"""The choices of a detector: which one, its own settings, which of several faces count."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import streamlit as st

from pages import _ui
from pages._server import workspace
from pages._ui import choices
from pages._words import as_sentence, listed, mark, sentences, t
from pages._words.vocabulary import LANDMARK_MODEL_WORDS
from pipeline.actions.intake import usual_settings
from pipeline.core.geometry import DLIB, LANDMARK_MODELS, MESH, LandmarkModel
from pipeline.core.records import COURSE, FacesThatCount
from pipeline.faces.detect import DETECTORS, DetectorInfo, Option
from pipeline.faces.landmarker.about import about as about_landmarker

_DRAWER: Final = "ingest-options"
_COMPARE: Final = Path(__file__).parents[1] / "compare.py"
LICENCES: Final[dict[LandmarkModel, str]] = {
    DLIB: mark("The 68-point landmark model: not for commercial use."),
    MESH: mark("Landmarks by the Face Landmarker: Apache-2.0."),
}
FACES: Final[dict[FacesThatCount, str]] = {
    "all": mark("All of them"),
    "largest": mark("The largest"),
    "central": mark("The most central"),
}


@dataclass(frozen=True, slots=True)
class Detection:
    """What was chosen. options: those of the detector's own that differ from its default."""

    detector: str = "yunet"
    options: tuple[tuple[str, float], ...] = ()
    faces: FacesThatCount = "all"
    landmarks: LandmarkModel = DLIB

    @property
    def licence(self) -> str:
        message = t("Detector {name}: licence {licence}.", name=self.detector, licence=DETECTORS[self.detector].licence)
        return sentences(message, t(LICENCES[self.landmarks]))


@dataclass(frozen=True, slots=True)
class Ingest:
    """How photos are collected."""

    detection: Detection = field(default_factory=Detection)
    copy: bool = False
    proposals: bool = True


def choose(key: str, now: Detection | None = None) -> Detection:
    """Draw the choices. now: what is chosen at first. `key` begins the key of each of them."""
    now = now or usual()
    names = list(DETECTORS)
    name = st.selectbox(
        t("Face detector"),
        names,
        index=names.index(now.detector) if now.detector in names else 0,
        format_func=lambda one: f"{one} · {DETECTORS[one].licence}",
        key=key,
        width=400,
    )
    info = DETECTORS[name]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(about(info), width="content")
        wanted = _COMPARE.is_file() and st.button(
            t("Compare two on a sample"), key=f"{key}-compare", type="tertiary", icon=":material/compare:"
        )
    if wanted:
        st.switch_page("compare.py")
    kept = dict(now.options) if now.detector == name else {}
    values: dict[str, float] = {}
    if info.options:
        with st.container(horizontal=True, gap="medium", key=f"{key}-options"):
            for option in info.options:
                values[option.name] = _number(option, f"{key}-{name}-{option.name}", kept.get(option.name))
    faces = st.segmented_control(
        t("Where a photo has several faces, what counts"),
        list(FACES),
        default=now.faces if now.faces in FACES else "all",
        required=True,
        format_func=lambda one: t(FACES[one]),
        key=f"{key}-faces",
    )
    changed = tuple((o.name, values[o.name]) for o in info.options if values[o.name] != o.default)
    return Detection(name, changed, faces or "all", _landmarks(name, f"{key}-landmarks", now.landmarks))


def _landmarks(detector: str, key: str, now: LandmarkModel) -> LandmarkModel:
    """Where there is a choice: the course's recipe knows dlib's alone, and the Face Landmarker is an extra."""
    if detector == COURSE or (now == DLIB and not about_landmarker().installed):
        return DLIB
    found = st.segmented_control(
        t("What places the landmarks"),
        list(LANDMARK_MODELS),
        default=now,
        required=True,
        format_func=lambda one: t(LANDMARK_MODEL_WORDS[one]),
        key=key,
        help=t("The Face Landmarker may be used commercially, dlib's points may not. Figures of the two compare only "
               "with their own: choose one for a workspace."),
    )  # fmt: skip
    return found or now


def about(info: DetectorInfo) -> str:
    """What a detector is good at, and its licence."""
    return t("Good at {what}. Licence: {licence}.", what=t(info.good_at), licence=info.licence)


def option_name(option: Option) -> str:
    """As a label shows it, in English: `Score`, `NMS`."""
    return option.name.upper() if len(option.name) < 4 else option.name.capitalize()


def _number(option: Option, key: str, now: float | None) -> float:
    """One setting, within its span."""
    start = option.default if now is None else now
    span = t("{low} to {high}", low=f"{option.low:g}", high=f"{option.high:g}")
    if option.step >= 1:
        span = t("{span} in steps of {step}", span=span, step=f"{option.step:g}")
    usual = t("{n} unless changed.", n=f"{option.default:g}")
    message = f"{as_sentence(t(option.help))} {span[:1].upper()}{span[1:]}; {usual}"
    label = t("{name} ({low} to {high})", name=t(option_name(option)), low=f"{option.low:g}", high=f"{option.high:g}")
    kind: Callable[[float], Any] = int if option.step >= 1 else float  # the widget takes one of them alone
    low, high, at, step = (kind(number) for number in (option.low, option.high, start, option.step))
    value: float = st.number_input(label, low, high, at, step, help=message, key=key, width=200)
    return round(float(value), 6)


def drawer(known: Iterable[str], source_kind: str) -> Ingest:
    """The drawer on Collect: every setting has a default that works. known: the classes' names."""
    with choices.drawer(t("Options"), ":material/tune:", _DRAWER) as box:
        opened = choices.was_opened(box, _DRAWER)
        chosen, copy, proposals = _boxes(known, source_kind) if opened else (usual(), False, True)
    st.caption(chosen.licence)
    return Ingest(chosen, copy, proposals)


def usual() -> Detection:
    """What `choose` gives where nobody chose anything."""
    return Detection(landmarks=usual_settings(workspace.get_store()).landmarks)


def _boxes(known: Iterable[str], source_kind: str) -> tuple[Detection, bool, bool]:
    """What finds faces, whether originals are copied, whether folders' names propose classes."""
    chosen, copy = choose("detector"), False
    if source_kind == "folder":
        copy = st.checkbox(t("Copy the originals into the workspace"), key="copy")
    proposals = st.checkbox(t("Sub-folders named like classes propose that class"), value=True, key="propose")
    names = listed(map(_ui.escaped, known))
    st.caption(t("Classes: {names}. A proposal is never a decision.", names=names))
    return chosen, copy, proposals
