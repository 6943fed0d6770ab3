"""What a module keeps between calls: names of its own that its functions change, and functions that remember."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tests.source.parsed import parsed

CHANGES: Final = frozenset(
    {"add", "append", "clear", "discard", "extend", "insert", "move_to_end", "pop", "popitem", "put", "remove", "set"}
    | {"setdefault", "update"}
)
"""Methods that change what they are called on."""
MAKES: Final = frozenset({"defaultdict"})
"""What changes when it is asked."""
REMEMBERS: Final = frozenset({"cache", "lru_cache", "cache_data", "cache_resource", "alru_cache", "cachedmethod"})


def kept_by(text: str) -> set[str]:
    """The names in a module's text: of what its functions change, and of functions that remember."""
    tree = parsed(text)
    own = {name for node in tree.body for name in _assigned(node)}
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    changed = {name for function in functions for node in ast.walk(function) for name in _changed(node)}
    remembering = {one.name for one in functions if any(_last(mark) in REMEMBERS for mark in one.decorator_list)}
    making = {name for node in tree.body for name in _assigned(node) if _last(getattr(node, "value", None)) in MAKES}
    return (own & changed) | remembering | making


def kept_in(root: Path, *packages: str) -> set[tuple[str, str]]:
    """(module's path, name) for all modules of these packages."""
    files = [file for package in packages for file in sorted((root / package).rglob("*.py"))]
    return {(file.relative_to(root).as_posix(), name) for file in files for name in kept_by(file.read_text("utf-8"))}


def _assigned(node: ast.stmt) -> Iterator[str]:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    yield from (target.id for target in targets if isinstance(target, ast.Name))


def _changed(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Global):
        yield from node.names
    if isinstance(node, ast.Subscript) and not isinstance(node.ctx, ast.Load):
        yield from _names(node.value)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CHANGES:
        yield from _names(node.func.value)


def _names(node: ast.AST) -> Iterator[str]:
    """The module's name in `name`, `name[key]` and `name.part`, at any depth."""
    while isinstance(node, ast.Subscript | ast.Attribute):
        node = node.value
    if isinstance(node, ast.Name):
        yield node.id


def _last(mark: ast.AST | None) -> str:
    """The name of what is called, or of a decorator."""
    called = mark.func if isinstance(mark, ast.Call) else mark
    return called.attr if isinstance(called, ast.Attribute) else called.id if isinstance(called, ast.Name) else ""
