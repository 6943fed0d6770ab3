"""Small tables as HTML: they may lead somewhere by their cells, cost no script and have their height at once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape, unescape
from typing import Final

from pages._words import glossary, labelled, per_cent, t

_TIME: Final = re.compile(r"\d{4}-\d{2}-\d{2}( \d{2}:\d{2})?|(\d+ (s|min|h|秒|分钟?|小时) ?)+")
"""A day, a moment, or how long something took, in either language."""
_FIGURE: Final = re.compile(r"[−-]?[\d,.]+( ?%)?|–|(\d+ (s|min|h|秒|分钟?|小时) ?)+")
"""A number, a share, a dash for one that is not known, or how long something took: these stand at the right."""
_QUIET: Final = '<span class="quiet">'
_TAGS: Final = re.compile(r"<[^>]+>")
_MANY: Final = 5
"""Columns: on a phone so many scroll in any case, and elsewhere there is a long one whose lines may break instead."""
_LONG: Final = 24
"""Characters: what is longer has its lines broken, and no column of its own is narrower on a phone than such a line."""


@dataclass(frozen=True, slots=True)
class Link:
    """A cell that leads somewhere."""

    text: str
    address: str


def html_table(caption: str, heads: Sequence[str], rows: Sequence[Sequence[str]], *, kinds: str) -> str:
    """heads: text. rows: HTML, the first of each row names it. kinds: the table's CSS classes, of the page's style."""
    columns = [[row[at] for row in rows] for at in range(len(heads))]
    numeric = [at > 0 and _are_figures(cells) for at, cells in enumerate(columns)]
    head = "".join(
        f'<th scope="col"{_kind(figures)}>{named(one)}</th>' for one, figures in zip(heads, numeric, strict=True)
    )
    body = ""
    for row in rows:
        first, *rest = [(_kind(figures, _plain(one)), one) for one, figures in zip(row, numeric, strict=True)]
        cells = "".join(f"<td{kind}>{one}</td>" for kind, one in rest)
        body += f'<tr><th scope="row"{first[0]}>{first[1]}</th>{cells}</tr>'
    return sideways(
        f'<table class="{escape(kinds)}{_many(heads)}"><caption>{escape(caption)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>",
        caption,
    )


def figures_table(rows: Sequence[Mapping[str, object]], name: str, shares: Iterable[str] = ()) -> str:
    """Rows (at least one) that have the same columns, numbers at the right; the first cell of each names it.

    name: what a screen reader calls it. shares: columns that are parts of 1.
    """
    parts, heads = frozenset(shares), list(rows[0])
    numeric = {head for head in heads if _is_numeric([row[head] for row in rows])}
    head = "".join(f'<th scope="col"{_kind(one in numeric)}>{named(one)}</th>' for one in heads)
    body = ""
    for row in rows:
        first, *rest = [(_kind(one in numeric, row[one]), _cell(row[one], one in parts)) for one in heads]
        cells = "".join(f"<td{kind}>{text}</td>" for kind, text in rest)
        body += f'<tr><th scope="row"{first[0]}>{first[1]}{what_is(str(row[heads[0]]))}</th>{cells}</tr>'
    return sideways(
        f'<table class="moue-table{_many(heads)}" aria-label="{escape(name)}"><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table>",
        name,
    )


def sideways(inner: str, name: str) -> str:
    """HTML that may be wider than the window: scrolled by mouse and keys. name: what a screen reader calls it."""
    return f'<div class="moue-scroll" tabindex="0" role="region" aria-label="{escape(name)}">{inner}</div>'


def scrolled(table: str, name: str) -> str:
    """A table of some hundred rows, no higher than half a window, scrolled by mouse and keys. name: as above."""
    return f'<div class="moue-long" tabindex="0" role="region" aria-label="{escape(name)}">{table}</div>'


def labelled_cell(head: str, text: str) -> str:
    """A cell of a list that is a table on a wide page: on a phone, where its cells lie below one another and the row of
    heads is not shown, it says itself what it holds."""
    return f'<p class="moue-cell"><span>{escape(labelled(head, ""))}</span>{escape(text)}</p>'


def named(text: str) -> str:
    """A text as HTML, with a `?` behind it where it is a word of the glossary."""
    return escape(text) + what_is(text)


def swatch(colour: str, name: str) -> str:
    """Colour and name, never one without the other: neither for who sees no colours, nor at the end of a line."""
    return f'<span class="moue-swatch"><i style="background:{escape(colour)}"></i>{escape(name)}</span>'


def what_is(text: str) -> str:
    """The `?` behind a word of the glossary: its meaning on hover, in a tab of its own when opened; "" for another."""
    term = glossary.term_of(text)
    if term is None:
        return ""
    label = escape(t("{word}: what it means", word=text))
    return (
        f' <a class="moue-what" href="words?word={term.slug}" target="_blank" title="{escape(t(term.meaning))}" '
        f'aria-label="{label}">?</a>'
    )


def _cell(value: object, share: bool) -> str:
    if isinstance(value, Link):
        return f'<a href="{escape(value.address)}" target="_self">{escape(value.text)}</a>'
    return escape(_text(value, share))


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_numeric(values: Sequence[object]) -> bool:
    """Whether a column holds numbers, also where none of them is known."""
    if any(_is_number(one) for one in values):
        return True
    known = [one for one in values if one is not None and one != ""]
    return all(isinstance(one, str) and _FIGURE.fullmatch(one) for one in known) and (bool(known) or None in values)


def _are_figures(cells: Sequence[str]) -> bool:
    """Whether a column of HTML holds numbers, or in small letters why there is none."""
    told = [one for one in cells if not one.startswith(_QUIET)]
    return bool(told) and all(_FIGURE.fullmatch(_plain(one)) for one in told)


def _plain(cell: str) -> str:
    return unescape(_TAGS.sub("", cell))


def _many(heads: Sequence[str]) -> str:
    return " many" if len(heads) >= _MANY else ""


def _time(cell: str) -> str:
    return ' class="t"' if _TIME.fullmatch(cell) else ""


def _kind(numeric: bool, value: object = None) -> str:
    """A number's, a time's or a long text's class: where their lines may break, the page's style says."""
    text = value.text if isinstance(value, Link) else value
    if numeric:
        return ' class="n"'
    if not isinstance(text, str):
        return ""
    return _time(text) or (' class="long"' if len(text) > _LONG else "")


def _text(value: object, share: bool) -> str:
    if value is None:
        return "–"
    if share and isinstance(value, int | float):
        return per_cent(f"{100 * value:.0f}")
    return f"{value:,}" if _is_number(value) else str(value)
