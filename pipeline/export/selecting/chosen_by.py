"""By what the faces of a class are chosen where not all leave; a leaf, as the command line reads it first of all."""

from __future__ import annotations

from typing import Final, Literal

ChosenBy = Literal["chance", "sharpness", "difference"]
CHOSEN_BY: Final[tuple[ChosenBy, ...]] = ("chance", "sharpness", "difference")
