"""What the page scripts import, imported before anybody opens one: the first visit of a page needs not wait for it, and
it is there to be left out of garbage collection."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterator
from pathlib import Path

import pages


def import_all() -> None:
    for script in scripts(Path(pages.__path__[0])):
        for module, names in imported(script.read_text("utf-8")):
            found = importlib.import_module(module)
            for name in names:
                if not hasattr(found, name):  # a module of a package: `from pages import _ui`
                    importlib.import_module(f"{module}.{name}")


def scripts(folder: Path) -> Iterator[Path]:
    """All that Streamlit runs as a page: what lies at the top of `folder`, but the shell, which runs the others."""
    yield from (path for path in sorted(folder.glob("*.py")) if not path.name.startswith("_"))


def imported(source: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each module that a script imports at its top, and the names that it takes out of it."""
    for node in ast.parse(source).body:
        if isinstance(node, ast.ImportFrom) and node.module is not None:
            yield node.module, tuple(alias.name for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from ((alias.name, ()) for alias in node.names)
