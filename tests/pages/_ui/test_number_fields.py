"""A field for a number takes what the command line takes: its bounds are those of `pipeline.core.ranges`."""

from __future__ import annotations

import ast
from pathlib import Path

from pipeline.core import ranges
from pipeline.core.ranges import Range
from tests.source.parsed import parsed

PAGES = Path(__file__).resolve().parents[3] / "pages"
OF_THE_PAGE = {"_SHARE", "_NUMBER", "compare_page", "_target_key"}
"""Keys of fields that no command has: shares in percent, pages of a list, targets."""


def bounds(call: ast.Call) -> list[ast.expr]:
    if isinstance(call.args[1], ast.Starred):
        return []
    return [arg for arg in call.args[1:3] if isinstance(arg, ast.Constant) and arg.value is not None]


def test_no_field_has_bounds_of_its_own() -> None:
    fields, own = 0, []
    for path in sorted(PAGES.rglob("*.py")):
        for node in ast.walk(parsed(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "number_input":
                fields += 1
                (key,) = (one.value for one in node.keywords if one.arg == "key")
                if bounds(node) and not any(name in ast.unparse(key) for name in OF_THE_PAGE):
                    own.append(path.name)
    assert fields >= 14
    assert own == ["search.py"], "only the seconds of a photo are whole ones there"


def test_the_ends_of_whole_numbers_are_those_that_a_browser_holds_exactly() -> None:
    assert ranges.FOLDS.ends == (2, 20)
    assert ranges.SEED.ends == (-9_007_199_254_740_991, 9_007_199_254_740_991)
    for each in vars(ranges).values():
        if isinstance(each, Range) and each.whole:
            assert all(end in each and float(end) == end for end in each.ends)
