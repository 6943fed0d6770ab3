"""What an import is asked, and what it came to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from pipeline.actions.ingest import IngestOptions
from pipeline.core.messages import Message

MOST_LISTED: Final = 1_000
"""Entries of each list that the page shows; the command line shows all."""


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """format: a name of `registry.READERS`, "" for what is recognised. line: the release line that the splits are
    placements of, "" for one called after the data set. mouths: pictures are mouth crops already. take_doubts: labels
    of near copies and of unknown faces are taken without a person's word. within: real paths of the folders that links
    in the data set may lead to, None for all."""

    annotator: str
    ingest: IngestOptions
    format: str = ""
    line: str = ""
    make_classes: bool = False
    mouths: bool = False
    take_doubts: bool = False
    within: tuple[str, ...] | None = None


@dataclass(slots=True)
class Imported:
    """What an import came to. labels: that the data set holds. matched: those whose picture was here already, by its
    bytes or as a release names it. added: photos that are new.

    unmatched: what was not taken, and why. decided: faces of which a person said otherwise. doubts: why labels wait for
    a person. notes: what was taken, and should be known. made: classes that were made.

    Each label is counted once: `labels` are `saved`, `repeats`, `not_taken`, `waiting`, `left` (a person left them when
    they came before) and one for each of `decided`.
    """

    format: str
    line: str
    labels: int = 0
    matched: int = 0
    added: int = 0
    saved: int = 0
    repeats: int = 0
    placed: int = 0
    not_taken: int = 0
    waiting: int = 0
    left: int = 0
    made: tuple[str, ...] = ()
    unmatched: list[Message] = field(default_factory=list)
    decided: list[Message] = field(default_factory=list)
    doubts: list[Message] = field(default_factory=list)
    notes: list[Message] = field(default_factory=list)

    def as_json(self, most: int | None = None) -> dict[str, Any]:
        """most: entries of each list, None for all. Messages as their code, parameters and English text."""
        lists = {"unmatched": self.unmatched, "decided": self.decided, "doubts": self.doubts, "notes": self.notes}
        told: dict[str, Any] = {name: [_told(one) for one in found[:most]] for name, found in lists.items()}
        told |= {f"{name}_n": len(found) for name, found in lists.items()}
        numbers = (
            "format", "line", "labels", "matched", "added", "saved", "repeats", "placed", "not_taken", "waiting",
            "left",
        )  # fmt: skip
        return {**{name: getattr(self, name) for name in numbers}, "made": list(self.made), **told}


def _told(one: Message) -> dict[str, Any]:
    return {"code": one.code, "params": one.json_params(), "text": str(one)}
