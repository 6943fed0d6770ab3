"""One face that people differ on, large, to be settled by a key; its scripts are joined at import (no build step)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from pages._components import _loader
from pages._words.vocabulary import REASON_WORDS

_SCRIPTS: Final = (
    "../_shared/dom.js", "../_shared/ids.js", "../_shared/journal.js", "../_shared/decision_queue.js",
    "../_shared/keys.js", "../_shared/mounted_app.js", "../_shared/refresh_timer.js", "../_shared/face_batch/model.js",
    "../_shared/face_batch/app.js", "model.js", "adjudication.js",
)  # fmt: skip
_STYLES: Final = ("../_shared/face_batch/face_batch.css", "adjudication.css")
_component: Final = _loader.load(Path(__file__).parent, _SCRIPTS, styles=_STYLES, more_texts=REASON_WORDS.values())


def adjudication(data: Mapping[str, Any], *, key: str, on_more: Callable[[], None]) -> None:
    """Show one batch of faces that people differ on.

    `data` must stay the same bytes until another batch is meant: `page_key` names it. `on_more` runs before the next
    script run when all of it is settled and saved; `st.session_state[key].more` is then the seq of its last face.
    """
    _component.show(data, key=key, on_more_change=on_more, on_tick_change=lambda: None)
