"""The sign-in form and the corner that names the annotator: small components without a build step."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import streamlit as st

from pages import _words

_HERE: Final = Path(__file__).parent
_SHORT: Final = {"en": "EN", "zh": "中文"}


def _text(name: str) -> str:
    return (_HERE / name).read_text("utf-8")


def _script(name: str) -> str:
    return "\n".join((_words.SCRIPT, _text("../_shared/dom.js"), _text("language.js"), _text(name)))


def _css(*names: str) -> str:
    return "".join(map(_text, names))


_corner: Final = st.components.v2.component(
    "moue_account", html=_text("corner.html"), css=_css("corner.css", "language.css"), js=_script("corner.js")
)
_sign_in: Final = st.components.v2.component(
    "moue_sign_in", html=_text("sign_in.html"), css=_css("sign_in.css", "language.css"), js=_script("sign_in.js")
)
_alone: Final = st.components.v2.component(
    "moue_language", html=_text("language.html"), css=_css("corner.css", "language.css"), js=_script("language_only.js")
)
_TEXTS: Final = _words.texts_of(
    map(_text, ("language.js", "corner.js", "sign_in.js")), _text("corner.html") + _text("sign_in.html")
)


def account_corner(name: str, root: Path, base: str, *, can_leave: bool, after: str = "") -> None:
    """Language, name, workspace and "sign out".

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
        _corner(key="account_corner", data=data | _language(base))


def sign_in_form(base: str, *, ticket: str | None = None) -> None:
    """Ask for a name and post it; with a `ticket` of `st.login` nothing is asked."""
    _sign_in(key="sign_in_form", data={"url": base + "api/sign-in", "ticket": ticket} | _language(base))


def language_corner(base: str) -> None:
    """The choice of the language alone, for somebody whom a proxy or a provider is to sign in."""
    with st.container(key="account"):
        _alone(key="language_corner", data=_language(base))


def _language(base: str) -> dict[str, Any]:
    return {
        "language": _words.language(),
        "lang": {"zh": "zh-CN"}.get(_words.language(), _words.language()),
        "languages": [(tongue, _SHORT[tongue], name) for tongue, name in _words.LANGUAGES.items()],
        "cookie": _words.COOKIE,
        "base": base,
        "words": _words.for_script(_TEXTS),
    }
