"""How a stored location is shown."""

from __future__ import annotations


def split_location(location: str) -> tuple[str, str]:
    """Folder (or zip) and name; both `/` and the `!` before a zip's member part them."""
    cut = max(location.rfind("/"), location.rfind("!"))
    return location[: cut + 1], location[cut + 1 :] or location
