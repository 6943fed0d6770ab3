"""Writes what tells people and machines about a release: README.md, its contact sheets and croissant.json."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import partial

from pipeline.core.records import ExportItem
from pipeline.export.card.contact_sheet import contact_sheet, sheet_faces, sheet_name
from pipeline.export.card.croissant import NAME as CROISSANT
from pipeline.export.card.croissant import Described, croissant_bytes
from pipeline.export.card.facts import facts_of
from pipeline.export.card.gaps import known_gaps
from pipeline.export.card.readme import dataset_card
from pipeline.export.export import ExportPlan
from pipeline.export.formats.content import ExportRow
from pipeline.export.pictures.shown import Shown

README = "README.md"


def put_card(
    chosen: ExportPlan,
    version: tuple[str, int],
    manifest: bytes,
    picture: Callable[[ExportRow], bytes],
    put: Callable[[str, bytes], None],
    *,
    attribution: bool,
    shown: Callable[[ExportItem], Shown] | None = None,
) -> None:
    """version: the release's name and number. manifest: the bytes of manifest.csv. picture: of a row, as it is in the
    release. put: takes each file's name and bytes, one at a time. attribution: whether there is an attribution.csv.
    shown: what pictures that are cut from photos show.
    """
    sheets = _put_sheets(chosen, picture, put)
    facts = facts_of((row.item for row in chosen.rows), shown)
    options = chosen.options
    card = dataset_card(
        chosen.counts, chosen.split_plan, options.size, options.min_side, options.licences,
        attribution=attribution, consensus=chosen.agreed.words, waiting=chosen.agreed.waiting,
        without_confirmed=options.without_confirmed, only_seen=options.selection.only_seen,
        moved=chosen.moved, facts=facts, sheets=sheets,
        pictures=options.pictures, formats=options.formats,
    )  # fmt: skip
    put(README, card.encode())
    name, number = version
    columns = manifest.partition(b"\n")[0].decode().split(",")
    suffix = options.pictures.suffix if chosen.rows and not options.formats else ""
    told = Described(
        name or "mouth expressions", f"{number}.0.0", chosen.split_plan.splits, columns,
        hashlib.sha256(manifest).hexdigest(), suffix, facts, known_gaps(chosen.counts, facts),
    )  # fmt: skip
    put(CROISSANT, croissant_bytes(told))


def _put_sheets(
    chosen: ExportPlan, picture: Callable[[ExportRow], bytes], put: Callable[[str, bytes], None]
) -> list[str]:
    """The classes that have one."""
    shown = []
    for name in sorted({row.item.label for row in chosen.rows}):
        rows = {row.item.face_id: row for row in chosen.rows if row.item.label == name}  # of one class at a time
        sheet = contact_sheet(name, len(rows), [partial(picture, rows[face]) for face in sheet_faces(rows)])
        if sheet is not None:
            put(sheet_name(name), sheet)
            shown.append(name)
    return shown
