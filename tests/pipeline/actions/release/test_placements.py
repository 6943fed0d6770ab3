"""Releases of one name: photos stay where they were placed, and nothing that belongs together comes apart."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from db.duplicates.grouping import NearPair
from db.store.store import Store
from db.tables import placements
from db.tables.releases import list_releases
from pipeline.actions.release.accepted import read_accepted, read_placements
from pipeline.actions.releases import write_folder, write_zip
from pipeline.core.errors import ExportError
from pipeline.export.export import ExportPlan, plan
from pipeline.export.formats.content import ExportRow
from pipeline.export.options import ExportOptions
from pipeline.export.split import SplitPlan
from tests.db.near_copies import record_pairs


def near(store: Store, a: str, b: str) -> None:
    pair = NearPair(*sorted((a, b)), 1, 1)
    store.write(lambda db: record_pairs(db, [pair], [a, b]))


def pair_of(chosen: ExportPlan) -> tuple[ExportRow, ExportRow]:
    """A face of one class in each split."""
    train = next(row for row in chosen.rows if row.split == "train")
    return train, next(row for row in chosen.rows if row.split == "val" and row.item.label == train.item.label)


def write_as(packed: str, store: Store, chosen: ExportPlan, tmp_path: Path) -> None:
    if packed == "zip":
        write_zip(store, chosen, "set", "Ann")
    else:
        write_folder(store, chosen, tmp_path / "set", None, "Ann", overwrite=False)


@pytest.mark.parametrize("packed", ["folder", "zip"])
def test_near_copies_that_were_found_behind_the_plan_are_named_and_nothing_is_written(
    store: Store, chosen: ExportPlan, tmp_path: Path, packed: str
) -> None:
    train, val = pair_of(chosen)
    near(store, train.item.image_sha256, val.item.image_sha256)
    with pytest.raises(ExportError) as refused:
        write_as(packed, store, chosen, tmp_path)
    told = str(refused.value)
    assert all(row.item.image_sha256[:16] in told and f"in {row.split}" in told for row in (train, val))
    assert "are near copies" in told
    assert list(tmp_path.glob("set*")) == list(store.root.glob("releases/*")) == []
    assert store.read(list_releases) == []
    write_as(packed, store, replan(store), tmp_path)  # planned again it is well


HALF = SplitPlan(val=0.5)


def replan(store: Store, line: str = "set", split_plan: SplitPlan = HALF) -> ExportPlan:
    accepted = read_accepted(store)
    placed = read_placements(store, line)
    return plan(accepted.items, accepted.class_names, split_plan, ExportOptions(), accepted.agreed, placed)


def unlike(store: Store, chosen: ExportPlan) -> ExportPlan:
    """Another plan of the name, which nothing placed yet."""
    plans = (replan(store, "set", SplitPlan(val=0.5, seed=seed)) for seed in range(99))
    return next(one for one in plans if splits(one) != splits(chosen))


def splits(chosen: ExportPlan) -> dict[str, str]:
    return {row.item.image_sha256: row.split for row in chosen.rows}


def test_the_next_release_of_a_name_leaves_photos_where_they_are_whatever_the_seed(
    store: Store, chosen: ExportPlan, tmp_path: Path
) -> None:
    write_as("folder", store, chosen, tmp_path)
    others = [SplitPlan(val=0.5, seed=seed) for seed in range(1, 6)]
    assert all(splits(replan(store, "set", other)) == splits(chosen) for other in others)
    assert all(replan(store, "set", other).moved == () for other in others)
    assert any(splits(replan(store, "another", other)) != splits(chosen) for other in others)
    anew = [replan(store, "set", SplitPlan(val=0.5, seed=seed, anew=True)) for seed in range(1, 6)]
    assert [splits(one) for one in anew] == [splits(replan(store, "another", other)) for other in others]
    for one in anew:
        moved = {m.group: (m.before, m.after) for m in one.moved if m.placed}
        before, after = splits(chosen), splits(one)
        assert moved == {sha: (before[sha], after[sha]) for sha in before if before[sha] != after[sha]}


def test_copies_that_were_placed_apart_are_joined_and_the_one_that_moves_is_named(
    store: Store, chosen: ExportPlan, tmp_path: Path
) -> None:
    write_as("folder", store, chosen, tmp_path)
    train, val = pair_of(chosen)
    near(store, train.item.image_sha256, val.item.image_sha256)
    joined = replan(store)
    after = splits(joined)
    assert after[train.item.image_sha256] == after[val.item.image_sha256]
    named = [one for one in joined.moved if one.group == min(train.item.image_sha256, val.item.image_sha256)]
    assert [one.placed for one in named] == [True]
    write_folder(store, joined, tmp_path / "set", None, None, overwrite=True)
    assert replan(store).moved == ()
    assert splits(replan(store)) == after


def test_a_release_between_plan_and_writing_is_not_overruled(store: Store, chosen: ExportPlan, tmp_path: Path) -> None:
    other = next(
        p for n in range(99) if splits(p := replan(store, "set", SplitPlan(val=0.5, seed=n))) != splits(chosen)
    )
    write_as("zip", store, other, tmp_path)
    with pytest.raises(ExportError, match="another release of set placed photos elsewhere"):
        write_as("folder", store, chosen, tmp_path)
    write_as("zip", store, other, tmp_path)  # the same once more is no contradiction


@pytest.mark.parametrize("packed", ["folder", "zip", "second zip"])
def test_a_release_of_before_placements_tells_them_by_its_manifest(
    store: Store, chosen: ExportPlan, tmp_path: Path, packed: str
) -> None:
    other = unlike(store, chosen)
    if packed == "second zip":
        write_as("zip", store, other, tmp_path)
        store.write(lambda db: db.execute("DELETE FROM placements"))
    write_as(packed.removeprefix("second "), store, chosen, tmp_path)
    store.write(lambda db: db.execute("DELETE FROM placements"))
    again = replan(store, "set", SplitPlan(val=0.5, seed=other.split_plan.seed))
    assert splits(again) == splits(chosen)
    assert again.known == splits(chosen)
    fewer = replace(again, rows=again.rows[1:], placements={})
    write_folder(store, fewer, tmp_path / "next", "set", None, overwrite=False)
    placed = store.read(lambda db: placements.placements_of(db, "set"))
    assert placed == splits(chosen)  # also of the photo that stayed out


@pytest.mark.parametrize("spoil", ["gone", "changed", "no zip"])
def test_a_release_that_is_not_there_any_more_as_it_was_written_tells_nothing(
    store: Store, chosen: ExportPlan, tmp_path: Path, spoil: str
) -> None:
    write_as("zip" if spoil == "no zip" else "folder", store, chosen, tmp_path)
    store.write(lambda db: db.execute("DELETE FROM placements"))
    if spoil == "gone":
        shutil.rmtree(tmp_path / "set")
    elif spoil == "changed":
        manifest = tmp_path / "set" / "manifest.csv"
        manifest.write_text(manifest.read_text().replace("train", "val"))
    else:
        (store.root / "releases" / "set.zip").write_bytes(b"PK no zip")
    assert read_placements(store, "set") == ()


def test_the_same_once_more_is_the_same_release_though_its_photos_are_placed_by_then(
    store: Store, chosen: ExportPlan, tmp_path: Path
) -> None:
    plans = (replan(store, "set", SplitPlan(val=0.5, seed=seed)) for seed in range(99))
    first = next(one for one in plans if one.moved)  # new photos that are not where their hash says
    write_folder(store, first, tmp_path / "one", "set", None, overwrite=False)
    again = replan(store, "set", first.split_plan)
    assert again.moved == ()
    write_folder(store, again, tmp_path / "two", "set", None, overwrite=False)
    one, two = ({p.name: p.read_bytes() for p in (tmp_path / name).iterdir() if p.is_file()} for name in ("one", "two"))
    assert one == two
    assert {row.number for row in store.read(list_releases)} == {1}
