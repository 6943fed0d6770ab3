"""What a page drew as HTML: the names of its plots, the rows of its small tables, its links."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from streamlit.testing.v1 import AppTest


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []
        self.links: dict[str, str] = {}
        self.tables: list[list[list[str]]] = []
        self._cell: list[str] | None = None
        self._explains = False
        self._link: tuple[str, list[str]] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if "moue-plot" in (given.get("class") or "").split():
            self.names.append(given.get("aria-label") or "")
        if given.get("class") == "moue-what":  # the `?` behind a word
            self._explains = True
        elif tag == "a":
            self._link = (given.get("href") or "", [given.get("aria-label") or ""])
        elif tag == "table":
            self.tables.append([])
        elif tag == "tr" and self.tables:
            self.tables[-1].append([])
        elif tag in ("td", "th"):
            self._cell = []

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self._explains:
            self._explains = False
        elif tag == "a" and self._link is not None:
            self.links["".join(self._link[1])] = self._link[0]
            self._link = None
        elif tag in ("td", "th") and self._cell is not None:
            self.tables[-1][-1].append("".join(self._cell).strip())
            self._cell = None

    def handle_data(self, data: str) -> None:
        if self._cell is not None and not self._explains:
            self._cell.append(data)
        if self._link is not None:
            self._link[1].append(data)


def read(made: AppTest) -> _Reader:
    reader = _Reader()
    for one in made.get("html"):
        reader.feed(one.proto.body)
    return reader


def figures(made: AppTest) -> list[tuple[str, str]]:
    """The figures of the funnel with their names, in their order."""
    html = "".join(one.proto.body for one in made.get("html"))
    return re.findall(r"<dt>(.*?)</dt><dd><b>(.*?)</b>", html)


def plots(made: AppTest) -> list[str]:
    """What a screen reader is told of each, in their order."""
    return read(made).names


def links(made: AppTest) -> dict[str, str]:
    """Address by what it is called."""
    return read(made).links


def tables(made: AppTest) -> list[list[dict[str, str]]]:
    """Rows by head, of each table that has heads."""
    return [[dict(zip(heads, row, strict=False)) for row in rows] for heads, *rows in read(made).tables if heads]


def table(made: AppTest, head: str) -> list[dict[str, str]]:
    """The rows of the one table that has this column."""
    (found,) = (rows for rows in tables(made) if rows and head in rows[0])
    return found
