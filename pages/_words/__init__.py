"""The words of the pages in the reader's language: English in the code, Simplified Chinese in `pages/_words/zh`.

The English text is the key, with {names} for what is put in; a text without a translation stays English.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterable, Mapping
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Final

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

LANGUAGES: Final = {"en": "English", "zh": "简体中文"}
COOKIE: Final = "moue_language"
_KEPT: Final = "reader_language"
_known: Final = threading.local()
"""session: whose script this thread runs. language: of its reader."""
SCRIPT: Final = (Path(__file__).parent / "words.js").read_text("utf-8")
"""What a component's scripts begin with: `useWords(data.words)`, `t("text", {values})`, `translate(root)`."""
_FOLDER: Final = Path(__file__).parent
_CALL: Final = re.compile(r"""(?<![\w.])(?:t|mark)\(\s*("(?:[^"\\]|\\.)*")""")
_ATTRIBUTES: Final = ("aria-label", "title", "placeholder", "alt")


def language() -> str:
    """The reader's: chosen in the header, else the browser's where it is one of ours, else English.

    Kept for the session: the header's choice loads the page anew. A page asks up to two thousand times, and its
    session's state takes 20 microseconds: it is asked once for each thread that runs a script.
    """
    session = get_script_run_ctx(suppress_warning=True)
    if session is not None and getattr(_known, "session", None) is session:
        return str(_known.language)
    kept = st.session_state.get(_KEPT)
    if kept is None:
        kept = st.session_state[_KEPT] = chosen(st.context.cookies.get(COOKIE), st.context.locale)
    _known.session, _known.language = session, str(kept)
    return str(kept)


def chosen(cookie: str | None, locale: str | None) -> str:
    """cookie: the choice, if any. locale: what the browser says, as `zh-CN` or `zh-CN,zh;q=0.9`."""
    if cookie in LANGUAGES:
        return cookie
    first = re.split(r"[-_,;]", (locale or "").strip(), maxsplit=1)[0].lower()
    return first if first in LANGUAGES else "en"


def t(text: str, /, **values: object) -> str:
    """`text` in the reader's language, with the values put in; never HTML or Markdown-safe by itself."""
    return translate(language(), text, **values)


def translate(locale: str, text: str, /, **values: object) -> str:
    """`t` for a given language: in a route, where there is no script run."""
    found = dictionary(locale).get(text, text)
    return found.format(**values) if values else found


def labelled(name: str, told: str, locale: str | None = None) -> str:
    """`Folder: /home/ada/photos`, with the language's own colon. locale: the reader's unless given."""
    return translate(locale or language(), mark("{name}: {told}"), name=name, told=told)


def in_quotes(name: str) -> str:
    """A class's name within a sentence: `none` must not read as nothing. A badge needs no quotes."""
    return t("“{name}”", name=name)


def in_brackets(text: str) -> str:
    return t("({text})", text=text)


def as_sentence(text: str, *, capital: bool = True, locale: str | None = None) -> str:
    """Words as a sentence: a capital first, a full stop last. capital: False where a name stands first. locale: which
    language it is in, where that is known: a Chinese name makes no English sentence Chinese."""
    chinese = locale == "zh" if locale else any(one > _CJK for one in text)  # there a small letter begins a name: yunet
    first = text[:1].upper() if capital and not chinese else text[:1]
    return f"{first}{text[1:]}{'' if text.endswith(_STOPS) else '。' if chinese else '.'}"


_STOPS: Final = (".", "!", "?", "…", "。", "！", "？")
_CJK: Final = "\u2e80"


def sentences(*parts: str) -> str:
    """Sentences one behind the other, as the reader's language sets them: Chinese has no space between."""
    return ("" if language() == "zh" else " ").join(filter(None, parts))


def listed(names: Iterable[str], locale: str | None = None) -> str:
    """`cat.jpg, dog.jpg`, with the language's own comma of a list. locale: the reader's unless given."""
    return ("、" if (locale or language()) == "zh" else ", ").join(names)


def per_cent(number: str) -> str:
    """`65 %`; Chinese sets no space before the sign."""
    return t("{p} %", p=number)


def per_cent_format() -> str:
    """The same for a slider, whose format takes the sign doubled."""
    return f"{per_cent('%d')}%"


def mark(text: str) -> str:
    """Says that `text`, written where no language is known yet (a constant), is given to `t` later on."""
    return text


def count(number: int, one: str, many: str | None = None) -> str:
    """`1 photo`, `1,234 photos`; in the dictionary as `{n} photos`."""
    plural = many or one + "s"
    if language() == "en":
        return f"{number:,} {one if number == 1 else plural}"
    return t("{n} " + plural, n=f"{number:,}")


@cache
def dictionary(locale: str) -> Mapping[str, str]:
    """Every translation by its English text; nothing for English."""
    files = sorted((_FOLDER / locale).rglob("*.json")) if locale in LANGUAGES else []
    return {text: translation for file in files for text, translation in json.loads(file.read_text("utf-8")).items()}


def texts_of(scripts: Iterable[str], html: str = "") -> frozenset[str]:
    """What a component may say: the texts in its scripts' `t("…")` and in its template."""
    found = {json.loads(text) for script in scripts for text in _CALL.findall(script)}
    reader = _Template()
    reader.feed(html)
    return frozenset(found | reader.texts)


def for_script(texts: Iterable[str]) -> dict[str, str]:
    """The translations of these texts, for a component's `data.words`; empty for English."""
    known = dictionary(language())
    return {text: known[text] for text in sorted(texts) if text in known}


class _Template(HTMLParser):
    """The texts of a template: what stands between its tags and what its attributes tell."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.texts.update(value for name, value in attrs if name in _ATTRIBUTES and value and _says(value))

    def handle_data(self, data: str) -> None:
        if _says(data.strip()):
            self.texts.add(data.strip())


def _says(text: str) -> bool:
    """Whether it is language: a key's name or a sign is none."""
    return len(text) > 1 and any(letter.isalpha() for letter in text)
