"""One label that is probably a slip, large, beside the nearest crops of each class: kept or changed by a key."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from pages._components import _loader

_SCRIPTS: Final = (
    "../_shared/dom.js", "../_shared/ids.js", "../_shared/journal.js", "../_shared/decision_queue.js",
    "../_shared/keys.js", "../_shared/mounted_app.js", "../_shared/refresh_timer.js", "../_shared/post_json.js",
    "../_shared/face_batch/model.js", "../_shared/face_batch/app.js", "model.js", "possible_slips.js",
)  # fmt: skip
_STYLES: Final = ("../_shared/face_batch/face_batch.css", "possible_slips.css")
_component: Final = _loader.load(Path(__file__).parent, _SCRIPTS, styles=_STYLES)


def possible_slips(data: Mapping[str, Any], *, key: str, on_more: Callable[[], None]) -> None:
    """Show one batch of possible slips.

    `data` must stay the same bytes until another batch is meant: `page_key` names it. `on_more` runs before the next
    script run when all of it is answered and saved; `st.session_state[key].more` is then the place of its last one.
    """
    _component.show(data, key=key, on_more_change=on_more, on_tick_change=lambda: None)
