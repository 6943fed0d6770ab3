"""What the pipeline and the database say, in the reader's language: reasons of outcomes and keepers, errors."""

from __future__ import annotations

import re
from functools import partial
from typing import Final

from pages._words import as_sentence, dictionary, language, listed, mark, t
from pipeline.core.message_table import TEMPLATES, VERBATIM
from pipeline.core.messages import Message, fill
from pipeline.core.names import UNKNOWN_LICENCE

_JOINT: Final = mark("; ")
"""What stands between several messages in one sentence."""


def translate(message: Message | None, locale: str | None = None) -> str:
    """The message in the reader's language: the translated template of its code, with the parameters put in.

    locale: None for that of the page. A message among the parameters is translated before it is put in, and a list has
    the language's comma. A code without a translation is shown in English; nothing where there is no message.
    """
    if message is None:
        return ""
    chosen = locale or language()
    words, template = dictionary(chosen), TEMPLATES[message.code]
    inner, comma = partial(translate, locale=chosen), partial(listed, locale=chosen)
    return fill(words.get(template, template), message.params, inner, words.get(_JOINT, _JOINT), comma)


def sentence(message: Message | None, locale: str | None = None) -> str:
    """`translate` as a sentence. A name that stands first stays as it is: `none/a.jpg` is no `None/a.jpg`."""
    told, locale = translate(message, locale), locale or language()
    if message is None or not told:
        return ""
    known = None if message.code == VERBATIM else locale
    return as_sentence(told, capital=not _begins_with_a_name(message, locale), locale=known)


def _begins_with_a_name(message: Message | None, locale: str) -> bool:
    if message is None or message.code == VERBATIM:
        return False
    template = TEMPLATES[message.code]
    first = _FIRST_HOLE.match(dictionary(locale).get(template, template))
    if first is None:
        return False
    value = message.params[first[1]]
    if isinstance(value, tuple):
        value = value[0] if value else ""
    return _begins_with_a_name(value, locale) if isinstance(value, Message) else True


_FIRST_HOLE: Final = re.compile(r"\{(\w+)")


def licence(name: str) -> str:
    """As a reader sees it."""
    return t("None known") if name == UNKNOWN_LICENCE else name
