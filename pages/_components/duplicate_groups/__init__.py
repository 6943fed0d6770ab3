"""The Duplicates page's groups: one components-v2 component, its scripts joined at import (no build step)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from pages._components import _loader
from pages._words.vocabulary import REASON_WORDS

# In this order: each may use what stands before it; `duplicate_groups.js` holds the default export. What waits for the
# server and which keys are whose is the same here as in Review, and is written once.
_SCRIPTS: Final = (
    "../_shared/dom.js", "../_shared/ids.js", "../_shared/journal.js", "../_shared/decision_queue.js",
    "../_shared/role_lock.js", "../_shared/keys.js", "../_shared/mounted_app.js", "../_shared/refresh_timer.js",
    "../_shared/remembered.js", "../_shared/whereabouts/address_place.js",
    "text.js", "group_queue.js",
    "results.js", "model.js", "rows.js", "lightbox.js", "input.js", "duplicate_groups.js",
)  # fmt: skip
_component: Final = _loader.load(Path(__file__).parent, _SCRIPTS, more_texts=REASON_WORDS.values())


def duplicate_groups(data: Mapping[str, Any], *, key: str, on_turn: Callable[[], None]) -> None:
    """Show one page of duplicate groups to decide on.

    `data` must stay the same bytes until another page is meant: `page_key` names it. `on_turn` runs before the next
    script run when the person turns the page; `st.session_state[key].turn` is then `{"to", "first", "last"}`. After a
    rest in deciding the script runs once more (`tick`): its counts are true again.
    """
    _component.show(data, key=key, on_turn_change=on_turn, on_tick_change=lambda: None)
