"""What came of many interruptions."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Tally:
    """cuts: interruptions. lost: UUIDs of decisions that were acknowledged and are not in the log. doubled: rows too
    many. findings: what `verify` said."""

    cuts: int = 0
    acknowledged: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: int = 0
    findings: list[str] = field(default_factory=list)

    @property
    def well(self) -> bool:
        return not (self.lost or self.doubled or self.findings)
