"""A table of a section as HTML: one that leads somewhere by its cells, and costs no script."""

from __future__ import annotations

from collections.abc import Sequence
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
