"""The sign-in form and the corner that names the annotator: small components without a build step."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import streamlit as st

from pages import _words
from pages._components import _loader

_HERE: Final = Path(__file__).parent
_SHORT: Final = {"en": "EN", "zh": "中文"}


def _load(name: str, part: str, template: str, style: str) -> _loader.Component:
    scripts = ("../_shared/dom.js", "language.js", f"{part}.js")
    return _loader.load(_HERE, scripts, name=name, template=template, styles=(style, "language.css"))


_corner: Final = _load("account", "corner", "corner.html", "corner.css")
_sign_in: Final = _load("sign_in", "sign_in", "sign_in.html", "sign_in.css")
_language_only: Final = _load("language", "language_only", "language.html", "corner.css")


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
        _corner.show(data | _language(base), key="account_corner")


def sign_in_form(base: str, *, ticket: str | None = None) -> None:
    """Ask for a name and post it; with a `ticket` of `st.login` nothing is asked."""
    _sign_in.show({"url": base + "api/sign-in", "ticket": ticket} | _language(base), key="sign_in_form")


def language_corner(base: str) -> None:
    """The choice of the language alone, for somebody whom a proxy or a provider is to sign in."""
    with st.container(key="account"):
        _language_only.show(_language(base), key="language_corner")


def _language(base: str) -> dict[str, Any]:
    return {
        "language": _words.language(),
        "lang": {"zh": "zh-CN"}.get(_words.language(), _words.language()),
        "languages": [(locale, _SHORT[locale], name) for locale, name in _words.LANGUAGES.items()],
        "cookie": _words.COOKIE,
        "base": base,
    }
