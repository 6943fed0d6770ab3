"""What all ways of writing a release share: its number, a last look, its pictures, and its row."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from db.reads.groups import straddling
from db.store.past_labels import REJECTED
from db.store.store import Db, Store
from db.tables import classes, placements, releases
from db.tables.releases import Written
from pipeline.actions.release.cutter import cutter
from pipeline.actions.release.facts import facts_of
from pipeline.core.errors import ExportError
from pipeline.core.messages import message
from pipeline.export.export import ExportPlan
from pipeline.export.formats.registry import IMAGEFOLDER
from pipeline.export.moves import shown
from pipeline.export.release.release_file import from_bytes
from pipeline.export.split import Moved
from pipeline.export.write import ExportReport, ReleaseName, Tell, content_key, write
from pipeline.files.blobs import BlobStore

_STRADDLING: Final = {
    "copy": "straddling_copy", "file": "straddling_file", "told": "straddling_told", "person": "straddling_person"
}  # fmt: skip
MOST_NAMED: Final = 10
"""Pairs that a refusal names."""


@dataclass(frozen=True, slots=True)
class Release:
    """A release that was written. release_id: its number in the list. path: of the folder or zip. digest: see
    `ExportReport`."""

    release_id: int
    path: Path
    files: int
    digest: str


def refuse_stale(store: Store, plan: ExportPlan, line: str) -> None:
    """Raise ExportError where, since the plan was made, photos came to belong together that it has in two splits, or
    another release of the line placed some of them elsewhere. Inside the lock of exports."""
    split_of = {row.item.image_sha256: row.split for row in plan.rows}
    if pairs := store.read(lambda db: straddling(db, split_of)):
        named = {row.item.image_sha256: shown(row.item) for row in plan.rows}
        told = tuple(
            message(_STRADDLING[p.why], a=named[p.a], b=named[p.b], split_a=split_of[p.a], split_b=split_of[p.b])
            for p in pairs[:MOST_NAMED]
        )
        raise ExportError(message("export_straddles", n=len(pairs), pairs=told))
    placed = store.read(lambda db: placements.placements_of(db, line))
    if any(split_of.get(sha, split) != split != plan.known.get(sha) for sha, split in placed.items()):
        raise ExportError(message("export_line_moved_on", line=line))


def named_plan(store: Store, plan: ExportPlan, line: str) -> tuple[ReleaseName, ExportPlan]:
    """The next number of the line; that of its newest release where this one is the same, with what was moved then:
    by now that is where the line has it."""
    content = content_key(plan, line)

    def snapshot(db: Db) -> tuple[int, bytes]:
        number = releases.next_number(db, line, content)
        same = releases.find_release(db, f"{line}#{number}")
        kept = None if same is None else releases.kept_manifest(db, same)
        return number, b"" if kept is None else kept.release

    number, said = store.read(snapshot)
    if said:
        moved = tuple(Moved(**{**one, "classes": tuple(one["classes"])}) for one in from_bytes(said, line).moved)
        plan = replace(plan, moved=moved)
    return ReleaseName(line, number), plan


def write_pictures(
    store: Store, plan: ExportPlan, out: Path, named: ReleaseName, tell: Tell, *, overwrite: bool
) -> ExportReport:
    blobs = BlobStore(store.root)
    return write(
        plan, lambda face_id: blobs.path("crops", face_id, "png"), out, overwrite=overwrite, name=named,
        facts=facts_of(store), cut_all=cutter(store.root), tell=tell,
    )  # fmt: skip


def record(
    store: Store,
    named: ReleaseName,
    name: str,
    path: Path | str,
    packed_as: str,
    done: ExportReport,
    plan: ExportPlan,
    annotator: str | None,
) -> Release:
    params: dict[str, Any] = {
        "format": " + ".join(plan.options.formats) or IMAGEFOLDER,
        "as": packed_as,
        "consensus": plan.agreed.rule,
    }
    params |= {**plan.split_plan.params, **plan.options.params}
    by_split: dict[str, Any] = {split: dict(by_class) for split, by_class in done.counts.items()}
    content = content_key(plan, named.line)

    def add(db: Db) -> int:
        ids = {spec.name: spec.id for spec in classes.list_classes(db, archived=True)}  # votes may name any
        if plan.options.rejects_as:
            ids[plan.options.rejects_as] = REJECTED
        made = Written(
            named.line, named.number, content, plan.agreed.head, ids, done.made.release, done.made.manifest
        )  # fmt: skip
        number = releases.add_release(db, name, str(path), params, by_split, done.digest, annotator, made)
        before = {} if placements.placements_of(db, named.line) else plan.known  # what only a manifest told
        placements.remember(db, named.line, {**before, **plan.placements}, number)
        return number

    number = store.write(add)
    store.note_head("release")
    return Release(number, Path(path), done.files, done.digest)
