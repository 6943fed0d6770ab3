"""How many requests somebody may make: a bucket of tokens each, which fills steadily (token bucket)."""

from __future__ import annotations

import math
import os
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Final

from pipeline.core.errors import UsageError
from pipeline.core.messages import message

VARIABLE: Final = "MOUE_API_RATE"
DEFAULT: Final = 600
"""Requests a minute."""
MOST_KNOWN: Final = 4096
"""Buckets that are remembered; who is forgotten begins with a full one."""


class Limiter:
    """Any thread may use it. A bucket holds a minute's requests: who was silent may make them at once."""

    def __init__(self, a_minute: Callable[[], int], clock: Callable[[], float] = time.monotonic) -> None:
        self._a_minute, self._clock = a_minute, clock
        self._buckets: OrderedDict[Hashable, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def wait_s(self, who: Hashable) -> int:
        """Count a request: 0 if it may be made, else after how many seconds one may (it is not counted then)."""
        most, now = float(self._a_minute()), self._clock()
        with self._lock:
            left, before = self._buckets.pop(who, (most, now))
            left = min(most, left + (now - before) * most / 60)
            self._buckets[who] = (left - 1 if left >= 1 else left, now)
            while len(self._buckets) > MOST_KNOWN:
                self._buckets.popitem(last=False)
        return 0 if left >= 1 else max(1, math.ceil((1 - left) * 60 / most))


def requests_a_minute() -> int:
    """MOUE_API_RATE. Raises UsageError for what is none."""
    said = os.environ.get(VARIABLE, "") or str(DEFAULT)
    if not said.isascii() or not said.isdecimal() or not 1 <= int(said) <= 1_000_000:
        raise UsageError(message("api_rate", variable=VARIABLE, value=said))
    return int(said)
