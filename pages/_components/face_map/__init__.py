"""All faces as points, near each other where mouths look alike: crops where one is near, and sets chosen by a lasso."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from pages._components import _loader

_SCRIPTS: Final = (
    "../_shared/dom.js", "../_shared/post_json.js", "../_shared/mounted_app.js", "../_shared/keys.js", "points.js",
    "groups.js", "painting.js", "crops.js", "toolbar.js", "gestures.js", "face_map.js",
)  # fmt: skip
_component: Final = _loader.load(Path(__file__).parent, _SCRIPTS)


def face_map(data: Mapping[str, Any], *, key: str, on_open: Callable[[], None]) -> None:
    """Draw the map. `on_open` runs before the next script run once a set of faces is kept;
    `st.session_state[key].open` is then its id."""
    _component.show(data, key=key, on_open_change=on_open)
