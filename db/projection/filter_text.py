"""A filter of Review as text: the parameters of its address, as hand-outs and saved views keep them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from db.projection import answer_pair, range_text, selections, suggestion_orders
from db.projection.filters import ReviewFilter
from pipeline.core.metrics import MISSING

RANGES: Final = "quality"
"""The parameter for ranges of metrics."""
OUTSIDE: Final = "outside"
"""The parameter for the faces that fall out of the ranges."""
DEFAULTS: Final = {"state": "undecided", "order": "import"}
"""What an address means that does not say it."""


def filter_of(params: Mapping[str, str]) -> ReviewFilter:
    """The filter that the parameters ask for; a number or a date that is none is left out."""
    ranges = range_text.parse(params.get(RANGES, ""))
    return ReviewFilter(
        state=params.get("state", DEFAULTS["state"]),
        source_id=_number(params.get("source", "")),
        proposal=_number(params.get("proposal", "")),
        order=params.get("order", DEFAULTS["order"]),
        ranges=ranges,
        outside=bool(ranges) and params.get(OUTSIDE) == "1",
        outcome=params.get("outcome"),
        annotator=params.get("annotator"),
        decided_from=minute_of(params.get("since", "")),
        decided_to=minute_of(params.get("until", "")),
        disagreement=params.get("disagreement") == "1",
        licence=params.get("licence"),
        notes=params.get("notes"),
        pair=answer_pair.parse(params.get("pair", "")),
        suggested=_number(params.get("suggested", "")),
        confidence=suggestion_orders.parse(params.get("confidence", "")),
        landmarks=params.get("landmarks"),
        selection=selections.parse(params.get("selection", "")),
        person=_number(params.get("person", "")),
    )


def minute_of(text: str) -> int | None:
    """Minutes since 1970 of an instant as the address says it (`2026-01-31T23:00Z`), None where it says none."""
    try:
        moment = datetime.fromisoformat(text)
        minute = int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() // 60)
    except (ValueError, OverflowError):
        return None
    return minute if 0 <= minute < MISSING else None


def minute_text(minute: int) -> str:
    """The text that `minute_of` reads: the same instant for every reader, whatever the zone."""
    return f"{datetime.fromtimestamp(minute * 60, UTC):%Y-%m-%dT%H:%MZ}"


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 16 else None
