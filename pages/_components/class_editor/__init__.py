"""All that is done with the classes: one component, since Streamlit's fields take half a second of drawing for four."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from pages._components import _loader

_SCRIPTS: Final = ("../_shared/dom.js", "../_shared/ids.js", "changes.js", "rows.js", "merge.js", "class_editor.js")
_component: Final = _loader.load(Path(__file__).parent, _SCRIPTS)


def class_editor(data: Mapping[str, Any], *, key: str, on_change: Callable[[], None]) -> None:
    """Show the classes, a field for a new one, merging, and those that were put away.

    data: {"rows": [{"id", "name", "quoted", "key", "letter", "colour", "ink", "n" (accepted faces), "accepted" (as
    text), "faces" (in words), "see" (an address)}], "archived": [{"id", "name", "letter", "colour", "ink"}], "digits"
    (whether they can follow the order), "keys" (those that are Review's own), "locked" (why nothing may be changed, or
    ""), "told": null or {"beside" (an id, or "add", "merge"), "text", "error", "see"}, "answered" (the token of the
    change that it is about)}.
    `on_change` runs before the next script run when something is to be changed: `st.session_state[key].change` is then
    {"token", "do", "id", "value", "seen" (what was shown of it), "faces" (of a merge: how many were told)}. It comes
    again until its token is answered.
    """
    _component.show(data, key=key, on_change_change=on_change)
