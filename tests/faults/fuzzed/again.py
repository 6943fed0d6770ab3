"""One kept file through its door again, in this process and without atheris."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.faults.fuzzed.kept import format_of
from tests.faults.mutated.attempt import Attempt
from tests.faults.mutated.attempts import attempt_of
from tests.faults.mutated.samples import samples


def again(path: Path) -> Attempt:
    """Raises ValueError where the file's name says no format."""
    name = format_of(path)
    if name not in samples():
        raise ValueError(f"{path}: its name should begin with a format and a point: {', '.join(samples())}")
    with tempfile.TemporaryDirectory(prefix="moue-fuzzed-") as folder:
        return attempt_of(name, 0, path.read_bytes(), Path(folder))
