"""Nothing is asked of a set or list that is built for this one question, in a loop: that grows with the square."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.source.parsed import parsed

ROOT: Final = Path(__file__).resolve().parents[3]
_LOOPS: Final = (ast.For, ast.While, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_BUILDS: Final = frozenset({"set", "frozenset", "list", "tuple", "dict", "sorted"})


def built_anew(code: str) -> Iterator[str]:
    """The memberships that are asked in a loop of what is built there of a variable."""
    for loop in (node for node in ast.walk(parsed(code)) if isinstance(node, _LOOPS)):
        for node in ast.walk(loop):
            if not (isinstance(node, ast.Compare) and ast.dump(node.ops[0]).lower().endswith("in()")):
                continue
            match node.comparators[0]:
                case ast.Call(ast.Name(name), [ast.Name(of), *_]) if name in _BUILDS and of.islower():
                    yield ast.unparse(node)


def test_no_membership_is_asked_of_what_is_built_for_it() -> None:
    found = {
        path.relative_to(ROOT).as_posix(): asked
        for package in ("pipeline", "db", "pages", "models")
        for path in (ROOT / package).rglob("*.py")
        if (asked := list(built_anew(path.read_text())))
    }
    assert found == {}


@pytest.mark.parametrize(
    ("code", "number"),
    [
        ("[a for a in b if a not in set(c)]", 1), ("for a in b:\n    d = a in list(c)", 1),
        ("known = set(c)\n[a for a in b if a not in known]", 0), ("[a for a in set(c)]", 0), ("a in set(c)", 0),
        ("[a for a in b if a in set(Verdict)]", 0),
    ],
)  # fmt: skip
def test_what_counts_as_built_anew(code: str, number: int) -> None:
    assert len(list(built_anew(code))) == number
