"""Times as they are stored: UTC, ISO 8601, milliseconds, so that text order is time order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


def now_iso(back_seconds: float = 0.0) -> str:
    """The present (or `back_seconds` before it), e.g. `2026-01-31T09:05:07.123Z`."""
    return _text(datetime.now(UTC) - timedelta(seconds=back_seconds))


def iso_of(milliseconds: int) -> str:
    """An instant in milliseconds since 1970 (UTC). Raises ValueError or OverflowError beyond the year 9999."""
    return _text(datetime.fromtimestamp(milliseconds / 1000, UTC))


def now_seconds() -> int:
    """The present in whole seconds since 1970 (UTC)."""
    return int(datetime.now(UTC).timestamp())


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
