"""Small tables as HTML: they may lead somewhere by their cells, cost no script and have their height at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape


def html_table(caption: str, heads: Sequence[str], rows: Sequence[Sequence[str]], *, kinds: str) -> str:
    """heads: text. rows: HTML, the first of each row names it. kinds: the table's CSS classes, of the page's style."""
    head = "".join(f'<th scope="col">{escape(one)}</th>' for one in heads)
    body = "".join(
        f'<tr><th scope="row">{first}</th>{"".join(f"<td>{one}</td>" for one in rest)}</tr>' for first, *rest in rows
    )
    return (
        f'<div class="moue-scroll"><table class="{escape(kinds)}"><caption>{escape(caption)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def figures_table(
    rows: Sequence[Mapping[str, object]], shares: Iterable[str] = (), links: Sequence[str] = (), name: str = ""
) -> str:
    """Rows (at least one) that have the same columns, numbers at the right.

    shares: columns that are parts of 1. links: where the first cell of each row leads. name: for a screen reader.
    """
    parts, heads = frozenset(shares), list(rows[0])
    numeric = {head for head in heads if any(_is_number(row[head]) for row in rows)}
    head = "".join(f'<th scope="col"{_kind(one in numeric)}>{escape(one)}</th>' for one in heads)
    body = ""
    for number, row in enumerate(rows):
        first, *rest = heads
        text = escape(_text(row[first], first in parts))
        if links:
            text = f'<a href="{escape(links[number])}" target="_self">{text}</a>'
        cells = "".join(f"<td{_kind(one in numeric)}>{escape(_text(row[one], one in parts))}</td>" for one in rest)
        body += f'<tr><th scope="row"{_kind(first in numeric)}>{text}</th>{cells}</tr>'
    label = f' aria-label="{escape(name)}"' if name else ""
    return (
        f'<div class="moue-scroll"><table class="moue-table"{label}><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _kind(numeric: bool) -> str:
    return ' class="n"' if numeric else ""


def _text(value: object, share: bool) -> str:
    if value is None:
        return ""
    if share and isinstance(value, int | float):
        return f"{100 * value:.0f} %"
    return f"{value:,}" if _is_number(value) else str(value)
