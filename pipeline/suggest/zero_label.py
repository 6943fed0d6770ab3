"""The zero-label rule: what a mouth's width and opening say before anybody has labelled anything.

A smile is wide, an open mouth has a gap, a pout is narrow and shut, and what is none of them is `none`. The thresholds
of width and opening were measured on 864 hand-labelled close-ups (81 % right; 78 % on 1,000 other photos, where .85
would have been the better width): they do not travel well, so a person is asked for a few labels first. That of the
pout is a guess below which 2 % of neutral faces lie; no labelled pouts were at hand.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from scipy.special import expit

from pipeline.suggest.features import OPENING, WIDTH, Floats

SMILE_WIDTH: Final = 0.98
OPEN_GAP: Final = 0.055
POUT_WIDTH: Final = 0.64
WIDTH_STEP: Final = 0.1
GAP_STEP: Final = 0.03
POUT_STEP: Final = 0.02
"""How far from its threshold a figure is when the odds are e to one."""
KNOWN: Final = ("smile", "openmouth", "pout", "none")


def probabilities(geometry: Floats, names: Sequence[str]) -> Floats:
    """The probability of each named class, float64 (n, len(names)), from `features.geometry` (n, 7).

    The likeliest class is that of the thresholds: a smile where the mouth is wide, else an open mouth where it gapes,
    else a pout where it is narrow, else none.

    names: of the workspace's classes, compared without case. A class that the rule does not know gets 0. What it says
    of a class that is not among them goes to `none`, or, without one, to the others in proportion. Where no smile, open
    mouth or pout is among them, or nothing is known of a face (not finite), the row is zeros: no suggestion.
    """
    wide = expit((geometry[:, WIDTH] - SMILE_WIDTH) / WIDTH_STEP)
    gaping = expit((geometry[:, OPENING] - OPEN_GAP) / GAP_STEP)
    narrow = expit((POUT_WIDTH - geometry[:, WIDTH]) / POUT_STEP)
    return shared_out(wide, gaping, narrow, names)


def shared_out(wide: Floats, gaping: Floats, narrow: Floats, names: Sequence[str]) -> Floats:
    """Probabilities (n, len(names)) from how far n mouths smile, gape and pout, each 0 to 1 and .5 at its threshold."""
    most = np.maximum(gaping, (1 - gaping) * np.maximum(narrow, 1 - narrow))
    wide = np.where(wide < 0.5, np.minimum(wide, 0.99 * most / (1 + most)), wide)  # or it could win below its threshold
    shut = (1 - wide) * (1 - gaping)
    said = {"smile": wide, "openmouth": (1 - wide) * gaping, "pout": shut * narrow, "none": shut * (1 - narrow)}
    folded = [name.casefold() for name in names]
    for absent in set(said) - set(folded):
        if "none" in folded:
            said["none"] = said["none"] + said[absent]
    found: Floats = np.zeros((len(wide), len(names)))
    if not {"smile", "openmouth", "pout"} & set(folded):
        return found
    for place, name in enumerate(folded):
        if name in said:
            found[:, place] = said[name]
    found[~np.isfinite(found).all(axis=1)] = 0.0
    total = found.sum(axis=1, keepdims=True)
    shares: Floats = np.divide(found, total, out=np.zeros_like(found), where=total > 0)
    return shares
