"""What became of one target's inputs, counted as they come, and the line of the table."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.fuzzed.kept import heavy, keep, place, shown
from tests.faults.mutated.attempt import Attempt

HEAD = (
    "| target | inputs | refused by name | ended otherwise | most CPU, s | most memory, MB | branches reached |\n"
    "|---|---|---|---|---|---|---|"
)


@dataclass
class Tally:
    """folder: where inputs that are worth a second look are kept."""

    target: str
    folder: Path
    tried: int = 0
    refused: int = 0
    otherwise: int = 0
    seconds: float = 0.0
    bytes: int = 0
    covered: int = 0
    places: set[str] = field(default_factory=set)

    def add(self, done: Attempt, data: bytes | None) -> str:
        """What is to be said of it: of each place where inputs end otherwise once, of what costs more than all before
        if that is much; else nothing."""
        self.tried += 1
        self.refused += done.refused
        worse = done.seconds > self.seconds or done.bytes > self.bytes
        self.seconds, self.bytes = max(self.seconds, done.seconds), max(self.bytes, done.bytes)
        said = ""
        if done.fault:
            self.otherwise += 1
            if (where := place(done)) not in self.places:
                self.places.add(where)
                said = done.fault.rstrip()
        elif worse and heavy(done):
            said = f"{done.seconds:.2f} s of CPU, {done.bytes / 1e6:.0f} MB"
        if not said or data is None:
            return said
        return f"{done.name}: {said}\n  {shown(data)}\n  kept: {keep(self.folder, done.name, data)}"

    def row(self) -> str:
        cells = (f"{self.tried:,}", f"{self.refused:,}", str(self.otherwise), f"{self.seconds:.2f}")
        return f"| {self.target} | {' | '.join(cells)} | {self.bytes / 1e6:.0f} | {self.covered:,} |"
