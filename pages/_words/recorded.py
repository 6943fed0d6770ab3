"""What the pipeline and the database say, in the reader's language: reasons of outcomes and keepers, errors."""

from __future__ import annotations

from functools import partial
from typing import Final

from pages._words import dictionary, language, listed, mark, t
from pipeline.core.message_table import TEMPLATES
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


def licence(name: str) -> str:
    """As a reader sees it."""
    return t("None known") if name == UNKNOWN_LICENCE else name
