"""The Clean page's list of files and its photo editor: one component."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from pages._components import _loader

_SCRIPTS: Final = (
    "../_shared/dom.js",
    "../_shared/post_json.js",
    "../_shared/keys.js",
    "../_shared/mounted_app.js",
    "../_shared/remembered.js",
    "../_shared/whereabouts/address_place.js",
    "shapes.js",
    "stage.js",
    "editor.js",
    "rows.js",
    "photo_list.js",
)
_component: Final = _loader.load(Path(__file__).parent, _SCRIPTS, styles=("photo_list.css", "editor.css"))


def photo_list(
    data: Mapping[str, Any],
    *,
    key: str,
    on_act: Callable[[], None],
    on_turn: Callable[[], None],
    on_erase: Callable[[], None],
) -> None:
    """Show one page of files, each with its original, its overlay and its crops.

    data: {"rows": [...], "page_key", "answer", "base", "first", "last", "total", "has_next", "has_prev"}.
    `on_act` runs when a box or a crop is confirmed: `st.session_state[key].act` is then what
    `pages._clean.manual_faces.answer` takes; its answer goes back as data["answer"]. `on_turn`: `.turn` is
    {"to": "next" | "prev", "page_key"}. `on_erase`: `.erase` is what `pages._clean.erase_photo.ask` takes.
    """
    _component.show(data, key=key, on_act_change=on_act, on_turn_change=on_turn, on_erase_change=on_erase)
