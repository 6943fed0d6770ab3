"""The sections of the Suggestions page, in their order; each is shown to those whose role may do its action."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from pages._suggest import models, scores, slips
from pages._words import mark
from pipeline.core.roles import Action, Role, may


@dataclass(frozen=True, slots=True)
class Section:
    """slug: in the address (`?section=scores`). show: draws it for the annotator whose name it gets."""

    slug: str
    title: str
    show: Callable[[str], None]
    action: Action


SECTIONS: Final = (
    Section("scores", mark("Scores"), scores.show, "see"),
    Section("slips", mark("Possible slips"), slips.show, "label"),
    Section("models", mark("Models"), models.show, "see"),
)


def offered(role: Role) -> dict[str, Section]:
    """By slug, what somebody of this role may open."""
    return {one.slug: one for one in SECTIONS if may(role, one.action)}
