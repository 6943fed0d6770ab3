"""Which of the accepted faces leave: what people agree on, at most so many of a class, as many of each."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, Final

from pipeline.core.records import ExportItem
from pipeline.export.selecting.chosen_by import ChosenBy
from pipeline.export.selecting.difference import Figures, most_different


@dataclass(frozen=True, slots=True)
class Selection:
    """What leaves. min_agreement: the least share of a face's answers that say what counts, 0 to 1; a face without
    answers of people has none and stays out where it is above 0. at_most: faces of a class, None for all. balance: of
    each class as many as the smallest has. by: which stay where that is fewer, for example those that differ most; of
    equal ones chance decides, which is the same in every workspace and moves with the seed of the split. people_only:
    what people decided face by face, no rule's answer, none that a page confirmed and none for an unseen face.
    only_seen: none that was given to a page at once while its face had not been on the screen."""

    min_agreement: float = 0.0
    at_most: int | None = None
    balance: bool = False
    by: ChosenBy = "chance"
    people_only: bool = False
    only_seen: bool = False

    @property
    def params(self) -> dict[str, Any]:
        """What differs from the usual, as a release's options keep it."""
        return {one.name: said for one in fields(self) if (said := getattr(self, one.name)) != one.default}


ALL: Final = Selection()
_RULE: Final = "rule:"
"""What the names of rules begin with, and no person's."""


@dataclass(frozen=True, slots=True)
class Selected:
    """items: in their order. disagreed, surplus: how many stay out, for one reason and for the other."""

    items: Sequence[ExportItem]
    disagreed: int
    surplus: int


def is_seen(item: ExportItem, wanted: Selection) -> bool:
    """Whether its face had been on the screen, where that is wanted."""
    return not ((wanted.only_seen or wanted.people_only) and item.off_screen)


def is_by_people(item: ExportItem) -> bool:
    """Whether a person gave this answer to this very face."""
    return not item.confirmed and not item.annotator.startswith(_RULE)


def select(items: Sequence[ExportItem], wanted: Selection, seed: int, figures: Figures | None = None) -> Selected:
    """The faces that leave. figures: needed where those that differ most are wanted. By chance or sharpness a face's
    place in the draw depends on itself and the seed alone: another face that comes in takes at most one from its class.
    """
    agreed = [item for item in items if not wanted.min_agreement or (item.agreement or 0.0) >= wanted.min_agreement]
    by_class: dict[str, list[ExportItem]] = defaultdict(list)
    for item in agreed:
        by_class[item.label].append(item)
    most = [wanted.at_most] if wanted.at_most is not None else []
    if wanted.balance and by_class:
        most.append(min(map(len, by_class.values())))
    if not most:
        return Selected(agreed, len(items) - len(agreed), 0)
    kept = {face for of_class in by_class.values() for face in _kept(of_class, min(most), wanted, seed, figures)}
    left = [item for item in agreed if item.face_id in kept]
    return Selected(left, len(items) - len(agreed), len(agreed) - len(left))


def _kept(
    of_class: Sequence[ExportItem], most: int, wanted: Selection, seed: int, figures: Figures | None
) -> list[str]:
    ordered = [item.face_id for item in sorted(of_class, key=lambda one: _place(one, wanted.by, seed))]
    return most_different(ordered, figures or {}, most) if wanted.by == "difference" else ordered[:most]


def _place(item: ExportItem, by: ChosenBy, seed: int) -> tuple[float, bytes]:
    """Lower leaves first."""
    chance = hashlib.sha256(f"{seed}:{item.face_id}".encode()).digest()
    return -(item.sharpness or 0.0) if by == "sharpness" else 0.0, chance
