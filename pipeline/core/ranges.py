"""Numbers that people choose, each with its range: the same on the command line, the pages and in the environment."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Final

from pipeline.core.errors import UsageError
from pipeline.core.messages import message

_WHOLE: Final = re.compile(r"[+-]?[0-9]{1,30}")
_REAL: Final = re.compile(r"[+-]?([0-9]{1,30}\.?[0-9]{0,30}|\.[0-9]{1,30})([eE][+-]?[0-9]{1,3})?")
_LONGEST_SHOWN: Final = 40


@dataclass(frozen=True, slots=True)
class Range:
    """From least to most, both included; whole numbers where `least` is one. open: both ends are left out."""

    least: int | float
    most: int | float
    open: bool = False

    @property
    def ends(self) -> tuple[int, int]:
        """Of whole numbers, as a browser's field takes them: JavaScript holds those beyond ±(2⁵³ - 1) inexactly."""
        most = 2**53 - 1
        return max(int(self.least), -most), min(int(self.most), most)

    @property
    def whole(self) -> bool:
        return isinstance(self.least, int)

    def parse(self, text: str) -> int | float:
        """The number that was typed: ASCII digits, no grouping, no infinity. Raises UsageError that says the range."""
        shown = repr(text if len(text) <= _LONGEST_SHOWN else text[:_LONGEST_SHOWN] + "…")
        found = (_WHOLE if self.whole else _REAL).fullmatch(text.strip())
        if found is None:
            raise self._refusal(shown)
        value: int | float = int(found[0]) if self.whole else float(found[0])
        if value not in self:
            raise self._refusal(shown)
        return value

    def _refusal(self, shown: str) -> UsageError:
        if self.whole:
            return UsageError(message("number_whole", shown=shown, least=self.least, most=self.most))
        if self.open:
            return UsageError(message("number_inside", shown=shown, least=self.least, most=self.most))
        return UsageError(message("number_real", shown=shown, least=self.least, most=self.most))

    def __contains__(self, value: int | float) -> bool:
        if not math.isfinite(value):
            return False
        return self.least < value < self.most if self.open else self.least <= value <= self.most


QUORUM: Final = Range(1, 9)
"""People who must have answered before something counts."""
LEAST_CHANCE: Final = Range(0.0, 0.9999)
"""Probability below which no answer counts."""
BACKUPS_KEPT: Final = Range(1, 10_000)
"""Backups that stay when the oldest go."""
MARGIN: Final = Range(1.0, 4.0)
"""Side of a crop over the longer edge of the mouth."""
SECONDS_A_FRAME: Final = Range(0.001, 86_400.0)
SCENE: Final = Range(0.0, 1.0, open=True)
"""Share by which the first frame of a scene differs from the one before."""
FRAMES: Final = Range(1, 10_000_000)
"""Of one video."""
WATCH_SECONDS: Final = Range(0.05, 86_400.0)
PHOTOS: Final = Range(1, 1_000_000_000)
"""Asked for, in all or for a keyword."""
SAMPLE: Final = Range(1, 1_000)
"""Photos by which two detectors are compared."""
PARALLEL: Final = Range(1, 1_000)
"""Requests at once."""
TIMEOUT: Final = Range(0.1, 3_600.0)
"""Seconds that one photo may take."""
RETRIES: Final = Range(0, 100)
VAL_SHARE: Final = Range(0.0, 1.0, open=True)
USUAL_VAL: Final = 0.2
"""The share of val where nobody says another one."""
TEST_SHARE: Final = Range(0.0, 1.0, open=True)
FOLDS: Final = Range(2, 20)
AGREEMENT: Final = Range(0.0, 1.0)
"""The least share of people's answers that say what counts."""
AT_MOST: Final = Range(1, 10_000_000)
"""Faces of a class in a release."""
SEED: Final = Range(-(2**63), 2**63 - 1)
CROP_SIDE: Final = Range(16, 4096)
"""Pixels of an exported crop."""
JPEG_QUALITY: Final = Range(1, 100)
USUAL_JPEG_QUALITY: Final = 95
"""Of a release's JPEGs where nobody says another one."""
MIN_SIDE: Final = Range(0, 65_500)
NEAREST: Final = Range(1, 10_000)
"""Faces that look most like another one."""
WEBCAM: Final = Range(0, 63)
ROW: Final = Range(1, 2**63 - 1)
"""The number of something that the database counts: a source, a person, a token."""
FOLDER_LEVEL: Final = Range(-100, 100)
TOKEN_DAYS: Final = Range(1, 3_650)
PROCESS: Final = Range(1, 2**31 - 1)
"""The number of a process."""
OPTION: Final = Range(-1e12, 1e12)
"""A detector's setting: which of them it takes, and from where to where, the detector says."""
BYTES: Final = Range(1, 2**63 - 1)
