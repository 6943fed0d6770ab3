"""The short form of the suite: `python -m pytest` leaves out what is marked `long`: most browser tests,
and faults that take their time. Of each kind some stay: what breaks a page or a command is seen at once.

Of a test with many parameter sets `long_but(3)` leaves three in the short form, evenly spread; the others are long.

Who names files or folders, or a choice (`-m long`, `-k keys`), gets all of what he names.
"""

from __future__ import annotations

import os
from collections import defaultdict
from typing import Final

import pytest

_VARIABLE: Final = "MOUE_TEST_SHORT"
"""Set by the process that was asked, for its workers: they are told each path by name."""


def configure(config: pytest.Config) -> None:
    """To be called by `pytest_configure`."""
    config.addinivalue_line("markers", "long: left out unless named, or with `-m long`; CI runs them too")
    config.addinivalue_line("markers", "long_but(n): all but n of its parameter sets are long")
    if hasattr(config, "workerinput"):
        return
    option = config.option
    if config.args_source is config.ArgsSource.TESTPATHS and not option.markexpr and not option.keyword:
        os.environ[_VARIABLE] = "1"
    else:
        os.environ.pop(_VARIABLE, None)


def leave_out(config: pytest.Config, items: list[pytest.Item]) -> None:
    """To be called by `pytest_collection_modifyitems`, before pytest itself looks for what is marked `long`."""
    tests = defaultdict(list)
    for item in items:
        tests[item.nodeid.partition("[")[0]].append(item)
    for sets in tests.values():
        _mark_all_but(sets)
    if os.environ.get(_VARIABLE):
        long = [item for item in items if item.get_closest_marker("long")]
        config.hook.pytest_deselected(items=long)
        items[:] = [item for item in items if item not in set(long)]


def _mark_all_but(sets: list[pytest.Item]) -> None:
    """Of one test's parameter sets, as they were collected."""
    marker = sets[0].get_closest_marker("long_but")
    if marker is None:
        return
    (kept,) = marker.args
    short = {len(sets) * place // kept for place in range(kept)}
    for at, item in enumerate(sets):
        if at not in short:
            item.add_marker(pytest.mark.long)
