"""How people sign in here: MOUE_AUTH."""

from __future__ import annotations

import os
from typing import Final

from pipeline.core.errors import UsageError

MODES: Final = ("local", "header", "oidc")


def mode() -> str:
    """Raises UsageError for a MOUE_AUTH that is none of the three."""
    found = os.environ.get("MOUE_AUTH", "local").strip().lower() or "local"
    if found not in MODES:
        raise UsageError(f"MOUE_AUTH={found} is unknown; use one of {', '.join(MODES)}")
    return found
