"""Finds asserts that read a page once, in the middle of what it is doing: they pass or fail by how fast the machine is.

Whether a locator is meant is judged by the name of the method. A reading in a lambda is another's business: it is
handed to `becomes` or `until`, which read until it is so. What is read into a variable first is left alone: two
readings to compare, or what a script answers at once.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from typing import Final

READINGS: Final = frozenset({
    "all", "all_inner_texts", "all_text_contents", "bounding_box", "count", "evaluate", "evaluate_all", "get_attribute",
    "inner_html", "inner_text", "input_value", "is_checked", "is_disabled", "is_editable", "is_enabled", "is_hidden",
    "is_visible", "text_content",
})  # fmt: skip
OF_LISTS: Final = frozenset({"all", "count"})
"""With an argument these are methods of lists, strings and numpy."""


def reads(node: ast.AST, helpers: frozenset[str]) -> bool:
    """Whether a page is read when this is evaluated. helpers: functions that answer what they read."""
    if isinstance(node, ast.Lambda):
        return False
    if isinstance(node, ast.Call):
        called = node.func
        if isinstance(called, ast.Name) and called.id in helpers:
            return True
        if (
            isinstance(called, ast.Attribute)
            and called.attr in READINGS
            and not (called.attr in OF_LISTS and node.args)
        ):
            return True
    return any(reads(child, helpers) for child in ast.iter_child_nodes(node))


def asserts(tree: ast.AST, helpers: frozenset[str]) -> list[ast.Assert]:
    return [one for one in ast.walk(tree) if isinstance(one, ast.Assert) and reads(one.test, helpers)]


def _answers(function: ast.FunctionDef) -> list[ast.expr]:
    return [one.value for one in ast.walk(function) if isinstance(one, ast.Return) and one.value is not None]


def _imported(imports: list[ast.ImportFrom], modules: Mapping[str, frozenset[str]]) -> Iterator[str]:
    """Under the names that they have here."""
    for one in imports:
        theirs = modules.get(one.module or "", frozenset())
        yield from (name.asname or name.name for name in one.names if name.name in theirs)


def helpers_of(trees: Mapping[str, ast.AST]) -> dict[str, frozenset[str]]:
    """By module: functions, its own or imported from another one of these, that answer what they read of a page."""
    found: dict[str, frozenset[str]] = {module: frozenset() for module in trees}
    nodes = {module: list(ast.walk(tree)) for module, tree in trees.items()}
    imports = {module: [one for one in all_ if isinstance(one, ast.ImportFrom)] for module, all_ in nodes.items()}
    answers = {
        module: [(one.name, _answers(one)) for one in all_ if isinstance(one, ast.FunctionDef)]
        for module, all_ in nodes.items()
    }
    while True:
        before = dict(found)
        for module in trees:
            here = found[module] | frozenset(_imported(imports[module], found))
            own = {name for name, values in answers[module] if any(reads(value, here) for value in values)}
            found[module] = here | own
        if found == before:
            return found
