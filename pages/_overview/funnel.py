"""The funnel from photos to accepted faces, as HTML: four figures and a bar need no script of Streamlit's."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

import streamlit as st

from db.reads.counts import Counts
from pages import _ui
from pages._words import t


def show(counts: Counts) -> None:
    """Photos, faces, decided, accepted, each with what is beside it; below them how much is decided."""
    others = t("{n} rejected, {m} unsure", n=f"{counts.rejected:,}", m=f"{counts.unsure:,}")
    steps = (
        (t("Photos"), counts.images, _beside_photos(counts.by_outcome)),
        (t("Faces"), counts.faces, t("{n} undecided", n=f"{counts.undecided:,}")),
        (t("Decided"), counts.decided, _beside_decided(counts)),
        (t("Accepted"), counts.accepted, others),
    )
    figures = "".join(
        f"<div><dt>{escape(name)}</dt><dd><b>{number:,}</b></dd><dd>{escape(beside)}</dd></div>"
        for name, number, beside in steps
    )
    percent = 100 * counts.decided / counts.faces if counts.faces else 0.0
    st.html(
        f'<dl class="moue-funnel">{figures}</dl><div class="moue-share" role="progressbar" '
        f'aria-label="{escape(t("Decided"))}" aria-valuemin="0" aria-valuemax="100" aria-valuenow="{percent:.0f}">'
        f'<span style="width: {percent:.2f}%"></span></div>'
    )


def _beside_decided(counts: Counts) -> str:
    share = t("{share} of the faces", share=_ui.percentage(counts.decided, counts.faces))
    return f"{share} · {t('{n} wait', n=f'{counts.waiting:,}')}" if counts.waiting else share


def _beside_photos(by_outcome: Mapping[str, int]) -> str:
    faceless = t("{n} without a face", n=f"{by_outcome.get('no_face', 0):,}")
    passed_over = by_outcome.get("passed_over", 0)
    return f"{faceless} · {t('{n} passed over', n=f'{passed_over:,}')}" if passed_over else faceless
