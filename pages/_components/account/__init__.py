"""The sign-in form, the header with the pages and the annotator, and the choice of the language by itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import streamlit as st

from pages import _words
from pages._components import _loader
from pages._server import spaces

_HERE: Final = Path(__file__).parent
WHAT: Final = _words.mark(
    "Moue finds the mouths in photos. You say which expression each one shows; what comes out is a data set to train "
    "on."
)
"""For whoever opens it the first time; `sign_in.html` says the same (a test holds that)."""
_SHORT: Final = {"en": "EN", "zh": "中文"}
_MORE: Final = {"header": ("drop_down.js", "workspaces.js", "navigation.js")}
HEADER: Final = "account_corner"
"""Under which key Streamlit keeps what the header sends: `page`, the path of the page that is asked for."""


@dataclass(frozen=True, slots=True)
class PageLink:
    """A page of the header. path: below the workspace's. chosen: it is the one that is shown."""

    path: str
    title: str
    chosen: bool


def _load(name: str, part: str, template: str, *styles: str) -> _loader.Component:
    """One component of this folder. name: Streamlit's. part: the script with its export, without `.js`."""
    scripts = ("../_shared/dom.js", "../_shared/post_json.js", "language.js", *_MORE.get(part, ()), f"{part}.js")
    return _loader.load(_HERE, scripts, name=name, template=template, styles=(*styles, "language.css"))


_header: Final = _load("account", "header", "header.html", "corner.css", "navigation.css")
_sign_in: Final = _load("sign_in", "sign_in", "sign_in.html", "sign_in.css")
_language_only: Final = _load("language", "language_only", "language.html", "corner.css")


def header(
    name: str,
    root: Path,
    base: str,
    pages: Sequence[PageLink],
    *,
    on_page: Callable[[], None],
    can_leave: bool,
    after: str = "",
    several: bool = False,
) -> None:
    """The pages, language, name, workspace and "sign out".

    base: the path of the workspace. on_page: runs before the script when a page is asked for; its path is then in
    `st.session_state[HEADER].page`. can_leave: signing out is ours to do. after: where to go then. several: the
    workspace can be changed for another one of this server.
    """
    data = {
        "base": base,
        "pages": [asdict(page) for page in pages],
        "name": name,
        "workspace": root.name,
        "folder": str(root),
        "can_leave": can_leave,
        "sign_out": base + "api/sign-out",
        "tokens": f"{base}team?section=tokens",
        "words_page": f"{base}words",
        "after": after,
        "workspaces": f"{base}api/workspaces" if several else "",
    }
    with st.container(key="account"):
        _header.show(data | _language(), key=HEADER, on_page_change=on_page)


def sign_in_form(base: str, *, ticket: str | None = None) -> None:
    """Ask for a name and post it; with a `ticket` of `st.login` nothing is asked."""
    _sign_in.show({"url": base + "api/sign-in", "ticket": ticket} | _language(), key="sign_in_form")


def language_corner(*, asked: bool = False) -> None:
    """The choice of the language alone, for somebody whom a proxy or a provider is to sign in.

    asked: this page is to be shown once the provider has.
    """
    with st.container(key="account"):
        _language_only.show(_language() | {"asked": asked}, key="language_corner")


def _language() -> dict[str, Any]:
    """What `language.js` needs. site: the server's path: one language for all its workspaces."""
    return {
        "language": _words.language(),
        "lang": {"zh": "zh-CN"}.get(_words.language(), _words.language()),
        "languages": [(locale, _SHORT[locale], name) for locale, name in _words.LANGUAGES.items()],
        "cookie": _words.COOKIE,
        "site": spaces.server_path(),
    }
