"""The picture of the rooms in docs/architecture.md, drawn from the table that the import test holds.

python -m tests.docs.picture    writes it anew
"""

from __future__ import annotations

import re
from typing import Final

from tests import rooms
from tests.docs.pages import ARCHITECTURE

_PICTURE: Final = re.compile(r"(?<=```mermaid\n).*?(?=^```$)", re.MULTILINE | re.DOTALL)


def draw() -> str:
    """Mermaid: a box a package, a floor below the next; an arrow means "may import what is there and below"."""
    lines = ["flowchart TB"]
    for package, floors in reversed(rooms.FLOORS.items()):
        lines += [f"  subgraph {package}_[{package}/]", "    direction TB"]
        nodes = [[f'{_id(package, room)}["{_label(room)}"]' for room in floor] for floor in floors]
        lines += [f"    {' & '.join(floor)}" for floor in reversed(nodes[:1])] if len(floors) == 1 else []
        for i in range(len(floors) - 1, 0, -1):
            lower = " & ".join(_id(package, room) for room in floors[i - 1]) if i > 1 else " & ".join(nodes[0])
            lines.append(f"    {' & '.join(nodes[i])} --> {lower}")
        lines.append("  end")
    for room, others in rooms.OTHERS.items():
        package, _, name = room.partition(".")
        of_all = rooms.OTHERS[package] if name else frozenset[str]()
        lines += [f"  {_node(room)} --> {_node(other)}" for other in sorted(others - of_all)]
    return "\n".join(lines) + "\n"


def _id(package: str, room: str) -> str:
    return f"{package}_{re.sub(r'[^a-z]', '', room)}"


def _label(room: str) -> str:
    """A label that begins like a tag would be swallowed by some of the viewers that draw Mermaid."""
    return room.replace("<", "‹").replace(">", "›")


def _node(room: str) -> str:
    """A room as OTHERS names it: a package's box, or a room in it."""
    package, _, name = room.partition(".")
    return _id(package, name) if name else f"{package}_" if package in rooms.FLOORS else f"{package}[{package}.py]"


def picture_in(text: str) -> str:
    found = _PICTURE.search(text)
    assert found, "docs/architecture.md has no mermaid block"
    return found[0]


def with_picture(text: str) -> str:
    return _PICTURE.sub(lambda _: draw(), text, count=1)


if __name__ == "__main__":
    ARCHITECTURE.write_text(with_picture(ARCHITECTURE.read_text("utf-8")), "utf-8")
