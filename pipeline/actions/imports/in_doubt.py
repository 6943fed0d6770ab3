"""Labels that wait for a person: why, and how it is told."""

from __future__ import annotations

from collections.abc import Mapping

from db.reads import imports
from db.reads.import_doubts import Doubt
from db.store.store import Store
from pipeline.actions.imports.data_set import DataSet
from pipeline.actions.imports.labels import Labelled
from pipeline.actions.imports.matching import Entry
from pipeline.actions.imports.options import ImportOptions
from pipeline.core.messages import Message, message


def near_copies_here(store: Store, found: DataSet) -> Mapping[str, imports.NearCopy]:
    """By photo that came with this data set alone, one that was here and looks like it."""
    hashes = {e.sha256 for e in found.entries}
    elsewhere = store.read(lambda db: imports.seen_elsewhere(db, hashes, found.place))
    copies = store.read(lambda db: imports.near_copies(db, hashes - elsewhere, hashes))
    return {one.sha256: one for one in reversed(copies)}


def looks_like(entry: Entry, copy: imports.NearCopy) -> Message:
    label = message("import_near_label", label=copy.label) if copy.label else ""
    return message("import_near_copy", place=entry.place, other=copy.location or copy.other[:16], label=label)


def doubt_of(one: Labelled, options: ImportOptions, line: str, copy: imports.NearCopy | None, *, aside: bool) -> Doubt:
    """copy: the photo that it looks like. aside: its box lies beside the face; else the release names another face."""
    place = (one.face_id, one.sha256, one.label, one.split, line, options.annotator, one.place)
    if copy is not None:
        return Doubt(*place, "near", copy.other)
    return Doubt(*place, "box" if aside else "face")
