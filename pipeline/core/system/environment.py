"""What of the environment a process gets that decodes files of strangers: what Python and its libraries need, nothing
that could be a secret."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from pipeline.core.system.calls import START

_NAMES: Final = frozenset({
    "PATH", "HOME", "LANG", "LANGUAGE", "TZ", "TMPDIR", "TEMP", "TMP", "VIRTUAL_ENV", "LD_LIBRARY_PATH",
    "DYLD_LIBRARY_PATH", "SYSTEMROOT", "GLIBC_TUNABLES", "MALLOC_ARENA_MAX",
    "PYTHONPATH", "PYTHONHOME", "PYTHONUTF8", "PYTHONIOENCODING",
    "PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX", "PYTHONHASHSEED", "PYTHONWARNINGS", "PYTHONNOUSERSITE",
    "PYTHONUNBUFFERED", "COVERAGE_PROCESS_START", START,
})  # fmt: skip
_BEGINNINGS: Final = ("LC_", "OPENBLAS_", "OMP_", "MKL_", "KMP_", "OPENCV_")
"""Of languages, and of what computes: on some processors a wrong kernel of OpenBLAS would be chosen without them."""


def for_decoders(given: Mapping[str, str]) -> dict[str, str]:
    """The variables of `given` that are known to be needed: a list of what goes, so that a secret of whatever name
    stays."""
    return {name: value for name, value in given.items() if name.upper() in _NAMES or name.startswith(_BEGINNINGS)}


@contextmanager
def starting_decoders() -> Iterator[None]:
    """What is started within gets `for_decoders` of this process's environment, which is whole again afterwards."""
    taken = {name: value for name, value in os.environ.items() if name not in for_decoders(os.environ)}
    for name in taken:
        del os.environ[name]
    try:
        yield
    finally:
        os.environ.update(taken)
