"""What a page shows of two releases compared: how many faces differ in what, and some of them with their pictures.

Two of 100,000 faces are compared beside a server (`pipeline.actions.release.beside`); this is what comes back.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pipeline.export.release.compare import Change, Differences, ReleasedFace
from pipeline.export.release.pictures import small_pictures

SIZE: Final = 24
"""Faces on a page."""
_SIDE: Final = 96


@dataclass(frozen=True, slots=True)
class ShownFace:
    """A face as a release has it. file: its name. picture: JPEG; empty where it is not there any more."""

    file: str
    split: str
    label: str
    picture: bytes


Sides = tuple[ShownFace | None, ShownFace | None]
"""A face as the one and as the other release has it; None where that has not."""


@dataclass(frozen=True, slots=True)
class DifferencesPage:
    """counts: faces by kind, as in `Differences`. kind: of the rows, "" where nothing differs. page: from 1."""

    counts: Mapping[str, int]
    kind: str
    page: int
    rows: tuple[Sides, ...]


def pages_of(number: int) -> int:
    """On how many pages so many faces are shown, at least one."""
    return max(1, -(-number // SIZE))


def page_of(changed: Differences, before: Path, after: Path, kind: str, page: int) -> DifferencesPage:
    """Some of what differs. before, after: where the releases lie, or lay.

    kind: where none differs so, the first kind in which some do is taken. page: the last one where there are fewer.
    """
    counts = changed.counts
    if not counts.get(kind):
        kind = next((one for one, number in counts.items() if number), "")
    changes: Sequence[ReleasedFace | Change] = getattr(changed, kind) if kind else ()
    page = max(1, min(page, pages_of(len(changes))))
    some = [_sides(kind, one) for one in changes[(page - 1) * SIZE : page * SIZE]]
    old = small_pictures(before, [one for one, _ in some if one is not None], _SIDE)
    new = small_pictures(after, [one for _, one in some if one is not None], _SIDE)
    return DifferencesPage(counts, kind, page, tuple((_shown(one, old), _shown(other, new)) for one, other in some))


def _sides(kind: str, change: ReleasedFace | Change) -> tuple[ReleasedFace | None, ReleasedFace | None]:
    if isinstance(change, Change):
        return change.before, change.after
    return (None, change) if kind == "added" else (change, None)


def _shown(face: ReleasedFace | None, pictures: Mapping[str, bytes]) -> ShownFace | None:
    if face is None:
        return None
    return ShownFace(face.file.rpartition("/")[2], face.split, face.label, pictures.get(face.face_id, b""))


def to_json(shown: DifferencesPage) -> dict[str, Any]:
    """`from_json` makes an equal one."""
    rows = [[_face_to_json(one) for one in sides] for sides in shown.rows]
    return {"counts": dict(shown.counts), "kind": shown.kind, "page": shown.page, "rows": rows}


def from_json(said: Mapping[str, Any]) -> DifferencesPage:
    """Raises KeyError, TypeError and ValueError for what is none."""
    rows = tuple((_face(before), _face(after)) for before, after in said["rows"])
    return DifferencesPage(dict(said["counts"]), str(said["kind"]), int(said["page"]), rows)


def _face_to_json(face: ShownFace | None) -> list[str] | None:
    if face is None:
        return None
    return [face.file, face.split, face.label, base64.b64encode(face.picture).decode()]


def _face(said: Sequence[str] | None) -> ShownFace | None:
    if said is None:
        return None
    file, split, label, picture = said
    return ShownFace(file, split, label, base64.b64decode(picture))
