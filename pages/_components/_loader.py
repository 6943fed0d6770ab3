"""One way to load a component: its template, its styles and its scripts, which are joined at import (no build step)."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import streamlit as st

from pages import _words
from pages._web.scripts import by_address

_loaded: Final[dict[str, Component]] = {}
_page_scripts: Final[dict[str, str]] = {}


@dataclass(frozen=True, slots=True)
class Component:
    """A component that Streamlit knows by `name`.

    script: the joined text of its JavaScript. texts: the English texts that it may show.
    """

    name: str
    script: str
    texts: frozenset[str]
    renderer: Callable[..., Any]

    def show(self, data: Mapping[str, Any], *, key: str, **callbacks: Callable[[], None]) -> Any:
        """Draw it here with `data` and, as data["words"], its texts in the reader's language.

        callbacks: `on_<name>_change` for each value that its script may send. Returns Streamlit's result, which has
        those values as attributes.
        """
        return self.renderer(key=key, data={**data, "words": _words.for_script(self.texts)}, **callbacks)


def load(
    folder: Path,
    scripts: Sequence[str],
    *,
    name: str = "",
    template: str = "",
    styles: Sequence[str] = (),
    more_texts: Iterable[str] = (),
) -> Component:
    """Register the component whose files lie in `folder`; all file names are relative to it.

    scripts: in this order; each may use what stands before it, and the last one holds the default export. `words.js`
    comes first by itself. name, template, styles: called like the folder unless given. more_texts: texts that the
    component shows and that stand in none of its files. Raises OSError where a file is missing.
    """
    name = name or folder.name

    def text(file: str) -> str:
        return (folder / file).read_text("utf-8")

    html = text(template or f"{name}.html")
    parts = [text(file) for file in scripts]
    script = "\n".join((_words.SCRIPT, *parts))
    css = "".join(text(file) for file in styles or (f"{name}.css",))
    renderer = st.components.v2.component(f"moue_{name}", html=html, css=css, js=by_address(name, script))
    texts = _words.texts_of(parts, html) | set(more_texts)
    found = _loaded[name] = Component(name, script, texts, renderer)
    return found


def page_script(name: str, parts: Iterable[str]) -> str:
    """JavaScript that runs on somebody else's page, joined: no component, but linted like one."""
    text = _page_scripts[name] = "\n".join(parts)
    return text


def joined_scripts() -> dict[str, str]:
    """The joined JavaScript of every component and page script by its name: what a lint has to read."""
    package = importlib.import_module("pages._components")
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"{package.__name__}.{module.name}")
    return {name: component.script for name, component in _loaded.items()} | _page_scripts
