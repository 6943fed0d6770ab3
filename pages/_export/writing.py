"""How far an export is while it is written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import streamlit as st

from pages._words import count, mark, t
from pipeline.export.write import Tell

_DOING: Final = {
    "photos": mark("Cutting pictures from photos: {done} of {of}"),
    "files": mark("Writing pictures: {done} of {of}"),
    "zip": mark("Packing the zip: {done} of {of} files"),
}
_STEPS: Final = 100
"""Times that a bar is drawn at most: each is a message to the browser."""


@contextmanager
def told(crops: int) -> Iterator[Tell]:
    """A bar that is gone when all is written. crops: how many there will be."""
    bar = st.progress(0.0, t("Writing {crops} …", crops=count(crops, "crop")))
    shown = ("", -1)

    def tell(doing: str, done: int, of: int) -> None:
        nonlocal shown
        step = (doing, done * _STEPS // max(1, of))
        if step != shown and doing in _DOING:
            shown = step
            words = t(_DOING[doing], done=f"{done:,}", of=f"{of:,}")
            bar.progress(min(1.0, done / max(1, of)), words)

    try:
        yield tell
    finally:
        bar.empty()
