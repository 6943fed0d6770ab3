"""One image that a search engine or a list points at, before it is fetched. A leaf: stdlib only."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is told of an image on the web; "" and 0 where it is not.

    url: of the image itself. engine, query: "" where a list led to it. proposal: a class name. width, height: pixels,
    as the engine says.
    """

    url: str
    page_url: str = ""
    title: str = ""
    author: str = ""
    licence: str = ""
    licence_url: str = ""
    engine: str = ""
    query: str = ""
    proposal: str | None = None
    thumbnail_url: str = ""
    width: int = 0
    height: int = 0
