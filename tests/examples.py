"""How many examples properties try: a third of what they name; by `MOUE_EXAMPLES=20`, twenty times it."""

from __future__ import annotations

import os
from typing import Final

_TIMES: Final = float(os.environ.get("MOUE_EXAMPLES", "0.34"))


def examples(number: int) -> int:
    """For `settings(max_examples=…)`."""
    return max(5, round(number * _TIMES))
