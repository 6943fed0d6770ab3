"""A histogram with two handles and the crops at the edges: one component."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from pages._components import _loader

_SCRIPTS: Final = ("../_shared/dom.js", "range_values.js", "edges.js", "quality_range.js")
_component: Final = _loader.load(Path(__file__).parent, _SCRIPTS)


def quality_range(data: Mapping[str, Any], *, key: str, on_range: Callable[[], None]) -> None:
    """Show how one measure is spread over the faces, and let its range be chosen.

    data: {"name", "label", "unit", "help", "low", "high" (the slider's span), "step", "digits", "counts" (by bin, over
    that span), "missing", "from", "to" (the chosen ends or null), "turn", "large", "edges": [{"side", "out", "in"}],
    "base"}. A crop is {"id", "v", "value"}.
    `on_range` runs while a handle moves, some ten times a second at most: `st.session_state[key].range` is then
    {"from", "to", "turn"}; `turn` goes back as data["turn"], so that an answer to an older move never moves the handle.
    """
    _component.show(data, key=key, on_range_change=on_range)
