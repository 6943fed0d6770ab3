"""Writes a plan to a folder: first beside its place, then renamed, so that it appears whole or not at all.

The same items, seed and options give the same bytes: no clock, host, path or random id is written.
"""

from __future__ import annotations

import csv
import hashlib
import io
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Final

from pipeline.core.border import squared_share
from pipeline.core.durable import make_folder
from pipeline.core.errors import ExportError
from pipeline.core.messages import message
from pipeline.core.metrics import FaceFacts
from pipeline.export.attribution import NAME as ATTRIBUTION
from pipeline.export.attribution import attribution_bytes
from pipeline.export.card.readme import MARK
from pipeline.export.card.write import put_card
from pipeline.export.export import ExportPlan
from pipeline.export.formats.content import ExportRow, Picture, ReleaseContent, written_names
from pipeline.export.formats.registry import chosen as chosen_formats
from pipeline.export.formats.registry import folder_of
from pipeline.export.manifest import KNOWN_HEADERS, MANIFEST_HEADER
from pipeline.export.moves import placed
from pipeline.export.pictures import picture_of
from pipeline.export.place import clear_leftovers, flush, folder_held, new_folder, put_in_place
from pipeline.export.release.made_with import versions, weights
from pipeline.export.release.release_file import NAME as RELEASE
from pipeline.export.release.release_file import FileDigest, ReleaseFile, from_bytes
from pipeline.export.split import Split
from pipeline.export.tree import ReleaseWriter
from pipeline.files.blobs import storage_error

MANIFEST: Final = "manifest.csv"
_BESIDE: Final = frozenset({MANIFEST, "classes.txt", "README.md", ATTRIBUTION})


@dataclass(frozen=True, slots=True)
class Made:
    """The bytes of two files of a release: what it says of itself, and what it holds."""

    release: bytes
    manifest: bytes


@dataclass(frozen=True, slots=True)
class ExportReport:
    """What was written. files: pictures. digest: SHA-256, hex, of the manifest, which names each file's photo and
    crop."""

    out: Path
    files: int
    counts: Mapping[Split, Mapping[str, int]]
    digest: str
    made: Made


@dataclass(frozen=True, slots=True)
class ReleaseName:
    """Which release a plan becomes: its line, and its number in it, from 1; 0 for one of no workspace."""

    line: str
    number: int


Facts = Callable[[Sequence[ExportRow]], Sequence[FaceFacts]]


def no_facts(rows: Sequence[ExportRow]) -> list[FaceFacts]:
    """Where nothing is known beside the classes."""
    return [FaceFacts() for _ in rows]


_NAMELESS: Final = ReleaseName("", 0)


def write(
    chosen: ExportPlan,
    crop_path: Callable[[str], Path],
    out: Path,
    *,
    overwrite: bool = False,
    name: ReleaseName = _NAMELESS,
    like: ReleaseFile | None = None,
    facts: Facts = no_facts,
) -> ExportReport:
    """Write a plan to the folder `out`, whose parents are made; it appears whole or not at all.

    crop_path: from a face id to its PNG. overwrite: an earlier Moue export at `out` may be replaced. name: what
    release.json says of it. like: an earlier writing of it: what differs from that in one byte is not written.
    facts: of some rows, in their order.
    Raises ExportError (the plan has problems, or `out` holds something else) and StorageError.
    """
    if chosen.problems:
        raise ExportError(message("export_refused", problems=chosen.problems))
    out = out.absolute()
    try:
        make_folder(out.parent)
        with folder_held(out.parent):
            clear_leftovers(out)
            made = _write_in_place(chosen, crop_path, facts, out, name, like, overwrite=overwrite)
    except OSError as e:
        raise storage_error(e, str(out)) from e
    return ExportReport(out, len(chosen.rows), chosen.counts, hashlib.sha256(made.manifest).hexdigest(), made)


def _write_in_place(
    chosen: ExportPlan,
    crop_path: Callable[[str], Path],
    facts: Facts,
    out: Path,
    name: ReleaseName,
    like: ReleaseFile | None,
    *,
    overwrite: bool,
) -> Made:
    check_target(out, overwrite=overwrite)
    staging = new_folder(out, "new")
    try:
        made = _fill(chosen, crop_path, facts, staging, name, like)
        staging.chmod(0o755)
        put_in_place(staging, out, lambda lies_at: check_target(out, overwrite=overwrite, lies_at=lies_at))
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return made


def check_target(out: Path, *, overwrite: bool, lies_at: Path | None = None) -> None:
    """Refuse anything that is not free, an empty folder, or (with overwrite) an untouched Moue export.

    lies_at: where what was at `out` lies now.
    """
    name, out = out, lies_at or out
    if not out.exists() and not out.is_symlink():
        return
    if not out.is_dir() or out.is_symlink():
        raise ExportError(message("export_not_a_folder", out=name))
    if not any(out.iterdir()):
        return
    if not is_export(out):
        raise ExportError(message("export_folder_taken", out=name))
    if not overwrite:
        raise ExportError(message("export_is_there", out=name))
    present = {p.relative_to(out).as_posix() for p in out.rglob("*") if not p.is_dir()}
    if unexpected := sorted(present - _files_of(out)):
        raise ExportError(message("export_holds_unexpected", out=name, file=unexpected[0]))


def _files_of(out: Path) -> set[str]:
    """What an export says that it holds; earlier ones have no release.json."""
    if (out / RELEASE).is_file():
        return {RELEASE, *from_bytes((out / RELEASE).read_bytes(), out / RELEASE).files}
    with (out / MANIFEST).open(newline="", encoding="utf-8") as stream:
        return {row["file"] for row in csv.DictReader(stream)} | _BESIDE


def is_export(folder: Path) -> bool:
    """True where `folder` is a release that Moue wrote."""
    try:
        with (folder / "README.md").open(encoding="utf-8") as card, (folder / MANIFEST).open() as manifest:
            return card.readline().strip() == MARK and manifest.readline() in KNOWN_HEADERS
    except (OSError, UnicodeDecodeError):
        return False


def _fill(
    chosen: ExportPlan,
    crop_path: Callable[[str], Path],
    facts: Facts,
    root: Path,
    name: ReleaseName,
    like: ReleaseFile | None,
) -> Made:
    tree = ReleaseWriter(root)
    formats = chosen_formats(chosen.options.formats, chosen.split_plan.splits)
    for one in formats:
        folder = folder_of(one, formats)
        one.write(_content(chosen, crop_path, facts, tree, boxes=one.boxes), root / folder)
        tree.adopt(folder)
    manifest = manifest_bytes(chosen)
    tree.put(MANIFEST, manifest)
    attribution = attribution_bytes((row.file, row.item) for row in chosen.rows)
    if attribution is not None:
        tree.put(ATTRIBUTION, attribution)
    # The order in which ImageFolder numbers its classes.
    names = sorted(written_names(chosen.class_names, chosen.options.course_order).values())
    tree.put("classes.txt", "".join(f"{n}\n" for n in names).encode())
    version = (name.line, name.number)
    put_card(
        chosen, version, manifest, lambda row: picture_of(row.item, chosen.options.size, crop_path).data, tree.put,
        attribution=attribution is not None,
    )  # fmt: skip
    described_as = described(chosen, name)
    if like is not None:
        described_as = replace(described_as, versions=like.versions, models=like.models)
        _compare(tree.written, like)
    said = replace(described_as, files=dict(tree.written)).to_bytes()
    (root / RELEASE).write_bytes(said)
    flush(root)
    return Made(said, manifest)


def _content(
    chosen: ExportPlan, crop_path: Callable[[str], Path], facts: Facts, tree: ReleaseWriter, *, boxes: bool
) -> ReleaseContent:
    """What a format writes. boxes: landmarks are looked up for each picture."""

    def picture(row: ExportRow) -> Picture:
        points = facts([row])[0].landmarks if boxes else None
        return picture_of(row.item, chosen.options.size, crop_path, points)

    return ReleaseContent(
        chosen.rows, chosen.class_names, chosen.split_plan.splits, picture, facts,
        course_order=chosen.options.course_order, put=tree.put_at,
    )  # fmt: skip


def _compare(written: Mapping[str, FileDigest], like: ReleaseFile) -> None:
    """Raises ExportError where a file is not what it was."""
    other = sorted(path for path in written.keys() | like.files.keys() if written.get(path) != like.files.get(path))
    if other:
        name = f"{like.line} #{like.number}"
        raise ExportError(message("release_not_alike", name=name, n=len(other), file=other[0]))


def described(chosen: ExportPlan, name: ReleaseName) -> ReleaseFile:
    """What release.json says of a plan, before its files are there."""
    used = {(row.item.detector, row.item.landmark_model) for row in chosen.rows}
    agreed = chosen.agreed
    consensus = {"rule": agreed.rule, "words": agreed.words, "waiting": dict(agreed.waiting)}
    return ReleaseFile(
        name.line, name.number, agreed.head, consensus, chosen.options.params, chosen.split_plan.params,
        [asdict(one) for one in placed(chosen.moved)],  # of new photos nothing: once more they are none
        versions(), weights(used), {},
    )  # fmt: skip


def content_key(chosen: ExportPlan, line: str) -> str:
    """SHA-256, hex, of all that a release of the line is made of, but for what was moved: that tells of the one before.

    Of two that are alike the bytes are alike, once they tell of the same moves.
    """
    said = described(replace(chosen, moved=()), ReleaseName(line, 0)).to_bytes()
    attribution = attribution_bytes((row.file, row.item) for row in chosen.rows) or b""
    return hashlib.sha256(said + manifest_bytes(chosen) + attribution).hexdigest()


def manifest_bytes(chosen: ExportPlan) -> bytes:
    """`manifest.csv`: UTF-8, one row a file, sorted by file; pixels of the upright original. filled: the share of the
    file that is not photo."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    text.write(MANIFEST_HEADER)
    for row in chosen.rows:
        i = row.item
        box = (f"{v:.2f}" for v in (i.box.x1, i.box.y1, i.box.x2, i.box.y2))
        crop = (i.crop.x, i.crop.y, i.crop.width, i.crop.height, f"{i.crop.angle:g}")
        border = (i.border, f"{squared_share(i.filled, i.crop) if chosen.options.size else i.filled:.4f}")
        named = (row.file, row.split, i.label, i.face_id, i.image_sha256, i.group, i.detector)
        table.writerow([*named, *box, *crop, *border, chosen.agreed.rule, i.confirmed, i.landmark_model])
    return text.getvalue().encode()
