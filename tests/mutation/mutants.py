"""The faults that can be put into one module, and a random sample of them.

Cosmic Ray's operators change what Python says (comparisons, arithmetic, numbers, and/or, not, break, decorators, loops
that never run). Two of our own change what they cannot see and what this code is full of: words of SQL inside of
strings, and a call that is left out (an fsync, a check, a commit).
"""

from __future__ import annotations

import ast
import random
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import parso
from cosmic_ray.ast import ast_nodes
from cosmic_ray.mutating import mutate_code
from cosmic_ray.operators.operator import Operator
from cosmic_ray.plugins import get_operator, operator_names

#: Each turns one word of a statement into another that SQLite accepts as well.
SQL = [
    (r"\bDESC\b", ""),
    (r"\b(MAX|MIN)\b(?=\()", {"MAX": "MIN", "MIN": "MAX"}),
    (r"\bAND\b", "OR"),
    (r"\bOR\b(?! (REPLACE|IGNORE|ABORT|FAIL|ROLLBACK))", "AND"),
    (r"\bNOT (?=IN\b|EXISTS\b|LIKE\b|BETWEEN\b)", ""),
    (r"\bIS NOT\b", "IS"),
    (r"\bIS (?!NOT\b)", "IS NOT "),
    (r"\bLEFT JOIN\b", "JOIN"),
    (r"\bUNION ALL\b", "UNION"),
    (r"\bUNION\b(?! ALL)", "UNION ALL"),
    (r"\bOR IGNORE\b", "OR REPLACE"),
    (r"\bDISTINCT\b", ""),
    (r"(?<=[\w)?] )(<=|>=|<>|<|>|=)(?= [\w(?:'])", {"<=": "<", ">=": ">", "<": "<=", ">": ">=", "=": "<>", "<>": "="}),
]
_STATEMENT = re.compile(r"\b(SELECT|INSERT|UPDATE|DELETE|WHERE|FROM|ORDER BY|WITH|JOIN|WHEN)\b")


class SqlWord(Operator):
    """`ORDER BY seq DESC` becomes `ORDER BY seq`, `a < ?` becomes `a <= ?` …"""

    def changes(self, node) -> Iterator[str]:
        if node.type not in ("string", "fstring_string") or not _STATEMENT.search(node.value):
            return
        for pattern, to in SQL:
            for match in re.finditer(pattern, node.value):
                new = to if isinstance(to, str) else to[match[0]]
                yield node.value[: match.start()] + new + node.value[match.end() :]

    def mutation_positions(self, node):
        return [(node.start_pos, node.end_pos) for _ in self.changes(node)]

    def mutate(self, node, index):
        node.value = list(self.changes(node))[index]
        return node

    @classmethod
    def examples(cls):
        return ()


class DropCall(Operator):
    """A statement that is one call and keeps nothing of what it answers becomes `pass`."""

    def mutation_positions(self, node):
        if node.type == "simple_stmt" and node.children[0].type in ("atom_expr", "power", "await"):
            return [(node.start_pos, node.end_pos)]
        return []

    def mutate(self, node, index):
        indent = node.get_first_leaf().prefix
        return parso.parse(f"{indent}pass\n").children[0]

    @classmethod
    def examples(cls):
        return ()


@dataclass(frozen=True)
class Mutant:
    """One fault: `occurrence` counts what the operator could change in the module, in the order of its tree."""

    path: str
    operator: str
    occurrence: int
    line: int

    @property
    def name(self) -> str:
        return f"{self.path}:{self.line} {self.operator.removeprefix('core/')} #{self.occurrence}"


OWN = {"own/SqlWord": SqlWord, "own/DropCall": DropCall}
# The two of variables need arguments.
# `is` for `==` (or the other way round) is mostly the same by chance of the interpreter, and a linter's matter.
_UNUSED = re.compile(r"core/(Variable\w+|ReplaceComparisonOperator_(Eq|NotEq|Lt|LtE|Gt|GtE)_Is(Not)?)")
OPERATORS = [name for name in operator_names() if not _UNUSED.fullmatch(name)] + list(OWN)
#: Drawing by eye: numbers of a mouth's shape, of which no other is wrong.
LEFT_OUT = {"pipeline/sources/warp.py"}


def operator(name: str) -> Operator:
    return OWN[name]() if name in OWN else get_operator(name)()


def mutated(root: Path, mutant: Mutant) -> str:
    source = (root / mutant.path).read_text("utf-8")
    changed = mutate_code(source, operator(mutant.operator), mutant.occurrence)
    assert changed is not None, mutant
    return changed


def _types(source: str) -> list[ast.AST]:
    """Annotations, which nothing evaluates; what only a type checker reads; frozen=True of records, a habit."""
    found: list[ast.AST] = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.arg | ast.AnnAssign) and node.annotation:
            found.append(node.annotation)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.returns:
            found.append(node.returns)
        elif (
            (isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING")
            or isinstance(node, ast.Assert)
            or (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "dataclass")
        ):
            found.append(node)
    return found


def sites(root: Path, path: str) -> dict[tuple[object, ...], list[Mutant]]:
    """(family of operators, place) -> the faults possible there. A place is drawn once, however many it has."""
    source = (root / path).read_text("utf-8")
    tree, types = parso.parse(source), _types(source)
    nodes = list(ast_nodes(tree))
    found: dict[tuple[object, ...], list[Mutant]] = defaultdict(list)
    for name in OPERATORS:
        family, occurrence, applied = re.sub(r"_.*", "", name), 0, operator(name)
        for node in nodes:
            for start, end in applied.mutation_positions(node):
                if not any((t.lineno, t.col_offset) <= start < (t.end_lineno, t.end_col_offset) for t in types):
                    each = occurrence if family == "own/SqlWord" else None
                    found[family, start, end, each].append(Mutant(path, name, occurrence, start[0]))
                occurrence += 1
    return found


def _files(place: Path) -> list[Path]:
    return [place] if place.is_file() else list(place.rglob("*.py"))


def sample(root: Path, room: str, size: int, seed: int) -> tuple[list[Mutant], int]:
    """`size` places of a room drawn at random, one fault each, and how many places there are."""
    files = sorted(p.relative_to(root).as_posix() for p in _files(root / room))
    places = [mutants for path in files if path not in LEFT_OUT for mutants in sites(root, path).values()]
    dice = random.Random(seed)
    return [dice.choice(mutants) for mutants in dice.sample(places, min(size, len(places)))], len(places)
