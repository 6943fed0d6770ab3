"""Filters and orders of Review by what is suggested."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

import numpy as np
import numpy.typing as npt

from db.projection.columns import Column, Faces
from db.projection.suggestions import CONFIDENCE
from pipeline.core.errors import UsageError
from pipeline.core.messages import message
from pipeline.core.metrics import MISSING

UNCERTAIN: Final = "uncertain"
"""The order that shows first where the suggested class leads least before the next one."""
RANDOM: Final = "random"
"""A shuffled order, the same for everybody and every page."""
MIX: Final = "mix"
"""The order of batches for labelling with suggestions: three quarters most uncertain, one quarter drawn at random."""
TYPICAL: Final = "typical:"
"""Prefix of the order that shows the most typical of a class first; its id follows."""
TELLING: Final = ("suggested", "confidence")
"""The parameters of Review's address that tell of suggestions."""
_TYPICAL: Final = re.compile(re.escape(TYPICAL) + r"([1-9][0-9]{0,8})")
_FUZZ: Final = 1e-6
_ODD: Final = (0x45D9F3B, 16)

Confidence = tuple[float | None, float | None]
"""Probability of the suggested class, 0 to 1: low and high end, both included, None is open."""


def is_suggestion_order(order: str) -> bool:
    """Whether an order is one of this module's."""
    return order in (UNCERTAIN, RANDOM, MIX) or _TYPICAL.fullmatch(order) is not None


def tells_class(order: str) -> bool:
    """Whether an order shows which class is suggested."""
    return order.startswith(TYPICAL)


def without(query: Mapping[str, str]) -> dict[str, str]:
    """The parameters of an address without those that would tell which class is suggested for which face."""
    return {name: said for name, said in query.items() if name not in TELLING and not tells_class(said)}


def ranks(faces: Faces, order: str, seqs: npt.NDArray[np.intp]) -> Column:
    """The rank of these faces in an order of this module, the least first, MISSING last. Raises UsageError."""
    typical = _TYPICAL.fullmatch(order)
    if typical:
        values = faces.class_probability(int(typical[1]))[seqs]
        return np.where(values == MISSING, np.int32(MISSING), -values)
    if order == RANDOM:
        return _shuffled(seqs)
    if order in (UNCERTAIN, MIX):
        return faces.column("margin")[seqs]
    raise UsageError(message("filter_order", order=order, names=(UNCERTAIN, RANDOM, MIX, TYPICAL)))


def within(faces: Faces, ends: Confidence) -> npt.NDArray[np.bool_]:
    """Which faces have a suggestion of such a probability."""
    low, high = ends
    values = faces.column("confidence")
    found: npt.NDArray[np.bool_] = values != MISSING
    if low is not None:
        found &= values >= int(np.ceil(np.clip(low, -1, 2) * CONFIDENCE - _FUZZ))
    if high is not None:
        found &= values <= int(np.floor(np.clip(high, -1, 2) * CONFIDENCE + _FUZZ))
    return found


def parse(text: str) -> Confidence | None:
    """A range as the address says it, `0.5:0.9`, one end may be empty; None where it says none."""
    low, colon, high = text.partition(":")
    ends = (_share(low), _share(high))
    return ends if colon and ends != (None, None) else None


def text_of(ends: Confidence) -> str:
    """The text that `parse` reads."""
    return ":".join("" if end is None else f"{end:.6g}" for end in ends)


def _share(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if 0 <= value <= 1 else None


def _shuffled(seqs: npt.NDArray[np.intp]) -> Column:
    """A number from 0 to 2^31 for each seq that looks random (the finaliser of a 32-bit hash by T. Mueller)."""
    factor, shift = _ODD
    found = seqs.astype(np.uint32)
    for _ in range(2):
        found = (found ^ (found >> np.uint32(shift))) * np.uint32(factor)
    return ((found ^ (found >> np.uint32(shift))) & np.uint32(0x7FFFFFFE)).astype(np.int32)
