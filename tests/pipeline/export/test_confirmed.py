"""What was confirmed by page, not face by face: marked in the manifest, and left out where that is asked for."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

from pipeline.export.card.readme import dataset_card
from pipeline.export.export import plan
from pipeline.export.manifest import manifest_bytes
from pipeline.export.options import ExportOptions
from tests.pipeline.export_items import FORTY, items

NAMES = ["openmouth", "pout", "smile"]
MARK = "moue 12 0.9712"


def marked() -> list[object]:
    """Every third one is."""
    return [replace(one, confirmed=MARK) if n % 3 == 0 else one for n, one in enumerate(items(9))]


def test_the_manifest_says_what_was_confirmed_by_page() -> None:
    given = {one.face_id: one.confirmed for one in marked()}
    rows = list(csv.DictReader(io.StringIO(manifest_bytes(plan(marked(), NAMES, FORTY)).decode())))
    assert {row["face_id"]: row["confirmed"] for row in rows} == given
    assert set(given.values()) == {"", MARK}


def test_it_stays_out_where_that_is_asked_for() -> None:
    everything, chosen = (
        marked(),
        plan(marked(), NAMES, FORTY, ExportOptions(without_confirmed=True)),
    )
    kept = [one.face_id for one in everything if not one.confirmed]
    assert sorted(row.item.face_id for row in chosen.rows) == sorted(kept)
    assert chosen.confirmed == len(everything) - len(kept) > 0
    assert chosen.left_out == 0
    every = plan(marked(), NAMES, FORTY)
    assert every.confirmed == 0
    assert {r.item.face_id: r.split for r in chosen.rows}.items() <= {
        r.item.face_id: r.split for r in every.rows
    }.items()


def test_the_list_of_releases_and_the_card_say_so() -> None:
    assert ExportOptions(without_confirmed=True).params["without_confirmed"] is True
    assert "without_confirmed" not in ExportOptions().params
    counts = {"train": {"smile": 3}, "val": {"smile": 1}}
    assert "confirmed by page, not face by face, was left out" in dataset_card(counts, FORTY, without_confirmed=True)
    assert "was left out" not in dataset_card(counts, FORTY)
