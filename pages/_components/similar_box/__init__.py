"""A photo dropped or chosen, sent to be looked at; what was found for it opens in Review."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from pages._components import _loader

_SCRIPTS: Final = ("../_shared/dom.js", "../_shared/post_json.js", "similar_box.js")
_component: Final = _loader.load(Path(__file__).parent, _SCRIPTS, styles=("../_shared/drop_box.css",))


def similar_box(data: Mapping[str, Any], *, key: str, on_open: Callable[[], None]) -> None:
    """Show the box. `on_open` runs before the next script run once similar mouths are kept as a selection;
    `st.session_state[key].open` is then {"id": of the selection, "nearest": a face id}."""
    _component.show(data, key=key, on_open_change=on_open)
