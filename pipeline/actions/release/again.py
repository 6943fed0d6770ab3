"""A release made once more: its labels are worked out from the log at its head, and the bytes must be those of then."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from db.reads.export_items import KnownFace, known_faces
from db.store.past_labels import REJECTED, UNSURE, Past, labels_at
from db.store.store import Store
from db.tables import releases
from db.tables.releases import ReleaseRow
from pipeline.actions.release.copied import copy_release, whole_writing
from pipeline.actions.release.cutter import cutter
from pipeline.actions.release.facts import Votes, facts_of
from pipeline.actions.release.kept import find, kept
from pipeline.core.errors import ExportError
from pipeline.core.geometry import DLIB, MESH, BoundingBox, CropBox
from pipeline.core.messages import message
from pipeline.core.records import ExportItem
from pipeline.export.agreed import Agreed
from pipeline.export.export import ExportPlan
from pipeline.export.formats.content import ExportRow
from pipeline.export.options import ExportOptions
from pipeline.export.release.release_file import ReleaseFile, from_bytes
from pipeline.export.split import Moved, SplitPlan
from pipeline.export.write import ExportReport, Made, ReleaseName, write
from pipeline.files.blobs import BlobStore


def make_again(store: Store, name: str, out: Path) -> ExportReport:
    """Write the release `name` (`line#number`, or the newest of a line) to the folder `out` once more.

    Where crops or figures were made anew since, it is copied from a writing of it that is whole. Raises ExportError
    where its bytes cannot be had any more: the log at its head says something else, faces are gone, or there is no such
    writing. StorageError.
    """
    row = find(store, name)
    held = kept(store, row)
    said = from_bytes(held.release, row.title)
    labels = [(one["face_id"], one["class"]) for one in _rows(held.manifest)]
    faces = store.read(lambda db: known_faces(db, [face for face, _ in labels]))
    gone = [face for face, _ in labels if face not in faces]
    if gone:
        raise ExportError(message("release_face_gone", name=row.title, n=len(gone), face=gone[0]))
    past = _past(store, row, said, labels, held.classes)
    blobs = BlobStore(store.root)
    plan = planned(said, held.manifest, faces)
    try:
        return write(
            plan, lambda face: blobs.path("crops", face, "png"), out,
            name=ReleaseName(said.line, said.number), like=said,
            facts=facts_of(store, votes_of(past, held.classes)), cut_all=cutter(store.root),
        )  # fmt: skip
    except ExportError as e:  # something was measured or cut anew since
        place = whole_writing(store, row, held) if e.message.code == "release_not_alike" else None
        if place is None:
            raise
    copy_release(place, out)
    made = Made(held.release, held.manifest)
    return ExportReport(out.absolute(), len(labels), plan.counts, row.digest, made)


def _rows(manifest: bytes) -> Iterator[dict[str, str]]:
    """One after the other: all of them as dictionaries take ten times the manifest's memory."""
    table = csv.reader(io.TextIOWrapper(io.BytesIO(manifest), "utf-8", newline=""))  # StringIO holds it fourfold
    names = next(table)
    return (dict(zip(names, row, strict=True)) for row in table)


def _past(
    store: Store, row: ReleaseRow, said: ReleaseFile, labels: Sequence[tuple[str, str]], classes: Mapping[str, int]
) -> Past:
    """What the log says at the release's head. labels: each face with its class. Raises ExportError where the log gives
    others."""
    seq = store.read(lambda db: releases.seq_of_head(db, said.head))
    if seq is None:
        raise ExportError(message("release_head_gone", name=row.title, head=said.head[:24]))
    past = labels_at(store.root, seq, row.created_at)
    for face, label in labels:
        if past.labels.get(face) != classes.get(label):
            raise ExportError(message("release_log_differs", name=row.title, head=said.head[:24], face=face))
    return past


def votes_of(past: Past, classes: Mapping[str, int]) -> Votes:
    """By face, as `FaceFacts` has them. classes: the ids by the names of then."""
    names = {number: name for name, number in classes.items()} | {REJECTED: "reject", UNSURE: "unsure"}
    return {
        face: tuple(sorted((names.get(answer, str(answer)), number) for answer, number in votes.items()))
        for face, votes in past.votes.items()
    }


def planned(said: ReleaseFile, manifest: bytes, faces: Mapping[str, KnownFace]) -> ExportPlan:
    """The plan as it was: from its manifest and its own words, with what the workspace knows of its photos."""
    options = ExportOptions.from_params(said.options)
    made = tuple(
        ExportRow(
            one["file"], one["split"], _item(one, faces[one["face_id"]], rejected=one["class"] == options.rejects_as)
        )
        for one in _rows(manifest)
    )
    split_plan = SplitPlan.of(**said.split)
    names = tuple(sorted({one.item.label for one in made}))
    counts = {split: Counter(dict.fromkeys(names, 0)) for split in split_plan.splits}
    for one in made:
        counts[one.split][one.item.label] += 1
    agreed = Agreed(said.consensus["rule"], said.consensus["words"], said.consensus["waiting"], said.head)
    moved = tuple(Moved(**{**one, "classes": tuple(one["classes"])}) for one in said.moved)
    return ExportPlan(made, names, split_plan, counts, (), options, agreed=agreed, moved=moved)


def _item(row: Mapping[str, str], face: KnownFace, *, rejected: bool) -> ExportItem:
    box = BoundingBox(*(float(row[f"box_{side}"]) for side in ("x1", "y1", "x2", "y2")))
    x, y, width, height = (int(row[f"crop_{one}"]) for one in ("x", "y", "width", "height"))
    cut = CropBox(x, y, width, height, float(row["crop_angle"]))
    return ExportItem(
        row["face_id"], row["image_sha256"], row["group"], row["class"], "", row["detector"], box, cut,
        face.crop_version, face.location, face.provenance, face.border, face.filled, row["confirmed"],
        MESH if row.get("landmarks") == MESH else DLIB, width=face.width, height=face.height, margin=face.margin,
        upright=face.upright, original=face.original, person=row.get("person", ""), rejected=rejected,
    )  # fmt: skip
