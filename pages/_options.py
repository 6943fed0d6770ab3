"""The choices of a detector: which one, its own settings, which of several faces count."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import streamlit as st

from pages import _ui
from pipeline.detect import DETECTORS, Option
from pipeline.records import FacesThatCount

_COMPARE: Final = Path(__file__).parent / "compare.py"
LANDMARKS: Final = "The 68-point landmark model: not for commercial use."
FACES: Final[dict[FacesThatCount, str]] = {
    "all": "All of them",
    "largest": "The largest",
    "central": "The most central",
}


@dataclass(frozen=True, slots=True)
class Detection:
    """What was chosen. options: those of the detector's own that differ from its default."""

    detector: str = "yunet"
    options: tuple[tuple[str, float], ...] = ()
    faces: FacesThatCount = "all"

    @property
    def licence(self) -> str:
        return f"Detector {self.detector}: {DETECTORS[self.detector].licence}. {LANDMARKS}"


@dataclass(frozen=True, slots=True)
class Ingest:
    """How photos are collected."""

    detection: Detection = field(default_factory=Detection)
    copy: bool = False
    proposals: bool = True


def choose(key: str, now: Detection | None = None) -> Detection:
    """Draw the choices. now: what is chosen at first. `key` begins the key of each of them."""
    now = now or Detection()
    names = list(DETECTORS)
    name = st.selectbox(
        "Face detector",
        names,
        index=names.index(now.detector) if now.detector in names else 0,
        format_func=lambda one: f"{one} · {DETECTORS[one].licence}",
        key=key,
        width=400,
    )
    info = DETECTORS[name]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f"Good at {info.good_at}. Licence: {info.licence}.", width="content")
        wanted = _COMPARE.is_file() and st.button(
            "Compare two on a sample", key=f"{key}-compare", type="tertiary", icon=":material/compare:"
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
        "Where a photo has several faces, what counts",
        list(FACES),
        default=now.faces if now.faces in FACES else "all",
        required=True,
        format_func=FACES.__getitem__,
        key=f"{key}-faces",
    )
    changed = tuple((o.name, values[o.name]) for o in info.options if values[o.name] != o.default)
    return Detection(name, changed, faces or "all")


def _number(option: Option, key: str, now: float | None) -> float:
    """One setting, within its span."""
    start = option.default if now is None else now
    told = f"{_ui.sentence(option.help)} {option.span[:1].upper()}{option.span[1:]}; {option.default:g} unless changed."
    name = option.name.upper() if len(option.name) < 4 else option.name.capitalize()
    label = f"{name} ({option.low:g} to {option.high:g})"
    kind: Callable[[float], Any] = int if option.step >= 1 else float  # the widget takes one of them alone
    low, high, at, step = (kind(number) for number in (option.low, option.high, start, option.step))
    value: float = st.number_input(label, low, high, at, step, help=told, key=key, width=200)
    return round(float(value), 6)


def drawer(known: Iterable[str], way: str) -> Ingest:
    """The drawer on Collect: every setting has a default that works. known: the classes' names."""
    copy = False
    with st.expander("Options", icon=":material/tune:"):
        chosen = choose("detector")
        if way == "folder":
            copy = st.checkbox("Copy the originals into the workspace", key="copy")
        proposals = st.checkbox("Sub-folders named like classes propose that class", value=True, key="propose")
        st.caption(f"Classes: {', '.join(map(_ui.plain, known))}. A proposal is never a decision.")
    st.caption(chosen.licence)
    return Ingest(chosen, copy, proposals)
