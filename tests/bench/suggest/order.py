"""Whom a simulated annotator is asked first: as `db.team.mix` chooses, on plain arrays, without a workspace."""

from __future__ import annotations

import numpy as np

from db.team.mix import RANDOM_SHARE
from pipeline.suggest.features import Floats
from pipeline.suggest.learner import Numbers


def uncertainty(probabilities: Floats) -> Floats:
    """How uncertain a suggestion is, 0 to 1, for n faces (n, k): one less the lead of the likeliest class over the next
    ("smallest margin", Scheffer, Decomain, Wrobel, IDA 2001); 1 where nothing is suggested."""
    if probabilities.shape[1] < 2:
        return np.where(probabilities.sum(axis=1) > 0, 0.0, 1.0)
    two = np.partition(probabilities, -2, axis=1)[:, -2:]
    found: Floats = 1.0 - (two[:, 1] - two[:, 0])
    return found


def mix(uncertain: Floats, random_key: Floats, size: int) -> tuple[Numbers, Numbers]:
    """The next `size` of n faces, and which of these are the random ones: two int64 arrays of places, without repeats.

    uncertain: (n,), the greater the sooner. random_key: (n,), a fixed number of each face that has nothing to do with
    its looks: the least are drawn, so that the draw is the same however often it is asked for.
    """
    n = len(uncertain)
    size = min(size, n)
    drawn = np.lexsort((np.arange(n), random_key))[: round(size * RANDOM_SHARE + 1e-9) if size > 1 else 0]
    order = np.lexsort((np.arange(n), -uncertain))
    others = order[~np.isin(order, drawn)][: size - len(drawn)]
    return np.concatenate([others, drawn]).astype(np.int64), drawn.astype(np.int64)


def random_keys(seqs: Numbers, seed: int) -> Floats:
    """A fixed random number, 0 to 1, for each face's seq (n,): SplitMix64 (Steele, Lea, Flood, OOPSLA 2014)."""
    with np.errstate(over="ignore"):
        z = (seqs.astype(np.uint64) + np.uint64(seed % 2**32) * np.uint64(0x1_0000_0001)) * np.uint64(
            0x9E3779B97F4A7C15
        )
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z ^= z >> np.uint64(31)
    found: Floats = z.astype(np.float64) / 2.0**64
    return found
