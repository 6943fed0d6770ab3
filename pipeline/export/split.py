"""Which split a photo goes to: where it was in earlier releases, else where its hash says, then the fewest moves that
give each class its share."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from pipeline.core.errors import ExportError
from pipeline.core.messages import message
from pipeline.core.ranges import FOLDS, TEST_SHARE, USUAL_VAL, VAL_SHARE

Split = str
"""`train`, `val`, `test`, or `fold1`, `fold2` …"""
Kind = Literal["train_val", "train_val_test", "folds"]
Why = Literal["share", "joined", "no_split", "anew"]
_PARTS: Final = 1_000_000
"""Shares are whole millionths from here on: what is compared exactly is the same on every machine."""


@dataclass(frozen=True, slots=True)
class SplitPlan:
    """What is asked for. val, test: shares of the faces of each class, 0 to 1, both excluded; folds: how many of equal
    size, at least two. What its kind does not use is left as it is. anew: placed photos need not stay."""

    kind: Kind = "train_val"
    val: float = USUAL_VAL
    test: float = 0.0
    folds: int = 0
    seed: int = 0
    anew: bool = False

    def __post_init__(self) -> None:
        if self.kind == "folds":
            if self.folds not in FOLDS:
                raise ExportError(message("export_folds", least=FOLDS.least, most=FOLDS.most, folds=self.folds))
            return
        if self.val not in VAL_SHARE:
            raise ExportError(message("export_share", val=self.val))
        if self.kind == "train_val_test" and (self.test not in TEST_SHARE or self._train_parts <= 0):
            raise ExportError(message("export_shares", val=self.val, test=self.test))

    @classmethod
    def of(
        cls, val: float = USUAL_VAL, test: float = 0.0, folds: int = 0, seed: int = 0, *, anew: bool = False
    ) -> SplitPlan:
        """The plan that these numbers ask for: folds where there are any, else a test split where it has a share."""
        kind: Kind = "folds" if folds else "train_val_test" if test else "train_val"
        return cls(kind, val, test, folds, seed, anew)

    @property
    def splits(self) -> tuple[Split, ...]:
        """The names of its splits, in the order in which they are shown and written."""
        if self.kind == "folds":
            return tuple(f"fold{number}" for number in range(1, self.folds + 1))
        return ("train", "val", "test") if self.kind == "train_val_test" else ("train", "val")

    @property
    def shares(self) -> Mapping[Split, tuple[int, int]]:
        """Each split's share as numerator and denominator; they sum to one."""
        if self.kind == "folds":
            return dict.fromkeys(self.splits, (1, self.folds))
        parts = {"train": self._train_parts, "val": round(self.val * _PARTS), "test": round(self.test * _PARTS)}
        return {split: (parts[split], _PARTS) for split in self.splits}

    @property
    def params(self) -> dict[str, float | int]:
        """As a release's options keep it."""
        anew = {"anew": True} if self.anew else {}
        if self.kind == "folds":
            return {"folds": self.folds, "seed": self.seed, **anew}
        test = {"test": self.test} if self.kind == "train_val_test" else {}
        return {"val": self.val, **test, "seed": self.seed, **anew}

    def by_hash(self, group: str) -> Split:
        """Where a group goes by its own hash alone: val, then test, then train; of folds each has an equal part."""
        return _by_hash(group_hash(group, self.seed), self.intervals, self.splits[-1])

    @property
    def intervals(self) -> Mapping[Split, tuple[float, float]]:
        """The part of [0, 1) whose hashes each split takes."""
        if self.kind == "folds":
            return {s: (n / self.folds, (n + 1) / self.folds) for n, s in enumerate(self.splits)}
        if self.kind == "train_val":
            return {"val": (0.0, self.val), "train": (self.val, 1.0)}
        taken = self.val + self.test
        return {"val": (0.0, self.val), "test": (self.val, taken), "train": (taken, 1.0)}

    @property
    def _train_parts(self) -> int:
        test = self.test if self.kind == "train_val_test" else 0.0
        return _PARTS - round(self.val * _PARTS) - round(test * _PARTS)


DEFAULT_PLAN: Final = SplitPlan()


@dataclass(frozen=True, slots=True)
class Moved:
    """A group that is not where it was placed or, where nothing is remembered of it, where its hash says.

    placed: whether an earlier release of the line placed it. why: `share`: to give `classes` what was asked for;
    `joined`: it is joined with photos that were placed elsewhere; `no_split`: its split is not asked for any more;
    `anew`: photos that were placed need not stay.
    """

    group: str
    before: Split
    after: Split
    why: Why
    placed: bool
    classes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Assigned:
    """The split of each group, and what moved, sorted by group."""

    splits: Mapping[str, Split]
    moved: tuple[Moved, ...]


def group_hash(group: str, seed: int) -> float:
    """A number in [0, 1) that depends on the group and the seed alone."""
    digest = hashlib.sha256(f"{seed}:{group}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64


def _by_hash(at: float, intervals: Mapping[Split, tuple[float, float]], last: Split) -> Split:
    return next((split for split, (_, end) in intervals.items() if at < end), last)


def assign(groups: Mapping[str, Iterable[str]], split_plan: SplitPlan, placed: Mapping[str, Split]) -> Assigned:
    """The split of each group. groups: the class names of each group's faces. placed: where earlier releases of the
    line have it; other groups in it are passed over.

    A group stays where it was placed, and a new one goes where its hash says. Then groups move until the number of
    each class's faces in each split is off by at most the size of one of its groups, and each split has one, where the
    class has enough groups for that; the same holds for all classes together. New groups move first, placed ones only
    where these cannot mend it.
    """
    from pipeline.export.splits.stratify import Bin, mend  # has numpy, which those who name splits do not need

    names, intervals = split_plan.splits, split_plan.intervals
    bins = [Bin(s, *split_plan.shares[s], *intervals[s]) for s in names]
    at = {g: group_hash(g, split_plan.seed) for g in groups}
    kept = {g: placed[g] for g in groups if placed.get(g) in names}
    before = {g: kept.get(g) or _by_hash(at[g], intervals, names[-1]) for g in groups}
    mended = mend(groups, bins, before, at, frozenset(kept))
    splits = before | {g: split for g, (split, _) in mended.items()}
    moved = [Moved(g, before[g], splits[g], "share", g in kept, mended[g][1]) for g in groups if splits[g] != before[g]]
    lost = {g for g in groups if g in placed and g not in kept}
    moved = [m for m in moved if m.group not in lost]
    moved += [Moved(g, placed[g], splits[g], "no_split", True) for g in lost]
    return Assigned(splits, tuple(sorted(moved, key=lambda m: m.group)))
