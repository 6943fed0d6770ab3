"""Train or val: decided by a group's own hash and the seed, so that new images move no old ones."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Literal

Split = Literal["train", "val"]
SPLITS: Final[tuple[Split, Split]] = ("train", "val")


def group_hash(group: str, seed: int) -> float:
    """A number in [0, 1) that depends on the group and the seed alone."""
    digest = hashlib.sha256(f"{seed}:{group}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64


def assign_splits(labels: Mapping[str, Iterable[str]], val: float, seed: int) -> dict[str, Split]:
    """The split of each group. labels: the class names of each group's faces. val: share of val, 0 to 1.

    Each class alone follows the share, because its groups' hashes are uniform. Where that leaves a class without a
    group in one split though it has two or more, the group nearest to the threshold changes sides; that is the one
    case in which later images can move an old one, and it ends once the class is large enough.
    """
    position = {group: group_hash(group, seed) for group in labels}
    splits: dict[str, Split] = {g: "val" if at < val else "train" for g, at in position.items()}
    members: dict[str, list[str]] = defaultdict(list)
    for group, names in sorted(labels.items()):
        for name in set(names):
            members[name].append(group)
    for name in sorted(members):
        for wanted in SPLITS:
            _fill(members[name], wanted, val, position, splits, members, labels)
    return splits


def _fill(
    groups: Sequence[str],
    wanted: Split,
    val: float,
    position: Mapping[str, float],
    splits: dict[str, Split],
    members: Mapping[str, Sequence[str]],
    labels: Mapping[str, Iterable[str]],
) -> None:
    """Give `wanted` one of `groups`, if it has none and one can go without emptying the other split of any class."""
    if any(splits[g] == wanted for g in groups):
        return
    for group in sorted(groups, key=lambda g: (abs(position[g] - val), g)):
        left = ([g for g in members[name] if g != group and splits[g] == splits[group]] for name in set(labels[group]))
        if all(left):
            splits[group] = wanted
            return
