"""What the pipeline says in English, in the reader's language: reasons of outcomes and keepers, problems of exports."""

from __future__ import annotations

import re
from typing import Final

from pages._words import dictionary, language, t
from pipeline.core.message_table import TEMPLATES
from pipeline.core.messages import Message, fill
from pipeline.core.records import UNKNOWN_LICENCE


def told(reason: Message | str, tongue: str | None = None) -> str:
    """The reason in the reader's language; as it stands where it is none of those that are known."""
    tongue = tongue or language()
    if isinstance(reason, Message):
        return fill(dictionary(tongue).get(TEMPLATES[reason.code], TEMPLATES[reason.code]), reason.params)
    if tongue == "en":
        return reason
    for pattern, template in _PATTERNS:
        if found := pattern.fullmatch(reason):
            return fill(dictionary(tongue).get(template, template), found.groupdict())
    return reason


def licence(name: str) -> str:
    """As a reader sees it."""
    return t("None known") if name == UNKNOWN_LICENCE else name


def _pattern(template: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)[^{}]*\}", template)  # texts and names take turns
    named = (f"(?P<{part}>.+?)" if at % 2 else re.escape(part) for at, part in enumerate(parts))
    return re.compile("".join(named), re.DOTALL)


_PATTERNS: Final = tuple(
    (_pattern(template), template)
    for template in sorted(TEMPLATES.values(), key=lambda one: -len(re.sub(r"\{[^{}]*\}", "", one)))
    if template != "{text}" and "{least} x {least}" not in template
)
