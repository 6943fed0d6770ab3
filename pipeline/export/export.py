"""Writes accepted faces to `{train,val}/<class>/<file>`: planned in memory, written to a temporary folder, renamed.

The same items, seed and options give the same bytes: no clock, host, path or random id is written.
"""

from __future__ import annotations

import csv
import hashlib
import io
import shutil
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from pipeline.core.border import squared_share
from pipeline.core.durable import make_folder
from pipeline.core.errors import ExportError
from pipeline.core.messages import Message, message
from pipeline.core.names import name_key
from pipeline.core.ranges import CROP_SIDE
from pipeline.core.records import ExportItem, crop_version
from pipeline.export.agreed import ALL_AGREED, Agreed
from pipeline.export.attribution import NAME as ATTRIBUTION
from pipeline.export.attribution import attribution_bytes, licence_of
from pipeline.export.card.readme import MARK, dataset_card
from pipeline.export.formats.content import ExportRow
from pipeline.export.manifest import KNOWN_HEADERS, MANIFEST_HEADER
from pipeline.export.place import clear_leftovers, flush, folder_held, new_folder, put_in_place
from pipeline.export.placements import Placement, assign_placed, to_remember
from pipeline.export.split import DEFAULT_PLAN, Moved, Split, SplitPlan
from pipeline.faces.crop import resized_png
from pipeline.files.blobs import storage_error

_BESIDE: Final = frozenset({"manifest.csv", "classes.txt", "README.md", ATTRIBUTION})
LEAST_SIZE, MOST_SIZE = int(CROP_SIDE.least), int(CROP_SIDE.most)


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """Which crops are exported, and at what size.

    size: pixels of every crop's side, None for unresized ones. min_side: smaller crops stay out. licences: crops of
    photos under others stay out (see `attribution.licence_of`); none: no crop does. without_confirmed: what was
    confirmed by page stays out.
    """

    size: int | None = None
    min_side: int = 0
    licences: frozenset[str] = frozenset()
    without_confirmed: bool = False

    @property
    def params(self) -> dict[str, int | list[str] | None]:
        """As the list of releases keeps it."""
        found: dict[str, int | list[str] | None] = {"size": self.size, "min_side": self.min_side}
        found["licences"] = sorted(self.licences)
        return {**found, "without_confirmed": True} if self.without_confirmed else found


@dataclass(frozen=True, slots=True)
class ExportPlan:
    """What would be written. problems: why it is refused; empty where it can be written.

    under_others: accepted faces of photos under other licences than those asked for, by licence. left_out: of the
    rest, those whose crop is below the least side. confirmed: those that a page confirmed, where they are not wanted.
    moved: groups that are not where they were placed or their hash says. placements: what its line has to remember.
    """

    rows: tuple[ExportRow, ...]
    class_names: tuple[str, ...]
    split_plan: SplitPlan
    counts: Mapping[Split, Mapping[str, int]]
    problems: tuple[Message, ...]
    options: ExportOptions = ExportOptions()
    left_out: int = 0
    under_others: Mapping[str, int] = field(default_factory=dict)
    agreed: Agreed = ALL_AGREED
    confirmed: int = 0
    moved: tuple[Moved, ...] = ()
    placements: Mapping[str, Split] = field(default_factory=dict)
    known: Mapping[str, Split] = field(default_factory=dict)  # what the line remembered before


@dataclass(frozen=True, slots=True)
class ExportReport:
    """What was written. digest: SHA-256, hex, of the manifest, which names each file's photo and crop."""

    out: Path
    files: int
    counts: Mapping[Split, Mapping[str, int]]
    digest: str


def plan(
    items: Sequence[ExportItem],
    class_names: Sequence[str],
    split_plan: SplitPlan = DEFAULT_PLAN,
    options: ExportOptions = ExportOptions(),
    agreed: Agreed = ALL_AGREED,
    placements: Sequence[Placement] = (),
) -> ExportPlan:
    """Assign a split and a name to each item. Two faces of one group never straddle splits. placements: of
    earlier releases of the line, see `split.assign`. Raises ExportError."""
    if options.size is not None and not LEAST_SIZE <= options.size <= MOST_SIZE:
        raise ExportError(message("export_size", least=LEAST_SIZE, most=MOST_SIZE, size=options.size))
    items, under_others = _under(items, options.licences)
    everything = len(items)
    items = [i for i in items if not (options.without_confirmed and i.confirmed)]
    asked_for = len(items)
    items = [i for i in items if min(i.crop.width, i.crop.height) >= options.min_side]
    labels: dict[str, list[str]] = defaultdict(list)
    for item in items:
        labels[item.group].append(item.label)
    assigned = assign_placed(labels, split_plan, placements)
    splits = assigned.splits
    rows = [
        ExportRow(f"{splits[i.group]}/{i.label}/{i.image_sha256[:16]}_{i.face_id[:8]}.png", splits[i.group], i)
        for i in items
    ]
    counts: dict[Split, Counter[str]] = {s: Counter(dict.fromkeys(class_names, 0)) for s in split_plan.splits}
    for row in rows:
        counts[row.split][row.item.label] += 1
    rows.sort(key=lambda r: r.file)
    remembered = to_remember(((r.item.image_sha256, r.item.group, r.split) for r in rows), placements)
    return ExportPlan(
        tuple(rows), tuple(class_names), split_plan, counts, _problems(items, class_names, counts), options,
        asked_for - len(items), under_others, agreed, everything - asked_for, assigned.moved, remembered,
        {one.image: one.split for one in placements},
    )  # fmt: skip


def _under(items: Sequence[ExportItem], licences: Collection[str]) -> tuple[Sequence[ExportItem], dict[str, int]]:
    """The items of photos under these licences, and the number of the others by theirs; all where none are named."""
    if not licences:
        return items, {}
    wanted = {name_key(licence) for licence in licences}
    others = Counter(licence for licence in map(licence_of, items) if name_key(licence) not in wanted)
    return [i for i in items if name_key(licence_of(i)) in wanted], dict(sorted(others.items()))


def _problems(
    items: Sequence[ExportItem], class_names: Sequence[str], counts: Mapping[Split, Mapping[str, int]]
) -> tuple[Message, ...]:
    if not class_names:
        return (message("export_no_classes"),)
    stray = Counter(item.label for item in items if item.label not in class_names)
    found = [message("export_archived_class", name=name, n=number) for name, number in sorted(stray.items())]
    for name in class_names:
        photos = len({item.group for item in items if item.label == name})
        faces = sum(by_class[name] for by_class in counts.values())
        if photos < 2:
            code = "export_class_one_photo" if faces else "export_class_empty"
            found.append(message(code, name=name))
        elif photos < len(counts):
            found.append(message("export_class_few_photos", name=name, n=photos, splits=len(counts)))
        else:
            found += [message("export_class_not_in_split", name=name, split=s) for s in counts if not counts[s][name]]
    return tuple(found)


def write(chosen: ExportPlan, crop_path: Callable[[str], Path], out: Path, *, overwrite: bool = False) -> ExportReport:
    """Write a plan to the folder `out`, whose parents are made; it appears whole or not at all.

    crop_path: from a face id to its PNG. overwrite: an earlier Moue export at `out` may be replaced.
    Raises ExportError (the plan has problems, or `out` holds something else) and StorageError.
    """
    if chosen.problems:
        raise ExportError(message("export_refused", problems=chosen.problems))
    out = out.absolute()
    try:
        make_folder(out.parent)
        with folder_held(out.parent):
            clear_leftovers(out)
            digest = _write_in_place(chosen, crop_path, out, overwrite=overwrite)
    except OSError as e:
        raise storage_error(e, str(out)) from e
    return ExportReport(out, len(chosen.rows), chosen.counts, digest)


def _write_in_place(chosen: ExportPlan, crop_path: Callable[[str], Path], out: Path, *, overwrite: bool) -> str:
    check_target(out, overwrite=overwrite)
    staging = new_folder(out, "new")
    try:
        digest = _fill(chosen, crop_path, staging)
        staging.chmod(0o755)
        put_in_place(staging, out, lambda lies_at: check_target(out, overwrite=overwrite, lies_at=lies_at))
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return digest


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
    with (out / "manifest.csv").open(newline="", encoding="utf-8") as stream:
        written = {row["file"] for row in csv.DictReader(stream)} | _BESIDE
    if unexpected := sorted(present - written):
        raise ExportError(message("export_holds_unexpected", out=name, file=unexpected[0]))


def is_export(folder: Path) -> bool:
    """True where `folder` is a release that Moue wrote."""
    try:
        with (folder / "README.md").open(encoding="utf-8") as card, (folder / "manifest.csv").open() as manifest:
            return card.readline().strip() == MARK and manifest.readline() in KNOWN_HEADERS
    except (OSError, UnicodeDecodeError):
        return False


def _fill(chosen: ExportPlan, crop_path: Callable[[str], Path], root: Path) -> str:
    for split in chosen.split_plan.splits:
        for name in chosen.class_names:
            (root / split / name).mkdir(parents=True)
    for row in chosen.rows:
        png = _crop_of(row.item, crop_path)
        size = chosen.options.size
        (root / row.file).write_bytes(png if size is None else resized_png(png, size))
    manifest = manifest_bytes(chosen)
    (root / "manifest.csv").write_bytes(manifest)
    attribution = attribution_bytes((row.file, row.item) for row in chosen.rows)
    if attribution is not None:
        (root / ATTRIBUTION).write_bytes(attribution)
    # The order in which ImageFolder numbers its classes.
    (root / "classes.txt").write_text("".join(f"{n}\n" for n in sorted(chosen.class_names)), encoding="utf-8")
    options = chosen.options
    card = dataset_card(
        chosen.counts, chosen.split_plan, options.size, options.min_side, options.licences,
        attribution=attribution is not None, consensus=chosen.agreed.words, waiting=chosen.agreed.waiting,
        without_confirmed=options.without_confirmed, moved=chosen.moved,
    )  # fmt: skip
    (root / "README.md").write_text(card, encoding="utf-8")
    flush(root)
    return hashlib.sha256(manifest).hexdigest()


def _crop_of(item: ExportItem, crop_path: Callable[[str], Path]) -> bytes:
    """The very bytes that were reviewed. Raises ExportError: a file that was cut short or exchanged never leaves."""
    source = crop_path(item.face_id)
    try:
        png = source.read_bytes()
    except FileNotFoundError as e:
        raise ExportError(message("crop_missing", file=source)) from e
    if crop_version(png) != item.crop_version:
        raise ExportError(message("crop_changed", file=source))
    return png


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
