"""What differs between two releases, face by face, as their manifests tell it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pipeline.core.errors import ExportError
from pipeline.core.messages import message
from pipeline.export.release.release_file import NAME, ReleaseFile, opened, read

MANIFEST: Final = "manifest.csv"
PICTURE_OPTIONS: Final = ("size", "content", "encoding", "jpeg_quality", "margin", "level_eyes", "grey")
"""The options that shape the pixels and bytes of every picture."""
_CUT: Final = ("crop_x", "crop_y", "crop_width", "crop_height")


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
    both = sorted(old.keys() & new.keys())
    same_shape = before.shape == after.shape

    def changed(differs: Callable[[ReleasedFace, ReleasedFace], bool]) -> tuple[Change, ...]:
        return tuple(Change(old[face], new[face]) for face in both if differs(old[face], new[face]))

    return Differences(
        tuple(new[face] for face in sorted(new.keys() - old.keys())),
        tuple(old[face] for face in sorted(old.keys() - new.keys())),
        changed(lambda one, other: one.label != other.label),
        changed(lambda one, other: one.split != other.split),
        changed(lambda one, other: _is_recropped(one, other, same_shape=same_shape)),
    )


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
    shape = "" if said is None else json.dumps({one: said.options.get(one) for one in PICTURE_OPTIONS}, sort_keys=True)
    return ReleaseContent(name, shape, faces)


def _faces(manifest: bytes, said: ReleaseFile | None) -> Iterator[ReleasedFace]:
    """One after the other, what many have in common held once: all rows as dictionaries take twice the memory and
    time. Raises UnicodeDecodeError, KeyError, IndexError, csv.Error."""
    table = csv.reader(io.TextIOWrapper(io.BytesIO(manifest), "utf-8-sig", newline=""))  # StringIO holds it fourfold
    at = {name: number for number, name in enumerate(next(table, []))}
    once: dict[str, str] = {}
    for row in filter(None, table):
        file, sha, label, split = (row[at[name]] for name in ("file", "image_sha256", "class", "split"))
        digest = said.files.get(file) if said is not None else None
        angle = row[at["crop_angle"]] if "crop_angle" in at else ""
        cut = ":".join([*(row[at[name]] for name in _CUT), angle or "0"])
        yield ReleasedFace(
            row[at["face_id"]], once.setdefault(sha, sha), once.setdefault(label, label), once.setdefault(split, split),
            file, once.setdefault(cut, cut), "" if digest is None else digest.sha256,
        )  # fmt: skip


def read_content(place: Path) -> ReleaseContent:
    """Of the release in a folder or a zip; also of one that an earlier Moue wrote, without release.json.

    Raises ExportError.
    """
    with opened(place) as tree:
        if MANIFEST not in tree.paths:
            raise ExportError(message("release_not_there", place=str(place)))
        said = read(tree) if NAME in tree.paths else None
        return content_of(str(place), tree.read(MANIFEST), said)
