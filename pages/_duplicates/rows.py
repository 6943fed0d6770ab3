"""What the component is told of each group: plain JSON, words instead of bits."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

from db.duplicates.conflicts import LabelConflict
from db.duplicates.groups import DuplicateGroup, Member, MemberFace
from db.duplicates.not_duplicates import NotDuplicatePair
from db.reads.details import ImageInfo
from pages import _ui
from pages._words import count, mark, recorded, t, vocabulary
from pages._words.locations import split_location

MOST_SHOWN: Final = 100
"""Photos of one group on the screen at once; of a larger group the rest comes when these are decided on."""
SAME_BITS: Final = (16, 12)
"""Up to so many of 256 bits of the pHash and the dHash differ where a copy was only resized or encoded again."""
_AREA: Final = 0.05
_SHAPE: Final = 0.02
_VIEWS: Final = {"mirror": mark("mirrored"), "centre": mark("its middle")}


def group(found: DuplicateGroup) -> dict[str, Any]:
    """One group, the keeper first; of a very large one the photos that still have a face to decide on."""
    keeper, *others = found.members
    others.sort(key=lambda member: all(face.verdict == "reject" for face in member.faces))  # a stable sort
    shown = [keeper, *others][:MOST_SHOWN]
    title = count(len(found.members), "photo")
    if len(shown) < len(found.members):
        title = t("{n} of {photos}", n=len(shown), photos=title)
    if not found.keeper:
        title = t("{photos}: {why}", photos=title, why=recorded.translate(found.reason))
    return {
        "title": title,
        "keeper": found.keeper,
        "reason": recorded.translate(found.reason),
        "apart": False,
        "members": [_member(member, keeper) for member in shown],
        "conflicts": conflicts(found.conflicts),
    }


def not_duplicate_pair(pair: NotDuplicatePair) -> dict[str, Any]:
    """Two photos that somebody said are not the same, in the shape of a group."""
    one, other = (_stored(image, pair) for image in (pair.a, pair.b))
    return {
        "title": t("Not the same, said {who} {when}", who=pair.annotator, when=_ui.format_time(pair.at)).strip(),
        "keeper": one.sha256,
        "reason": "",
        "apart": True,
        "members": [_member(one, one), _member(other, one)],
        "conflicts": [],
    }


def conflicts(found: Sequence[LabelConflict]) -> list[list[str]]:
    """The ids of the copies of one face, for each face that carries different labels: pairs joined to sets."""
    sets: list[set[str]] = []
    for pair in found:
        joined = {pair.one.face_id, pair.other.face_id}
        distinct = [one for one in sets if not one & joined]
        for one in sets:
            joined |= one if one & joined else set()
        sets = [*distinct, joined]
    return sorted(sorted(one) for one in sets)


def _stored(image: ImageInfo, pair: NotDuplicatePair) -> Member:
    faces = tuple(
        MemberFace(face.face_id, version, state.verdict, state.class_id, state.reason, face.quality, state.decision)
        for face, version in zip(image.faces, image.crop_versions, strict=True)
        if (state := pair.states.get(face.face_id)) is not None
    )
    return Member(
        image.sha256, image.width, image.height, image.format, image.locations[0], image.source_kind,
        pair.phash, pair.dhash, faces, files=len(image.locations),
    )  # fmt: skip


def _member(member: Member, keeper: Member) -> dict[str, Any]:
    folder, name = split_location(member.location)
    return {
        "sha": member.sha256,
        "name": name,
        "folder": folder,
        "width": member.width,
        "height": member.height,
        "format": member.format,
        "source": _source(member.source_kind),
        "files": "" if member.files < 2 else count(member.files, "file"),
        "relation": relation(member, keeper),
        "bits": [member.phash, member.dhash],
        "faces": [_face(face) for face in member.faces],
    }


def _source(kind: str) -> str:
    note = vocabulary.SOURCE_NOTE_WORDS.get(kind)
    return t(note) if note else t(vocabulary.SOURCE_KIND_WORDS.get(kind, kind)).lower()


def _face(face: MemberFace) -> dict[str, Any]:
    return {
        "id": face.face_id,
        "v": face.crop_version,
        "verdict": face.verdict,
        "class_id": face.class_id,
        "reason": face.reason,
        "decision": face.decision,
        "side": None if face.quality is None else round(face.quality.side),
    }


def relation(member: Member, keeper: Member) -> str:
    """How a copy differs from the keeper, in words; "" for the keeper itself."""
    if member.sha256 == keeper.sha256:
        return ""
    same = member.phash <= SAME_BITS[0] and member.dhash <= SAME_BITS[1]
    words = [t("same photo") if same else t("nearly the same photo")]
    shape = math.log((member.width / member.height) / (keeper.width / keeper.height))
    area = math.log((member.width * member.height) / (keeper.width * keeper.height))
    if member.view in _VIEWS:
        words.append(t(_VIEWS[member.view]))
    if abs(shape) > _SHAPE:
        words.append(t("cut to another shape"))
    if abs(area) > _AREA:
        words.append(t("smaller") if area < 0 else t("larger"))
    elif abs(shape) <= _SHAPE:
        words.append(t("same size"))
    if member.format != keeper.format:
        words.append(t("as {format}", format=member.format))
    return _ui.join_words(words)
