"""A filter as a script asks for it: the parameters of Review's address, where nothing is left out in silence."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from sqlite_utils.db import Database as Db

from db.projection import answer_pair, filter_text, range_text, suggestion_orders
from db.projection.filters import ReviewFilter
from db.tables.classes import list_classes
from db.tables.settings import suggestions_hidden
from db.team.pseudonyms import letters_for
from pipeline.core.errors import UsageError
from pipeline.core.messages import message
from pipeline.core.names import find_name
from pipeline.core.roles import Role

NAMES: Final = (
    "state", "order", "source", "proposal", "outcome", "annotator", "since", "until", "disagreement", "licence",
    "notes", "pair", "suggested", "confidence", filter_text.RANGES, filter_text.OUTSIDE,
)  # fmt: skip
"""What can be asked for; see `db.projection.filters.ReviewFilter` for what it means."""
DEFAULTS: Final = {"state": "all", "order": "import"}
"""A script that does not say wants every face."""
_CLASS: Final = "class:"
_FLAGS: Final = ("disagreement", filter_text.OUTSIDE)


def filter_for(db: Db, viewer: str, given: Mapping[str, str], role: Role | None = None) -> ReviewFilter:
    """The filter that these parameters ask for, as this person may ask it; classes by number or by name.

    role: what the viewer may do here, where that is less than their own role.

    Raises UsageError for a parameter or value that is none, for another person where names are hidden from the viewer,
    and for what folders propose where suggestions are hidden.
    """
    said = {**DEFAULTS, **{name: value for name, value in given.items() if value}}
    for name in said:
        if name not in NAMES:
            raise UsageError(message("filter_unknown", name=name, names=tuple(NAMES)))
    said = _with_class_numbers(db, said)
    _check_values(said)
    if said.get("annotator", viewer) != viewer and letters_for(db, viewer, role):
        raise UsageError(message("filter_names_hidden"))
    if ("proposal" in said or said["order"] == "proposal") and suggestions_hidden(db):
        raise UsageError(message("filter_proposals_hidden"))
    return filter_text.filter_of(said)


def _with_class_numbers(db: Db, said: Mapping[str, str]) -> dict[str, str]:
    numbers = {spec.name: spec.id for spec in list_classes(db, archived=True)}

    def number(text: str) -> str:
        if text.isdecimal():
            return text
        name = find_name(text, numbers)
        if name is None:
            raise UsageError(message("class_name_unknown", name=text, names=tuple(numbers)))
        return str(numbers[name])

    found = dict(said)
    if found["state"].startswith(_CLASS):
        found["state"] = _CLASS + number(found["state"].removeprefix(_CLASS))
    for name in ("proposal", "suggested"):
        if name in found:
            found[name] = number(found[name])
    return found


def _check_values(said: Mapping[str, str]) -> None:
    """What an address may say wrongly without harm would give a script other faces than it asked for."""
    readable: dict[str, Callable[[str], bool]] = {
        "source": lambda text: text.isascii() and text.isdecimal() and len(text) < 16,
        "proposal": lambda text: len(text) < 16,
        "suggested": lambda text: len(text) < 16,
        "since": lambda text: filter_text.minute_of(text) is not None,
        "until": lambda text: filter_text.minute_of(text) is not None,
        "pair": lambda text: answer_pair.parse(text) is not None,
        "confidence": lambda text: suggestion_orders.parse(text) is not None,
        filter_text.RANGES: lambda text: len(range_text.parse(text)) == len(text.split(",")),
        **dict.fromkeys(_FLAGS, lambda text: text in ("0", "1")),
    }
    for name, value in said.items():
        if name in readable and not readable[name](value):
            raise UsageError(message("filter_value", name=name, value=value))
