"""Whether the Face Landmarker is there, and what its file is: for pages and `status`."""

from __future__ import annotations

from dataclasses import dataclass

from models.landmarker import LANDMARKER, SIZE, is_installed
from models.weights import locate
from pipeline.core.errors import ModelError
from pipeline.core.messages import Message


@dataclass(frozen=True, slots=True)
class About:
    """installed: its package is there. problem: why it cannot be used all the same, None where it can. size: of its
    file, bytes. requirement: what to give to `pip install`."""

    installed: bool
    problem: Message | None
    size: int
    licence: str
    requirement: str


def about() -> About:
    """Its file is hashed once a process."""
    problem = None
    if is_installed():
        try:
            locate(LANDMARKER)
        except ModelError as e:
            problem = e.message
    return About(is_installed(), problem, SIZE, LANDMARKER.licence, LANDMARKER.requirement)
