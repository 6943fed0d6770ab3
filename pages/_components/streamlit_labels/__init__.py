"""The script in the head of each page that names Streamlit's own controls in the reader's language (`pages._ui.head`).

Streamlit speaks English alone: it names buttons of its own for screen readers, and what stands in an empty field.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from pages._components._loader import page_script
from pages._words import LANGUAGES, mark, translate

LABELS: Final = {
    "Help": mark("What this is"), "Open": mark("Show the choices"), "Close": mark("Close"),
    "Clear value": mark("Empty this field"), "Clear all": mark("Empty this field"),
    "Sidebar": mark("The pages at the side"),
    "Expand sidebar": mark("Show the pages at the side"), "Collapse sidebar": mark("Hide the pages at the side"),
    "App pages": mark("Pages"), "Main menu": mark("Menu"), "Notifications": mark("Messages"),
    "Choose an option": mark("Choose one"), "Choose options": mark("Choose some"),
    "Selected values": mark("What is chosen"), "No results": mark("Nothing of that name"),
    "No options to select": mark("Nothing to choose from"), "Select all": mark("Choose all"),
    "yyyy": mark("year"), "mm": mark("month"), "dd": mark("day"), "Empty": mark("nothing yet"),
    "Choose date": mark("Choose a day"), "Previous month": mark("The month before"),
    "Next month": mark("The next month"),
    "Increment": mark("One step more"), "Decrement": mark("One step less"),
    "Fullscreen": mark("Over the whole window"), "Close fullscreen": mark("Back from the whole window"),
    "Upload": mark("Choose a file"), "file upload": mark("Choose a file"),
    "Copy to clipboard": mark("Copy to clipboard"), "Copied": mark("Copied"),
    "Skip to main content": mark("Skip to main content"), "Link to heading": mark("The address of this part"),
}  # fmt: skip
"""Streamlit's word: ours. In English its own stand."""
AROUND: Final = {
    "{name} color picker": mark("{name}: choose a colour"),
    "year, {name}": mark("{name}: the year"), "month, {name}": mark("{name}: the month"),
    "day, {name}": mark("{name}: the day"),
    "Help for {name}": mark("What {name} is"), "Remove {name}": mark("Take {name} out"),
}  # fmt: skip
"""What it puts before or behind the name of a field or of a choice."""
_CODE: Final = page_script("streamlit_labels", [Path(__file__).with_name("streamlit_labels.js").read_text("utf-8")])


def script() -> str:
    """The code with its words in each language but English."""
    said = {**LABELS, **AROUND}
    words = {
        locale: {theirs: translate(locale, ours) for theirs, ours in said.items()}
        for locale in LANGUAGES
        if locale != "en"
    }  # fmt: skip
    return _CODE.replace('"{words}"', json.dumps(words).replace("<", "\\u003c"))
