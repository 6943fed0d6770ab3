"""A bookmarklet that collects the addresses of opened image results in the reader's own browser, for Collect's list."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from pages._components import _loader
from pipeline.crawl.engines.window import RESULTS_SCRIPT

_HERE: Final = Path(__file__).parent
_component: Final = _loader.load(_HERE, ("bookmarklet.js",))
_SOURCE: Final = _loader.page_script("bookmarklet_page", (RESULTS_SCRIPT, (_HERE / "collector.js").read_text("utf-8")))


def bookmarklet() -> None:
    """Show the link to drag, and what to do with it."""
    _component.show({"source": _SOURCE}, key="bookmarklet")
