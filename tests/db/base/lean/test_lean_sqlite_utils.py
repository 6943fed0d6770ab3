"""sqlite-utils is imported without numpy and pandas, and nobody else notices."""

from __future__ import annotations

import subprocess
import sys
import threading

import pytest

from db.base.lean.lean_sqlite_utils import _Hider
from tests.pipeline.commands import ROOT, environment

SCRIPT = """
import sys
before = list(sys.meta_path)
import db.base.lean.lean_sqlite_utils
import sqlite_utils
hidden = [name for name in ("numpy", "pandas") if name in sys.modules]
import numpy, pandas
print(hidden, sys.meta_path == before, pandas.DataFrame({"a": numpy.arange(2)}).shape)
"""


def test_both_are_left_out_and_stay_importable() -> None:
    done = subprocess.run([sys.executable, "-c", SCRIPT], cwd=ROOT, env=environment(), capture_output=True, text=True,
                          check=True)  # fmt: skip
    assert done.stdout.split("\n")[0] == "[] True (2, 1)"


def test_they_are_hidden_from_the_thread_that_imports_alone() -> None:
    hider = _Hider()
    seen: list[object] = []
    other = threading.Thread(target=lambda: seen.append(hider.find_spec("numpy")))
    other.start()
    other.join()
    assert seen == [None]  # the next finder is asked
    assert hider.find_spec("json") is None
    assert hider.find_spec("numpy.typing") is None
    for name in ("numpy", "pandas"):
        with pytest.raises(ModuleNotFoundError, match=name):
            hider.find_spec(name)
