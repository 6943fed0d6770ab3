"""Each choice among labels that carry numbers is kept."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.source.parsed import parsed

PAGES = Path(__file__).resolve().parents[3] / "pages"
WIDGETS = ("pills", "selectbox", "segmented_control", "multiselect", "radio")


def calls() -> Iterator[tuple[str, ast.Call]]:
    for path in sorted(PAGES.rglob("*.py")):
        for node in ast.walk(parsed(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in WIDGETS:
                yield f"{path.relative_to(PAGES)}:{node.lineno}", node


def test_each_choice_whose_labels_carry_numbers_is_kept() -> None:
    found = dict(calls())
    assert len(found) > 20
    counted = {
        where: call
        for where, call in found.items()
        if any(word.arg == "format_func" and _has_number(word.value) for word in call.keywords)
    }
    assert counted  # else the search is blind
    assert [where for where, call in counted.items() if not _is_kept(call)] == []


def _is_kept(call: ast.Call) -> bool:
    """By `choices.keep`, or written in each run from the address (`on_change` puts it there)."""
    words = {word.arg: ast.unparse(word.value) for word in call.keywords}
    return "choices.keep(" in words["key"] or "on_change" in words


def _has_number(node: ast.expr) -> bool:
    text = ast.unparse(node)
    return ":," in text or "count(" in text
