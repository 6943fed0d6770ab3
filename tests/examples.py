"""How many examples the slow properties try: few by default, `MOUE_EXAMPLES=20 python -m pytest …` for twenty times."""

from __future__ import annotations

import os
from typing import Final

_TIMES: Final = float(os.environ.get("MOUE_EXAMPLES", "1"))


def examples(number: int) -> int:
    """For `settings(max_examples=…)`."""
    return max(1, round(number * _TIMES))
