"""A release is made again without all rows of its manifest as dictionaries."""

from __future__ import annotations

import tracemalloc

from db.reads.export_items import KnownFace
from pipeline.actions.release.again import planned
from pipeline.export.export import plan
from pipeline.export.manifest import manifest_bytes
from pipeline.export.options import USUAL
from pipeline.export.release.release_file import ReleaseFile
from pipeline.export.split import SplitPlan
from tests.pipeline.export_items import NAMES, items

HALF = SplitPlan(val=0.5)
KNOWN = KnownFace("v", "push", 0.0, (), "/photos/a.jpg", 100, 100, 1.5, upright=False, original="/photos/a.jpg")


def test_its_manifest_is_read_row_by_row() -> None:
    chosen = plan(items(), NAMES, HALF)
    head, row, *_ = manifest_bytes(chosen).decode().splitlines(keepends=True)
    first = chosen.rows[0]
    faces = {f"{n:032x}": KNOWN for n in range(3000)}
    rows = (row.replace(first.item.face_id, face).replace(first.file, f"{face}.png") for face in faces)
    manifest = (head + "".join(rows)).encode()
    consensus = {"rule": "newest", "words": "", "waiting": 0}
    said = ReleaseFile("data", 1, "", consensus, USUAL.params, chosen.split_plan.params, [], {}, {}, {})
    planned(said, manifest, faces)  # what is made once
    tracemalloc.start()
    try:
        found = planned(said, manifest, faces)
        held, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(found.rows) == 3000
    assert found.counts[first.split][first.item.label] == 3000
    assert most - held < len(manifest)
