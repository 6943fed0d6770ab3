"""What Moue says of a file, a job or an error: a code and parameters, so that it can be said in any language.

A parameter may be a message itself ("line 3: not JSON"), or several: they keep their codes, in JSON as objects
{"code", "params"}, and each is translated before it is put into the outer one. It may be a list of texts ("smile,
pout"): it stays one, and is joined where it is told, with the language's comma.
"""

from __future__ import annotations

import errno
import math
import string
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from numbers import Integral, Real
from typing import Any, Final, TypeAlias

from pipeline.core.message_table import TEMPLATES, VERBATIM
from pipeline.core.templates.foreign import damage_in, words_for
from pipeline.core.templates.system import SYSTEM

MOST_LEVELS: Final = 6
"""Messages inside each other, the outermost one counted; one that lies deeper is kept as its English text."""
JOINT: Final = "; "
"""What stands between several messages in one hole."""
COMMA: Final = ", "
"""What stands between the texts of a list."""
_LARGEST: Final = 2**63
"""No whole number of ours is larger: one that is was written into the database, and `{n:.0f}` would fail on it."""

_SYSTEM_CODES: Final = {words: code for code, words in SYSTEM.items()}

Scalar: TypeAlias = str | int | float
Param: TypeAlias = "Scalar | Message | tuple[Message, ...] | tuple[str, ...]"


@dataclass(frozen=True, slots=True)
class Message:
    """One message. code: a key of `TEMPLATES`. params: what fills the template's holes, by name."""

    code: str
    params: Mapping[str, Param] = field(default_factory=dict, hash=False)

    @property
    def text(self) -> str:
        """The English sentence, with those of the messages inside."""
        return fill(TEMPLATES[self.code], self.params, str)

    def __str__(self) -> str:
        return self.text

    def json_params(self) -> dict[str, Any]:
        """The parameters as JSON knows them; `message_of` reads them."""
        return {name: _to_json(value) for name, value in self.params.items()}

    def map_scalars(self, change: Callable[[Scalar], Scalar]) -> Message:
        """The same message, with each text and number in it, at any depth, changed."""
        return Message(self.code, {name: _map_param(value, change) for name, value in self.params.items()})


class Finding(str):
    """What a check found wrong: the English sentence of a message, which knows how to be said in another language."""

    __slots__ = ("message",)
    message: Message

    def __reduce__(self) -> tuple[object, ...]:
        return _finding, (self.message,)


def message(code: str, /, **params: object) -> Message:
    """A message of the table. Numbers stay numbers; paths, foreign errors and the like become their text.

    A message, a tuple of messages, and an error that was raised with one stay messages; the operating system's words
    for an error become one, and so does a library's error, whose own words are for programmers. A tuple of anything
    else is a list of texts.
    """
    return Message(code, {name: _plain(value) for name, value in params.items()})


def finding(code: str, /, **params: object) -> Finding:
    """params: as of `message`."""
    return _finding(message(code, **params))


def _finding(said: Message) -> Finding:
    found = Finding(said)
    found.message = said
    return found


def os_message(error: OSError, code: str, /, **params: object) -> Message:
    """Why a file or folder cannot be written, or deleted: `code` with the system's words as `why`.

    Where another place or other permissions would not help it is `disk_full` or `read_only`, of the first parameter.
    """
    what = next(iter(params.values()))
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return message("disk_full", what=what)
    if error.errno == errno.EROFS:
        return message("read_only", what=what)
    return message(code, **params, why=error.strerror or error)


def damage(error: BaseException) -> Message:
    """What is wrong with a picture, by what a reader of pixels said."""
    return Message(damage_in(error))


def verbatim(text: str) -> Message:
    """Words that have no template: a library's, or those of an older Moue. They are shown as they stand."""
    return Message(VERBATIM, {"text": text})


def message_of(text: str, code: object, params: object) -> Message:
    """A message that was kept. params: as JSON knows them.

    Its English text alone where the code or a parameter, also of a message inside, is another Moue's or malformed.
    """
    return _from_json(code, params, MOST_LEVELS) or verbatim(_whole(text))


def fill(
    template: str,
    params: Mapping[str, Param],
    tell: Callable[[Message], str],
    joint: str = JOINT,
    listed: Callable[[tuple[str, ...]], str] = COMMA.join,
) -> str:
    """The template with its holes filled. A text fills a number's hole as it stands ("…", "1,234").

    tell: the words of a message inside. joint: what stands between several. listed: the words of a list of texts.
    Raises KeyError for a hole without a parameter.
    """

    def words(value: Param) -> Scalar:
        if isinstance(value, tuple):
            texts = tuple(one for one in value if isinstance(one, str))
            return listed(texts) if texts else joint.join(tell(one) for one in value if isinstance(one, Message))
        return tell(value) if isinstance(value, Message) else value

    return _FILLER.vformat(template, (), {name: words(value) for name, value in params.items()})


def within(texts: Iterable[str], most: int = 200) -> tuple[str, ...]:
    """The first of these texts, as a list of at most so many characters; the last one may be cut."""
    kept, left = [], most
    for text in texts:
        if left <= 0:
            break
        kept.append(text[:left])
        left -= len(text) + len(COMMA)
    return tuple(kept)


@cache
def holes(template: str) -> frozenset[str]:
    """The names of a template's holes."""
    return frozenset(name for _, name, _, _ in string.Formatter().parse(template) if name)


def _plain(value: object) -> Param:
    """NumPy's numbers too; JSON knows no infinite ones."""
    if isinstance(value, Integral) and not isinstance(value, bool):
        return int(value)
    if isinstance(value, Real) and not isinstance(value, bool) and math.isfinite(value):
        return float(value)
    if isinstance(value, tuple) and value and all(isinstance(one, Message) for one in value):
        return value if max(map(_levels, value)) < MOST_LEVELS else JOINT.join(map(str, value))
    if isinstance(value, tuple):
        return tuple(_whole(str(one)) for one in value) or ""
    said = value.args if isinstance(value, Exception) else (getattr(value, "message", value),)
    inner = next((one for one in said if isinstance(one, Message)), None)
    if inner is not None and inner.code != VERBATIM and _levels(inner) < MOST_LEVELS:
        return inner
    if isinstance(value, Exception) and not hasattr(value, "message"):
        if not isinstance(value, OSError) or not value.strerror:
            return message(words_for(value)[0], **words_for(value)[1])
        value = value.strerror
    text = _whole(str(value))
    return Message(_SYSTEM_CODES[text]) if text in _SYSTEM_CODES else text


def _levels(one: Message) -> int:
    inner = [m for value in one.params.values() for m in (value if isinstance(value, tuple) else (value,))]
    return 1 + max((_levels(m) for m in inner if isinstance(m, Message)), default=0)


def _map_param(value: Param, change: Callable[[Scalar], Scalar]) -> Param:
    if isinstance(value, tuple):
        texts = tuple(str(change(one)) for one in value if isinstance(one, str))
        return texts or tuple(one.map_scalars(change) for one in value if isinstance(one, Message))
    return value.map_scalars(change) if isinstance(value, Message) else change(value)


def _to_json(value: Param) -> Any:
    if isinstance(value, tuple):
        return [one if isinstance(one, str) else _to_json(one) for one in value]
    return {"code": value.code, "params": value.json_params()} if isinstance(value, Message) else value


def _from_json(code: object, params: object, levels: int) -> Message | None:
    """None for what `json_params` did not write."""
    template = TEMPLATES.get(code) if isinstance(code, str) else None
    if template is None or not isinstance(params, Mapping) or not levels or not holes(template) <= params.keys():
        return None
    read = {name: _param_from_json(value, levels - 1) for name, value in params.items()}
    known = {name: value for name, value in read.items() if value is not None}
    return Message(str(code), known) if len(known) == len(read) else None


def _param_from_json(value: object, levels: int) -> Param | None:
    if isinstance(value, str):
        return value if _is_unicode(value) else None
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, int) and not isinstance(value, bool):
        return value if abs(value) <= _LARGEST else None
    if isinstance(value, Mapping):
        return _from_json(value.get("code"), value.get("params"), levels)
    if isinstance(value, list) and value and all(isinstance(one, str) for one in value):
        return tuple(value) if all(map(_is_unicode, value)) else None
    if isinstance(value, list) and value:
        inner = [_from_json(one.get("code"), one.get("params"), levels) for one in value if isinstance(one, Mapping)]
        found = tuple(one for one in inner if one is not None)
        return found if len(found) == len(value) else None
    return None


def _whole(text: str) -> str:
    """A byte of a file's name that is no UTF-8 is half a character to Python (PEP 383): it can neither be stored nor
    sent to a page, and is told as `\\xff`."""
    if _is_unicode(text):
        return text
    with suppress(UnicodeEncodeError):  # half a character of another origin
        return text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return text.encode("utf-8", "backslashreplace").decode()


def _is_unicode(text: str) -> bool:
    """Half a character, which JSON can hold, cannot be sent to a page."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _quoted(text: str) -> str:
    """As Python's repr, but a backslash stays one: people read Windows' paths."""
    mark = '"' if "'" in text else "'"
    return mark + "".join(one if one.isprintable() else one.encode("unicode_escape").decode() for one in text) + mark


class _Filler(string.Formatter):
    def convert_field(self, value: Any, conversion: Any) -> Any:
        return (
            _quoted(value) if conversion == "r" and isinstance(value, str) else super().convert_field(value, conversion)
        )

    def format_field(self, value: Any, format_spec: str) -> str:
        return value if isinstance(value, str) else str(format(value, format_spec))


_FILLER: Final = _Filler()
