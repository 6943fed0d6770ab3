"""The sign-in form and the corner that names the annotator: two small components without a build step."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import streamlit as st

_HERE: Final = Path(__file__).parent


def _text(name: str) -> str:
    return (_HERE / name).read_text("utf-8")


_corner: Final = st.components.v2.component(
    "moue_account", html=_text("corner.html"), css=_text("corner.css"), js=_text("corner.js")
)
_sign_in: Final = st.components.v2.component(
    "moue_sign_in", html=_text("sign_in.html"), css=_text("sign_in.css"), js=_text("sign_in.js")
)


def account_corner(name: str, root: Path, base: str, *, can_leave: bool, after: str = "") -> None:
    """Name, workspace and "sign out".

    base: the path of the server. can_leave: signing out is ours to do. after: where to go then.
    """
    data = {
        "name": name,
        "workspace": root.name,
        "folder": str(root),
        "can_leave": can_leave,
        "sign_out": base + "api/sign-out",
        "after": after,
    }
    with st.container(key="account"):
        _corner(key="account_corner", data=data)


def sign_in_form(base: str, *, ticket: str | None = None) -> None:
    """Ask for a name and post it; with a `ticket` of `st.login` nothing is asked."""
    _sign_in(key="sign_in_form", data={"url": base + "api/sign-in", "ticket": ticket})
