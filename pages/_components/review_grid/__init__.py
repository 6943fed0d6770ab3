"""The review grid: one components-v2 component, its scripts joined at import (no build step)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from pages import _words
from pages._components import _loader

# In this order: each may use what stands before it; `review_grid.js` holds the default export.
_SCRIPTS: Final = (
    "../_shared/dom.js", "../_shared/ids.js", "../_shared/journal.js", "../_shared/decision_queue.js",
    "../_shared/role_lock.js", "../_shared/keys.js", "../_shared/post_json.js",
    "../_shared/mounted_app.js", "../_shared/refresh_timer.js", "../_shared/remembered.js",
    "../_shared/whereabouts/address_place.js",
    "announce.js", "overlay.js", "selection.js", "results.js", "whereabouts/on_screen.js",
    "suggestions/confirming.js", "model.js",
    "cards.js", "inspector/viewer.js", "inspector/landmark_overlay.js", "inspector/facts.js", "inspector/notes.js",
    "inspector/guidelines.js", "inspector/compare.js", "inspector/gold.js", "inspector/inspector.js",
    "hover.js", "pointer.js", "review_keys.js", "paging.js", "dialogs.js", "others/differing.js",
    "others/arrivals.js", "others/polling.js", "others/claims.js",
    "whereabouts/place.js", "toolbar.js", "review_grid.js",
)  # fmt: skip
_component: Final = _loader.load(Path(__file__).parent, _SCRIPTS)


def review_grid(
    data: Mapping[str, Any], *, key: str, on_turn: Callable[[], None], on_like: Callable[[], None] = lambda: None
) -> None:
    """Show one page of faces to decide on.

    `data` must stay the same bytes until another page is meant: `page_key` names it. `on_turn` runs before the next
    script run when the person turns the page; `st.session_state[key].turn` is then `{"to", "first", "last"}`: the
    cursors of the page that is left. `on_like` does when they want the mouths first that are like one face's, as
    the order that `st.session_state[key].like` says. After a rest in deciding the script runs once more: its counts
    are true again.
    """
    _component.show(
        {**data, "language": _words.language()},
        key=key, on_turn_change=on_turn, on_like_change=on_like, on_tick_change=lambda: None,
    )  # fmt: skip
