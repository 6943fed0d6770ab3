"""In which formats a release is written, and how its classes are called there."""

from __future__ import annotations

import streamlit as st

from pages._words import t
from pipeline.export.formats.registry import FORMATS, IMAGEFOLDER, names_of


def settings(class_names: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The formats and the course's order of the classes, as `ExportOptions` has them."""
    wanted = st.multiselect(
        t("Formats"), list(FORMATS), [IMAGEFOLDER], format_func=lambda name: FORMATS[name].title, key="formats",
        help=t("Several lie each in a folder of its name. How each is loaded: docs/formats.md"), width=480,
    )  # fmt: skip
    course = st.checkbox(
        t("Class names as in the course: {names}", names="0none, 1pouting …"), key="course_names",
        help=t("Its trainer numbers the folders in the order of their names."),
    )  # fmt: skip
    return names_of(wanted), class_names if course else ()
