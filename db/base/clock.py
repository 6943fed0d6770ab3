"""Times as they are stored: UTC, ISO 8601, milliseconds, so that text order is time order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


def now_iso(back_seconds: float = 0.0) -> str:
    """The present (or `back_seconds` before it), e.g. `2026-01-31T09:05:07.123Z`."""
    moment = datetime.now(UTC) - timedelta(seconds=back_seconds)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
