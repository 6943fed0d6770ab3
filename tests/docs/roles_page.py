"""docs/roles.md's table, drawn from the code: `python -m tests.docs.roles_page` writes it anew."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from pipeline.core.roles import ABOUT, LOWEST, ROLES, may

PAGE: Final = Path(__file__).resolve().parents[2] / "docs" / "roles.md"
START: Final = "| action | what it is |"


def table() -> str:
    """One row an action, one column a role, the owner first."""
    columns = list(reversed(ROLES))
    lines = [f"{START} {' | '.join(columns)} |", f"|---|---|{'---|' * len(columns)}"]
    for action in LOWEST:
        marks = " | ".join("yes" if may(role, action) else "" for role in columns)
        lines.append(f"| `{action}` | {ABOUT[action]} | {marks} |")
    return "\n".join(lines)


def written() -> str:
    """The table as it stands on the page."""
    lines = PAGE.read_text("utf-8").splitlines()
    begin = next(number for number, line in enumerate(lines) if line.startswith(START))
    end = next((number for number in range(begin, len(lines)) if not lines[number].startswith("|")), len(lines))
    return "\n".join(lines[begin:end])


if __name__ == "__main__":
    PAGE.write_text(PAGE.read_text("utf-8").replace(written(), table()), "utf-8")
