"""What an image search is asked, and how it is reached."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from pipeline.core.messages import Message
from pipeline.fetch.candidate import ImageCandidate

Safe = Literal["strict", "moderate", "off"]
Size = Literal["", "small", "medium", "large"]
Licence = Literal["", "cc", "commercial", "public"]
"""Any; Creative Commons or freer; commercial use allowed; public domain."""


@dataclass(frozen=True, slots=True)
class Query:
    """One search. text: passed on as it is, `site:` and `filetype:` too. What an engine cannot filter by it ignores."""

    text: str
    safe: Safe = "moderate"
    face_only: bool = False
    size: Size = ""
    licence: Licence = ""


def _unheard(_: Message) -> None:
    """Nobody listens."""


@dataclass(frozen=True, slots=True)
class HttpOptions:
    """How engines are reached. proxy: "" or `http://…`, `socks5://…`; ca: a PEM file trusted beside the usual ones.

    agent: the User-Agent of those that are asked as a program (`request.agent_of`). stop: set by whoever wants no
    more of the answers; then nobody is waited for, and nothing more is asked. profile: the folder of a watched
    browser's profile. tell: gets what somebody should see while the search goes on.
    """

    proxy: str = ""
    ca: Path | None = None
    agent: str = "Moue"
    timeout_s: float = 15.0
    retries: int = 2
    longest_wait_s: float = 30.0
    stop: threading.Event = field(default_factory=threading.Event, compare=False)
    profile: Path | None = None
    tell: Callable[[Message], None] = field(default=_unheard, compare=False)


def _no_obstacle() -> Message | None:
    return None


Pages = Callable[[Query, HttpOptions], Iterator[list[ImageCandidate]]]
"""Search page by page until there are no more. Raises EngineError."""


@dataclass(frozen=True, slots=True)
class EngineInfo:
    """One engine. most: images that it gives for one query, about. filters: the fields of Query that it obeys.

    licensed: each image comes with its licence. obstacle: why it cannot be used here and now, None where it can: a key
    or a browser that is not there.
    """

    name: str
    label: str
    pages: Pages
    most: int
    filters: frozenset[str]
    licensed: bool = False
    obstacle: Callable[[], Message | None] = _no_obstacle
