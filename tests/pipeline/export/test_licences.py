"""Exports that leave out photos by their licence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.geometry import CropBox
from pipeline.core.records import ExportItem, Provenance
from pipeline.export.export import plan
from pipeline.export.options import ExportOptions
from pipeline.export.write import write
from tests.pipeline.export_items import FORTY, NAMES, item, version_of

FREE, BY = "CC0 1.0", "CC BY 4.0"


def under(one: ExportItem, licence: str) -> ExportItem:
    """The same face of a photo that one place told this licence of; "" is one that is not from the web."""
    told = (Provenance("https://img.example/1.jpg", licence=licence),) if licence else ()
    return replace(one, provenance=told)


def mixed() -> list[ExportItem]:
    """Of each class five free ones, two with a name to name, and one of the person's own."""
    licences = [*[FREE] * 5, BY, BY, ""]
    return [under(item(10 * n + c, name), one) for n, one in enumerate(licences) for c, name in enumerate(NAMES)]


def asked(*licences: str, least: int = 0) -> ExportOptions:
    return ExportOptions(min_side=least, licences=frozenset(licences))


def hashes(items: Iterable[ExportItem]) -> set[str]:
    return {one.face_id for one in items}


def test_others_stay_out_and_are_counted_by_licence() -> None:
    everything = mixed()
    chosen = plan(everything, NAMES, FORTY, asked(FREE))
    assert hashes(row.item for row in chosen.rows) == hashes(
        i for i in everything if i.provenance[:1] and i.provenance[0].licence == FREE
    )
    assert chosen.under_others == {BY: 6, "unknown": 3}
    assert chosen.left_out == 0
    assert sum(chosen.counts["train"].values()) + sum(chosen.counts["val"].values()) == 15


def test_nothing_asked_takes_all() -> None:
    chosen = plan(mixed(), NAMES, FORTY)
    assert (len(chosen.rows), chosen.under_others) == (24, {})


def test_photos_of_which_none_is_known_can_be_asked_for() -> None:
    chosen = plan(mixed(), NAMES, FORTY, asked("unknown", BY))
    assert len(chosen.rows) == 9
    assert chosen.under_others == {FREE: 15}


def test_a_crop_is_left_out_for_one_reason_only() -> None:
    large = [replace(i, crop=CropBox(0, 0, 90, 90)) if n % 2 else i for n, i in enumerate(mixed())]  # others: 20 wide
    chosen = plan(large, NAMES, FORTY, asked(FREE, least=21))
    assert len(chosen.rows) + chosen.left_out + sum(chosen.under_others.values()) == len(large)
    assert chosen.left_out == sum(i.crop.width == 20 for i in large[:15])


def test_a_licence_that_none_has_names_the_short_classes() -> None:
    chosen = plan(mixed(), NAMES, FORTY, asked("CC0 2.0"))
    assert not chosen.rows
    assert [
        f"class “{name}” has no accepted face" in p.text for name, p in zip(NAMES, chosen.problems, strict=True)
    ] == [True] * 3


@given(
    st.lists(st.sampled_from([FREE, BY, "", "unknown"]), max_size=30), st.sets(st.sampled_from([FREE, BY, "unknown"]))
)
def test_each_face_leaves_or_is_counted(told: list[str], licences: set[str]) -> None:
    faces = [under(item(n, NAMES[n % 3]), licence) for n, licence in enumerate(told)]
    chosen = plan(faces, NAMES, FORTY, asked(*licences))
    wanted = licences or {FREE, BY, "unknown"}
    names = Counter(licence or "unknown" for licence in told)
    assert len(chosen.rows) == sum(names[licence] for licence in wanted)
    assert chosen.under_others == {licence: n for licence, n in names.items() if licence not in wanted}


def test_the_release_says_which_were_taken_and_names_no_others(tmp_path: Path) -> None:
    crop = tmp_path / "crop.png"
    crop.write_bytes(b"pixels")
    made = [replace(one, crop_version=version_of(b"pixels")) for one in mixed()]
    write(plan(made, NAMES, FORTY, asked(FREE)), lambda _: crop, tmp_path / "out")
    assert "photos under `CC0 1.0` were taken" in (tmp_path / "out" / "README.md").read_text()
    told = (tmp_path / "out" / "attribution.csv").read_text()
    assert (told.count(FREE), told.count(BY)) == (15, 0)
    write(plan(made, NAMES, FORTY), lambda _: crop, tmp_path / "all")
    assert "were taken" not in (tmp_path / "all" / "README.md").read_text()
