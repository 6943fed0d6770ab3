"""The script in the head of each page that says where the server is away, or its workspace: see `pages._ui.head`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from pages._components._loader import page_script
from pages._words import LANGUAGES, mark, translate

_AWAY: Final = mark(
    "The server does not answer. What you have decided is kept in this browser; this page goes on by itself when the "
    "server is back."
)
_BACK: Final = mark("The server is back; this page is being connected again.")
_CODE: Final = page_script("server_watch", [Path(__file__).with_name("server_watch.js").read_text("utf-8")])


def script() -> str:
    """The code with its words in each language: it speaks when the server cannot be asked for them."""
    texts = {"away": _AWAY, "back": _BACK}
    words = {locale: {key: translate(locale, text) for key, text in texts.items()} for locale in LANGUAGES}
    return _CODE.replace('"{words}"', json.dumps(words).replace("<", "\\u003c"))
