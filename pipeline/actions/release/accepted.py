"""What a release is made of: the accepted faces, where earlier ones of its line have them, and the plan of all that."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from db.projection.anew import recounts
from db.reads.export_items import accepted_items, figures_of, uncompared_accepted
from db.reads.face_counts import count_waiting
from db.reads.groups import split_groups
from db.store.store import Db, Store
from db.tables import classes, placements, releases
from db.tables.consensus_rules import current_rule
from pipeline.actions.near_duplicates import compare_all
from pipeline.actions.people.told import apply_levels
from pipeline.actions.rules import apply_rules
from pipeline.core.errors import BusyError, ExportError, UsageError
from pipeline.core.messages import message
from pipeline.core.names import clean_name, is_device_name
from pipeline.core.records import ExportItem
from pipeline.export.agreed import Agreed
from pipeline.export.export import ExportPlan, plan
from pipeline.export.options import ExportOptions
from pipeline.export.placements import Placement
from pipeline.export.split import SplitPlan
from pipeline.export.splits.earlier import splits_of_release

LONGEST_NAME: Final = 80
_FORBIDDEN: Final = re.compile(r'[\\/:*?"<>|\x00-\x1f]')


@dataclass(frozen=True, slots=True)
class AcceptedFaces:
    """The input of a release: the accepted faces, the class names in the workspace's order, and how people agreed."""

    items: tuple[ExportItem, ...]
    class_names: tuple[str, ...]
    agreed: Agreed


def plan_release(
    store: Store, line: str, split_plan: SplitPlan, options: ExportOptions, accepted: AcceptedFaces | None = None
) -> ExportPlan:
    """What a release of the line would hold. accepted: as `read_accepted` gave it, rejected faces with them where the
    options want these; None: as it is now. Raises UsageError and ExportError."""
    if options.rejects_as:
        classes.checked_name(options.rejects_as)
    found = read_accepted(store, with_rejected=bool(options.rejects_as)) if accepted is None else accepted
    figures = None
    if options.selection.by == "difference":
        figures = store.read(lambda db: figures_of(db, [item.face_id for item in found.items]))
    placed = read_placements(store, line)
    return plan(
        found.items, found.class_names, split_plan, options, found.agreed, placed, line=line, figures=figures
    )  # fmt: skip


def all_compared(store: Store, *, with_rejected: bool = False) -> bool:
    """Whether `read_accepted` has no photos to compare first."""
    return not store.read(partial(uncompared_accepted, with_rejected=with_rejected))


def read_accepted(store: Store, *, with_rejected: bool = False) -> AcceptedFaces:
    """The accepted faces and the classes that are not archived, read in one snapshot.

    with_rejected: also the rejected ones, marked as such, for an export that has them as a class of its own.

    A split needs all near copies to be known, and the rules applied to every face. If a run that was cancelled or
    killed left any of that undone, it is done first. Raises ExportError if it cannot be: a job is running, or a photo
    cannot be read.
    """
    waiting, accepted = _as_it_is(store, with_rejected=with_rejected)
    if waiting:
        with suppress(BusyError):  # then a job is at it: what it has not compared yet is told below
            compare_all(store)
        waiting, accepted = _as_it_is(store, with_rejected=with_rejected)
    if waiting:
        raise ExportError(message("export_not_compared", n=len(waiting), sha=waiting[0][:16]))
    return accepted


def _as_it_is(store: Store, *, with_rejected: bool) -> tuple[list[str], AcceptedFaces]:
    """With every rule applied. First the photos that were not compared: where there are any, no face is read."""
    apply_rules(store)
    apply_levels(store)

    def snapshot(db: Db) -> tuple[list[str], AcceptedFaces]:
        refuse_recount(db)
        names = tuple(spec.name for spec in classes.list_classes(db))
        rule = current_rule(db)
        agreed = Agreed(rule.slug, str(rule.describe()), count_waiting(db), releases.log_head(db))
        waiting = uncompared_accepted(db, with_rejected=with_rejected)
        items = [] if waiting else accepted_items(db, with_rejected=with_rejected)
        return waiting, AcceptedFaces(tuple(items), names, agreed)

    return store.read(snapshot)


def refuse_recount(db: Db) -> None:
    """Raise ExportError while faces are counted anew: some stand under another rule than would be named."""
    if (recount := recounts.waiting(db)) is not None:
        raise ExportError(message("export_recounting", n=recount.left))


def line_of(name: str | None, out: Path | str) -> str:
    """The name that a release into the folder `out`, or to where a URL leads, shares with earlier ones."""
    if isinstance(out, str):
        return check_name(name or out.rstrip("/").rpartition("/")[2])
    return name or out.absolute().name


def read_placements(store: Store, line: str) -> tuple[Placement, ...]:
    """Where earlier releases of this name have images: as remembered, or as the newest release says that was made
    before anything was remembered and still lies where it was written."""

    def snapshot(db: Db) -> tuple[dict[str, str], list[releases.ReleaseRow], dict[str, str]]:
        placed = placements.placements_of(db, line)
        made = [] if placed else [one for one in releases.list_releases(db) if is_of_line(one, line)]
        return placed, made, split_groups(db) if placed or made else {}

    placed, made, groups = store.read(snapshot)
    told = (splits_of_release(Path(one.path), one.digest) for one in made)
    placed = placed or next((splits for splits in told if splits), {})
    return tuple(Placement(sha, groups.get(sha, sha), split) for sha, split in placed.items())


def is_of_line(release: releases.ReleaseRow, line: str) -> bool:
    """Whether a release that was made before lines were told has this name; a zip's may have got a number."""
    if release.params.get("as") == "zip":
        return re.fullmatch(re.escape(line) + r"( \(\d+\))?", release.name) is not None
    return release.name == line


def name_after(place: str) -> str:
    """A name that `check_name` takes, after a folder or file that is called as no release can be."""
    plain = _FORBIDDEN.sub("-", clean_name(place)).lstrip(".- ")[:LONGEST_NAME].strip() or "data"
    return f"_{plain[: LONGEST_NAME - 1]}" if is_device_name(plain) else plain


def check_name(name: str) -> str:
    """The name of a release, cleaned. Raises UsageError if a folder or file cannot have it."""
    cleaned = clean_name(name)
    forbidden = is_device_name(cleaned) or _FORBIDDEN.search(cleaned)
    if forbidden or not cleaned or len(cleaned) > LONGEST_NAME or cleaned[0] in ".-":
        raise UsageError(message("export_name", n=LONGEST_NAME))
    return cleaned
