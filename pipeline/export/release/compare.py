"""What differs between two releases, face by face, as their manifests tell it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from operator import itemgetter
from typing import Final

from pipeline.core.errors import ExportError
from pipeline.core.messages import message
from pipeline.export.release.release_file import ReleaseFile

MANIFEST: Final = "manifest.csv"
PICTURE_OPTIONS: Final = ("size", "content", "encoding", "jpeg_quality", "margin", "level_eyes", "grey", "fits")
"""The options that shape the pixels and bytes of every picture."""
_FACE: Final = ("file", "image_sha256", "class", "split", "face_id")
_CUT: Final = ("crop_x", "crop_y", "crop_width", "crop_height")
NEEDED: Final = frozenset((*_FACE, *_CUT))
"""The columns without which a manifest cannot be read."""


@dataclass(frozen=True, slots=True)
class ReleasedFace:
    """A face in a release. label: its class. cut: where it was cut from its photo. digest: SHA-256 of its file, ""
    where that is not told."""

    face_id: str
    image_sha256: str
    label: str
    split: str
    file: str
    cut: str
    digest: str


@dataclass(frozen=True, slots=True)
class ReleaseContent:
    """What a release holds, by face id. name: as it is shown. shape: what shapes every picture of it alike: where two
    releases differ in that, not each of their faces is told as cropped anew."""

    name: str
    shape: str
    faces: Mapping[str, ReleasedFace]


@dataclass(frozen=True, slots=True)
class Change:
    """One face in both releases."""

    before: ReleasedFace
    after: ReleasedFace


@dataclass(frozen=True, slots=True)
class Differences:
    """What changed from one release to the other, each sorted by face id. A face may be in more than one of the last
    three."""

    added: tuple[ReleasedFace, ...]
    removed: tuple[ReleasedFace, ...]
    relabelled: tuple[Change, ...]
    moved: tuple[Change, ...]
    recropped: tuple[Change, ...]

    @property
    def counts(self) -> dict[str, int]:
        return {
            "added": len(self.added), "removed": len(self.removed), "relabelled": len(self.relabelled),
            "moved": len(self.moved), "recropped": len(self.recropped),
        }  # fmt: skip


def differences(before: ReleaseContent, after: ReleaseContent) -> Differences:
    """What changed from `before` to `after`."""
    old, new = before.faces, after.faces
    same_shape = before.shape == after.shape
    relabelled, moved, recropped = list[Change](), list[Change](), list[Change]()
    for face in sorted(old.keys() & new.keys()):
        one, other = old[face], new[face]
        if one.label != other.label:
            relabelled.append(Change(one, other))
        if one.split != other.split:
            moved.append(Change(one, other))
        if _is_recropped(one, other, same_shape=same_shape):
            recropped.append(Change(one, other))
    return Differences(
        tuple(new[face] for face in sorted(new.keys() - old.keys())),
        tuple(old[face] for face in sorted(old.keys() - new.keys())),
        tuple(relabelled), tuple(moved), tuple(recropped),
    )  # fmt: skip


def _is_recropped(before: ReleasedFace, after: ReleasedFace, *, same_shape: bool) -> bool:
    if before.digest and after.digest and same_shape:
        return before.digest != after.digest
    return before.cut != after.cut


def content_of(name: str, manifest: bytes, said: ReleaseFile | None) -> ReleaseContent:
    """From a manifest's bytes; said: the release.json beside it, if there is one. Raises ExportError."""
    try:
        faces = {face.face_id: face for face in _faces(manifest, said)}
    except (UnicodeDecodeError, KeyError, IndexError, csv.Error) as e:
        raise ExportError(message("release_unreadable", place=f"{name}/{MANIFEST}")) from e
    return ReleaseContent(name, shape_of(said), faces)


def shape_of(said: ReleaseFile | None) -> str:
    """What shapes every picture of a release alike; "" where it is not told."""
    return "" if said is None else json.dumps({one: said.options.get(one) for one in PICTURE_OPTIONS}, sort_keys=True)


def _faces(manifest: bytes, said: ReleaseFile | None) -> Iterator[ReleasedFace]:
    """One after the other, what many have in common held once: all rows as dictionaries take twice the memory and
    time. Raises UnicodeDecodeError, KeyError, IndexError, csv.Error."""
    table = csv.reader(io.TextIOWrapper(io.BytesIO(manifest), "utf-8-sig", newline=""))  # StringIO holds it fourfold
    at = {name: number for number, name in enumerate(next(table, []))}
    turned = "crop_angle" in at
    pick = itemgetter(*(at[name] for name in (*_FACE, *_CUT, *(("crop_angle",) if turned else ()))))
    once = dict[str, str]().setdefault
    files = {} if said is None else said.files
    for row in filter(None, table):
        file, sha, label, split, face, *place = pick(row)
        if not turned:
            place.append("0")
        cut = ":".join(place) if place[-1] else ":".join(place) + "0"
        digest = files.get(file)
        yield ReleasedFace(
            face, once(sha, sha), once(label, label), once(split, split), file, once(cut, cut),
            "" if digest is None else digest.sha256,
        )  # fmt: skip
