"""What is shown at an address that names no page. Streamlit would say so in English, over a page nobody asked for."""

from __future__ import annotations

from typing import Final
from urllib.parse import unquote, urlsplit

import streamlit as st

from pages import _ui
from pages._words import t

PATH: Final = "page-not-found"
ASKED: Final = "address"
"""Page and parameter that an address of several levels is sent to: Streamlit's pages have one."""

_OVERVIEW: Final = "overview.py"


def path_of(url: str | None, base: str) -> str:
    """Which page an address names, "" where it names none. base: the path that is before it, ending in a slash."""
    path = urlsplit(url or "").path
    return unquote(path.removeprefix(base).strip("/")) if path.startswith(base) else ""


def show() -> None:
    """Say what was asked for, and lead home."""
    _ui.require_annotator()
    st.header(t("Page not found"), anchor=False)
    named = path_of(st.context.url, _ui.base_path())
    asked = (st.query_params.get(ASKED, "") if named == PATH else "").lstrip("/") or named
    st.markdown(t("No page has the address {address}. The menu leads to all there are.",
                  address=_ui.escaped(f"/{asked}")))  # fmt: skip
    _ui.next_step(t("Overview"), _OVERVIEW)
