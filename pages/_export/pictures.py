"""What the pictures of an export show, and how they are encoded."""

from __future__ import annotations

from typing import Final

import streamlit as st

from pages._ui import choices
from pages._words import mark, t
from pipeline.core.ranges import JPEG_QUALITY, MARGIN
from pipeline.export.pictures.options import CONTENTS, ENCODINGS, FACE_MARGIN, Encoding, PictureOptions, Shows

_SHOWS: Final[dict[Shows, str]] = {
    "mouth": mark("The mouth, as it was reviewed"),
    "face": mark("The whole face"),
    "photo": mark("The whole photo"),
}
_ENCODINGS: Final[dict[Encoding, str]] = {"png": "PNG", "jpeg": "JPEG"}


def settings() -> PictureOptions:
    """Margin and level eyes are asked for where something is cut."""
    content: Shows = st.segmented_control(
        t("What is shown"), CONTENTS, format_func=lambda one: t(_SHOWS[one]), default="mouth", key="content",
        required=True,
    )  # fmt: skip
    margin, level = _cut(content) if content != "photo" else (None, False)
    grey = st.checkbox(t("Grey, of one channel"), key="grey")
    encoding: Encoding = st.segmented_control(
        t("Files"), ENCODINGS, format_func=lambda one: _ENCODINGS[one], default="png", key="encoding", required=True
    )
    quality = PictureOptions().jpeg_quality
    if encoding == "jpeg":
        quality = st.number_input(
            t("Quality of the JPEGs"), *JPEG_QUALITY.ends, quality,
            key=choices.keep("jpeg_quality"), width=240,
        )  # fmt: skip
    return PictureOptions(content, margin, level, grey, encoding, int(quality))


def _cut(content: Shows) -> tuple[float | None, bool]:
    usual = t("As it was reviewed") if content == "mouth" else f"{FACE_MARGIN:g}"
    margin = st.number_input(
        t("Margin"), float(MARGIN.least), float(MARGIN.most), None, 0.1,
        key=f"margin_{content}", placeholder=usual, width=240,
        help=t("Side of the picture over the width of the mouth, or over the longer side of the face's box"),
    )  # fmt: skip
    level = st.checkbox(t("Turn it so that the eyes are level"), key="level_eyes")
    return margin, level
