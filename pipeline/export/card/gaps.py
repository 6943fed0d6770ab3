"""What a release is short of: what whoever trains with it should know first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pipeline.core.names import UNKNOWN_LICENCE
from pipeline.export.card.facts import CardFacts

FEW: Final = 20
"""Faces of a class in a split below which what is measured on them is worth little."""
_UNBALANCED: Final = 5
_LARGE_PART: Final = 0.5


def known_gaps(counts: Mapping[str, Mapping[str, int]], facts: CardFacts) -> tuple[str, ...]:
    """In sentences. counts: files by split and class."""
    said = [*_small(counts), *_unbalanced(counts), *_one_sided(facts), *_doubtful(facts)]
    return (*said, "Of the people nothing else was recorded: how age, sex or looks are spread is not known.")


def _small(counts: Mapping[str, Mapping[str, int]]) -> list[str]:
    few = [f"{name} ({n} in {split})" for split, of in counts.items() for name, n in sorted(of.items()) if n < FEW]
    return [f"Fewer than {FEW} faces: {', '.join(few)}."] if few else []


def _unbalanced(counts: Mapping[str, Mapping[str, int]]) -> list[str]:
    names = sorted({name for of in counts.values() for name in of})
    each = {name: sum(of.get(name, 0) for of in counts.values()) for name in names}
    if not each or max(each.values()) < _UNBALANCED * max(1, min(each.values())):
        return []
    most, least = max(each, key=each.__getitem__), min(each, key=each.__getitem__)
    return [f"Unbalanced: {each[most]:,} of {most}, {each[least]:,} of {least}."]


def _one_sided(facts: CardFacts) -> list[str]:
    website, n = facts.websites[0] if facts.websites else ("", 0)
    if facts.photos and n > _LARGE_PART * facts.photos:
        return [f"{n:,} of {facts.photos:,} photos are from {website}."]
    return []


def _doubtful(facts: CardFacts) -> list[str]:
    said = []
    if facts.confirmed:
        said.append(f"{facts.confirmed:,} classes were confirmed by page, not face by face.")
    if facts.filled:
        said.append(f"Of {facts.filled:,} crops at least a tenth is not photo (column `filled`).")
    if unknown := dict(facts.licences).get(UNKNOWN_LICENCE):
        said.append(f"Of {unknown:,} of {facts.photos:,} photos no licence is known.")
    return said
