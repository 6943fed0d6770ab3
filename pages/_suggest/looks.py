"""What a version looks at, and why so little."""

from __future__ import annotations

from typing import Final

import streamlit as st

from db.suggest.models import Model
from pages import _ui
from pages._words import mark, t

_WORDS: Final = {
    "width": mark("the mouth's width"),
    "opening": mark("the gap between the lips"),
    "outer height": mark("the height of the lips"),
    "lift": mark("how high the corners lie"),
    "nose distance": mark("from the nose to the lip"),
    "upper lip": mark("the upper lip's thickness"),
    "width over jaw": mark("the mouth's width over the jaw's"),
}
"""By the feature's name, as `pipeline.suggest.features` has it; another one is shown by its name."""


def tell_looks(model: Model) -> None:
    """Draw the section's part."""
    st.subheader(t("What it looks at"), anchor=False)
    words = _ui.join_words(t(_WORDS[name]) if name in _WORDS else name for name in model.features)
    st.markdown(t("{n} numbers of each face: {words}.", n=len(model.features), words=_ui.escaped(words)))
    st.caption(t("So few because few labels cannot carry more: on 864 hand-labelled close-ups more numbers, pictures "
                 "of the crop, trees and kernels were all worse up to 200 labels. Until then the zero-label rule "
                 "weighs in: with n labels by 30 of n + 30 parts."))  # fmt: skip
