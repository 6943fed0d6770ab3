"""What the pipeline and the database say, in the reader's language: reasons of outcomes and keepers, errors."""

from __future__ import annotations

from pages._words import dictionary, language, t
from pipeline.core.message_table import TEMPLATES
from pipeline.core.messages import Message, fill
from pipeline.core.records import UNKNOWN_LICENCE


def translate(message: Message | None, locale: str | None = None) -> str:
    """The message in the reader's language: the translated template of its code, with the parameters put in.

    A code without a translation is shown in English; nothing where there is no message.
    """
    if message is None:
        return ""
    template = TEMPLATES[message.code]
    translated = dictionary(locale or language()).get(template, template)
    return fill(translated, message.params)


def licence(name: str) -> str:
    """As a reader sees it."""
    return t("None known") if name == UNKNOWN_LICENCE else name
