"""How a message is kept: its English text, its code and its parameters, each in a column of its own.

The text is for people who read the tables, and for a code that this Moue does not know.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pipeline.core.message_table import VERBATIM
from pipeline.core.messages import Message, message_of

Columns = tuple[str, str, str]
"""Text, code and parameters (JSON); words that are nobody's template have an empty code and no parameters."""


def to_columns(message: Message) -> Columns:
    if message.code == VERBATIM:
        return message.text, "", "{}"
    return message.text, message.code, json.dumps(message.json_params(), sort_keys=True)


def from_columns(text: str, code: str, params: str) -> Message:
    """The message; its words alone where the code, or one of its parameters, is another Moue's or malformed."""
    try:
        known = json.loads(params)
    except (ValueError, RecursionError):  # somebody wrote into the database
        known = None
    return message_of(text, code, known)


def with_message(row: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The row with its columns `name`, `name`_code and `name`_params as one message (None where `name` is NULL)."""
    kept = dict(row)
    text, code, params = (kept.pop(column) for column in (name, f"{name}_code", f"{name}_params"))
    return kept | {name: None if text is None else from_columns(text, code, params)}
