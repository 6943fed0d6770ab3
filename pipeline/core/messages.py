"""What Moue says of a file, a job or an error: a code and parameters, so that it can be said in any language."""

from __future__ import annotations

import json
import math
import string
from collections.abc import Mapping
from dataclasses import dataclass, field
from numbers import Integral, Real
from typing import Any, Final

from pipeline.core.message_table import TEMPLATES, VERBATIM

Param = str | int | float


@dataclass(frozen=True, slots=True)
class Message:
    """One message. code: a key of `TEMPLATES`. params: what fills the template's holes, by name; JSON as they are."""

    code: str
    params: Mapping[str, Param] = field(default_factory=dict, hash=False)

    @property
    def text(self) -> str:
        """The English sentence."""
        return fill(TEMPLATES[self.code], self.params)

    def __str__(self) -> str:
        return self.text

    def params_json(self) -> str:
        return json.dumps(dict(self.params), ensure_ascii=False, sort_keys=True)

    def to_json(self) -> str:
        return json.dumps({"code": self.code, "params": dict(self.params)}, ensure_ascii=False, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> Message:
        """The message that `to_json` wrote. Raises KeyError or ValueError for anything else."""
        read = json.loads(text)
        return cls(read["code"], read["params"])


def message(code: str, /, **params: object) -> Message:
    """A message of the table. Numbers stay numbers; paths, errors and the like become their text."""
    return Message(code, {name: _plain(value) for name, value in params.items()})


def verbatim(text: str) -> Message:
    """Words that have no template: a library's, or those of an older Moue. They are shown as they stand."""
    return Message(VERBATIM, {"text": text})


def message_of(text: str, code: str, params: Mapping[str, Param]) -> Message:
    """A message that was kept; its English text alone where the code, or one of its parameters, is another Moue's."""
    template = TEMPLATES.get(code)
    return verbatim(text) if template is None or not holes(template) <= params.keys() else Message(code, params)


def fill(template: str, params: Mapping[str, Param]) -> str:
    """The template with its holes filled. A text fills a number's hole as it stands ("…", "1,234").

    Raises KeyError for a hole without a parameter.
    """
    return _FILLER.vformat(template, (), params)


def holes(template: str) -> set[str]:
    """The names of a template's holes."""
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


def _plain(value: object) -> Param:
    """NumPy's numbers too; JSON knows no infinite ones."""
    if isinstance(value, Integral) and not isinstance(value, bool):
        return int(value)
    if isinstance(value, Real) and not isinstance(value, bool) and math.isfinite(value):
        return float(value)
    return str(value)


class _Filler(string.Formatter):
    def format_field(self, value: Any, format_spec: str) -> str:
        return value if isinstance(value, str) else str(format(value, format_spec))


_FILLER: Final = _Filler()
