"""Imports sqlite-utils as if pandas were not installed: importing that takes half of the time a command needs to start.

sqlite-utils wants it for data frames, of which Moue gives it none. Imported first by what is to start soon.
"""

from __future__ import annotations

import sys

if "pandas" not in sys.modules:
    sys.modules["pandas"] = None  # type: ignore[assignment]
    import sqlite_utils  # noqa: F401 (imported for its effect)

    del sys.modules["pandas"]
