"""How a stored location is shown."""

from __future__ import annotations

import re
from typing import Final

_IN_ZIP: Final = re.compile(r"\.zip!(?=.)", re.IGNORECASE)


def split_location(location: str) -> tuple[str, str]:
    """Folder (or zip) and name, parted by `/` or by the `!` between a zip and its member; any other `!` is a letter."""
    cut = location.rfind("/") + 1
    if found := _IN_ZIP.search(location, cut):
        cut = found.end()
    return location[:cut], location[cut:] or location
