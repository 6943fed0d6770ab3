"""The zero-label rule: what a mouth's width and opening say before anybody has labelled anything.

A smile is wide, an open mouth has a gap, a pout is narrow and shut, and what is none of them is `none`. The thresholds
of width and opening were measured on 864 hand-labelled close-ups (81 % right; 78 % on 1,000 other photos, where .85
would have been the better width): they do not travel well, so a person is asked for a few labels first. That of the
pout is a guess below which 2 % of neutral faces lie; no labelled pouts were at hand.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

import numpy as np
from scipy.special import expit

from pipeline.core.names import name_key
from pipeline.suggest.features import OPENING, WIDTH, Floats

SMILE_WIDTH: Final = 0.98
OPEN_GAP: Final = 0.055
POUT_WIDTH: Final = 0.64
WIDTH_STEP: Final = 0.1
GAP_STEP: Final = 0.03
POUT_STEP: Final = 0.02
"""How far from its threshold a figure is when the odds are e to one."""
KNOWN: Final = ("smile", "openmouth", "pout", "none")
"""What the rule tells apart."""
WORDS: Final = {
    "smile": {"smile", "smiling", "happy", "happiness", "微笑", "笑"},
    "openmouth": {"openmouth", "mouthopen", "open", "张嘴", "张口"},
    "pout": {"pout", "pouting", "pucker", "嘟嘴", "撅嘴"},
    "none": {"none", "neutral", "normal", "noexpression", "无", "无表情", "中性"},
}
"""Names of classes that mean them."""


def probabilities(geometry: Floats, names: Sequence[str]) -> Floats:
    """The probability of each named class, float64 (n, len(names)), from `features.geometry` (n, 7).

    The likeliest class is that of the thresholds: a smile where the mouth is wide, else an open mouth where it gapes,
    else a pout where it is narrow, else none.

    names: of the workspace's classes; see `says` for how they are understood. Rows of zeros, which are no suggestion:
    where no smile, open mouth or pout is among them, or nothing is known of a face (not finite).
    """
    wide = expit((geometry[:, WIDTH] - SMILE_WIDTH) / WIDTH_STEP)
    gaping = expit((geometry[:, OPENING] - OPEN_GAP) / GAP_STEP)
    narrow = expit((POUT_WIDTH - geometry[:, WIDTH]) / POUT_STEP)
    return shared_out(wide, gaping, narrow, names)


def _below(said: Floats, rest: Floats) -> Floats:
    """Below its threshold a class is less likely than what the rest is shared out to at most: it would win else."""
    found: Floats = np.where(said < 0.5, np.minimum(said, 0.99 * rest / (1 + rest)), said)
    return found


def shared_out(wide: Floats, gaping: Floats, narrow: Floats, names: Sequence[str]) -> Floats:
    """Probabilities (n, len(names)) from how far n mouths smile, gape and pout, each 0 to 1 and .5 at its threshold."""
    shut_most = np.maximum(narrow, 1 - narrow)
    gaping = _below(gaping, shut_most)
    wide = _below(wide, np.maximum(gaping, (1 - gaping) * shut_most))
    shut = (1 - wide) * (1 - gaping)
    said = np.stack([wide, (1 - wide) * gaping, shut * narrow, shut * (1 - narrow)], axis=1)
    found: Floats = said @ says(names)
    found[~np.isfinite(said).all(axis=1)] = 0.0
    total = found.sum(axis=1, keepdims=True)
    shares: Floats = np.divide(found, total, out=np.zeros_like(found), where=total > 0)
    return shares


def kind(name: str) -> str | None:
    """Which of KNOWN a class's name means, as `name_key` and without spaces, hyphens and underscores; None: another."""
    folded = re.sub(r"[\s_-]+", "", name_key(name))
    return next((one for one, words in WORDS.items() if folded in words), None)


def says(names: Sequence[str]) -> Floats:
    """To which classes what is said of each of KNOWN goes, float64 (4, len(names)), in shares.

    Classes of one kind share it evenly. What is said of a kind that no class means goes to those that mean none;
    without one, evenly to the classes that the rule does not know; without these, to nobody, and the others take it in
    proportion. Zeros where no class means a smile, an open mouth or a pout.
    """
    kinds = [kind(name) for name in names]
    found: Floats = np.zeros((len(KNOWN), len(kinds)))
    if not {"smile", "openmouth", "pout"} & set(kinds):
        return found
    others = "none" if "none" in kinds else None
    for row, one in enumerate(KNOWN):
        takes = np.array([that == (one if one in kinds else others) for that in kinds])
        found[row, takes] = 1 / max(1, takes.sum())
    return found
