"""What earlier releases of a line say of the splits of groups, and what is to be remembered of this one."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pipeline.export.split import Assigned, Moved, Split, SplitPlan, Why, assign, group_hash


@dataclass(frozen=True, slots=True)
class Placement:
    """An image that a release of the line placed. group: what it must not straddle with today."""

    image: str
    group: str
    split: Split


def assign_placed(
    groups: Mapping[str, Iterable[str]], split_plan: SplitPlan, placements: Sequence[Placement]
) -> Assigned:
    """As `assign`, from placements of images: where those of one group differ, most of them stay and the others move.

    What moved because it was joined is named beside what moved to mend a class.
    """
    by_group: dict[str, Counter[Split]] = defaultdict(Counter)
    for one in placements:
        by_group[one.group][one.split] += 1
    placed = {g: _most(g, counts, split_plan) for g, counts in by_group.items()}
    assigned = assign(groups, split_plan, {} if split_plan.anew else placed)
    moved = {one.group: one for one in assigned.moved if not (split_plan.anew and one.group in placed)}
    for group in placed.keys() & groups.keys() - moved.keys():
        strayed = sorted(by_group[group].keys() - {assigned.splits[group]})
        if strayed:
            why: Why = "joined" if len(by_group[group]) > 1 else "anew"
            moved[group] = Moved(group, strayed[0], assigned.splits[group], why, placed=True)
    return Assigned(assigned.splits, tuple(moved[g] for g in sorted(moved)))


def _most(group: str, counts: Mapping[Split, int], split_plan: SplitPlan) -> Split:
    """The split with most of the images, of those that are asked for; of equal ones the nearest to the hash."""
    at, intervals = group_hash(group, split_plan.seed), split_plan.intervals

    def rank(split: Split) -> tuple[bool, int, float, Split]:
        begin, end = intervals.get(split, (0.0, 1.0))
        return split not in intervals, -counts[split], max(begin - at, at - end, 0.0), split

    return min(counts, key=rank)


def to_remember(released: Iterable[tuple[str, str, Split]], placements: Sequence[Placement]) -> dict[str, Split]:
    """The placements that a release adds or changes: its images, and earlier ones that are joined with them.

    released: image, group and split of each of its faces.
    """
    split_of_group: dict[str, Split] = {}
    wanted: dict[str, Split] = {}
    for image, group, split in released:
        split_of_group[group] = wanted[image] = split
    known = {one.image: one.split for one in placements}
    for one in placements:
        if one.group in split_of_group:
            wanted[one.image] = split_of_group[one.group]
    return {image: split for image, split in sorted(wanted.items()) if known.get(image) != split}
