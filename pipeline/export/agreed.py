"""How it came about what counts where several people answered: what an export says of its classes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final


@dataclass(frozen=True, slots=True)
class Agreed:
    """How it came about what counts. rule: the consensus rule in one word; words: in a few. waiting: faces that people
    answered and that have no consensus, by the reason: they stay out. head: `seq:hash` of the newest decision then."""

    rule: str = "latest"
    words: str = "the latest answer counts"
    waiting: Mapping[str, int] = field(default_factory=dict)
    head: str = ""


ALL_AGREED: Final = Agreed()
"""Of a workspace that never changed its rule."""
