"""Reads who imports whom, and says what is against the table of rooms.

Files come in as {path: text}, so that a test can plant a wrong import; each rule answers with what breaks it.
"""

from __future__ import annotations

import ast
import fnmatch
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path, PurePosixPath
from typing import Final

from tests import rooms
from tests.source.parsed import parsed

ROOT: Final = Path(__file__).resolve().parents[1]
TOPS: Final = tuple(rooms.FLOORS)
_SQL: Final = re.compile(
    r"^\s*(SELECT\s.*\sFROM|INSERT\s.*INTO|UPDATE\s+\w+\s+SET|DELETE\s+FROM|CREATE\s+TABLE)\s", re.DOTALL
)
OURS: Final = frozenset({*TOPS, "app", "tests"})


@dataclass(frozen=True)
class Import:
    """One imported name: `module.attribute` of a from-import, so that both can be looked up."""

    name: str
    line: int
    #: Neither inside a function nor for the type checker only: it runs when the module is imported.
    at_start: bool


@cache
def imports_of(path: str, text: str) -> tuple[Import, ...]:
    return tuple(_imports(path, parsed(text).body, at_start=True))


def _imports(path: str, nodes: Iterable[ast.AST], *, at_start: bool) -> Iterator[Import]:
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (Import(alias.name, node.lineno, at_start) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            if node.level or node.module is None:
                raise AssertionError(f"{path}:{node.lineno}: relative imports hide who imports whom")
            yield from (Import(f"{node.module}.{alias.name}", node.lineno, at_start) for alias in node.names)
        else:
            inside = at_start and not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
            inside = inside and not (isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"))
            yield from _imports(path, ast.iter_child_nodes(node), at_start=inside)


def read(root: Path = ROOT) -> dict[str, str]:
    """Every file of source that a person wrote, by its path from the root; the text of Python files alone."""
    found = [root / "app.py"]
    for top in TOPS:
        found += [p for p in sorted((root / top).rglob("*")) if p.is_file() and "__pycache__" not in p.parts]
    return {p.relative_to(root).as_posix(): p.read_text("utf-8") if p.suffix == ".py" else "" for p in found}


def module_of(path: str) -> str:
    parts = PurePosixPath(path).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def within(name: str, room: str) -> bool:
    return name == room or name.startswith(room + ".")


def longest(name: str, keys: Iterable[str]) -> str:
    """The most particular of the keys that a dotted name lies in."""
    return max((k for k in keys if within(name, k)), key=len)


def room_of(module: str) -> str:
    """`pipeline.core`, `pages._clean`, `pages.<page>.py`, `models`, `app`; the bare package for its own `__init__`."""
    top, _, rest = module.partition(".")
    first = rest.partition(".")[0]
    if top == "models" or top not in rooms.FLOORS or not first:
        return top
    if top == "pages" and (not first.startswith("_") or first == "_shell"):
        return f"pages.{rooms.PAGE_FILES}"
    return f"{top}.{first}"


def floor_of(room: str) -> int:
    top, _, name = room.partition(".")
    return next((i for i, floor in enumerate(rooms.FLOORS.get(top, ())) if (name or top) in floor), -1)


@dataclass(frozen=True)
class Edge:
    """One module of ours imports another."""

    source: str
    target: str
    line: int
    at_start: bool

    def __str__(self) -> str:
        return f"{self.source}:{self.line} imports {self.target}"


class Graph:
    """Who imports whom among the files given."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self.files = files
        self.modules = {module_of(p): p for p in files if p.endswith(".py")}

    @cached_property
    def edges(self) -> list[Edge]:
        return [
            Edge(module, self._module(i.name), i.line, i.at_start)
            for module, path in self.modules.items()
            for i in imports_of(path, self.files[path])
            if i.name.partition(".")[0] in OURS and self._module(i.name) != module
        ]

    def _module(self, name: str) -> str:
        """The module in which an imported name lies; one that is not there stays as it is written."""
        found = name
        while found and found not in self.modules:
            found = found.rpartition(".")[0]
        return found if "." in found or found == name or found == "app" else name

    def foreign(self) -> Iterator[tuple[str, str, int]]:
        """(module, foreign package, line)."""
        for module, path in self.modules.items():
            for i in imports_of(path, self.files[path]):
                if (top := i.name.partition(".")[0]) not in OURS:
                    yield module, top, i.line


def every_file_has_a_room(graph: Graph) -> list[str]:
    problems = []
    for path in graph.files:
        parts = PurePosixPath(path).parts
        if path in ("app.py", "pages/icon.svg") or parts[1:] == ("__init__.py",):
            continue
        room = room_of(module_of(path)) if path.endswith(".py") else ".".join(parts[:2])
        if floor_of(room) < 0:
            problems.append(f"{path}: no room {room} in tests/rooms.py")
    return problems


def every_room_is_there(graph: Graph) -> list[str]:
    """A row of the table without a module says nothing."""
    there = {room_of(module) for module in graph.modules}
    named = {
        top if name == top else f"{top}.{name}" for top, floors in rooms.FLOORS.items() for f in floors for name in f
    }
    return [f"tests/rooms.py: there is no room {room}" for room in sorted(named - there)]


def allowed(edge: Edge) -> bool:
    source, target = room_of(edge.source), room_of(edge.target)
    top, other = source.partition(".")[0], target.partition(".")[0]
    if any(within(edge.target, private) for private in rooms.PRIVATE) and top != other:
        return False
    if top != other:
        return any(within(target, o) for o in rooms.OTHERS[longest(source, rooms.OTHERS)])
    if source == target:
        return source != f"pages.{rooms.PAGE_FILES}"
    if source == top:
        return False
    if target == top:
        return True  # the package itself, which is empty: for its `__file__`
    if source == f"pages.{rooms.PAGE_FILES}" and target in page_rooms():
        return target in {f"pages._{edge.source.rpartition('.')[2]}", *linked()}
    if source in page_rooms() and target in linked():
        return True
    return 0 <= floor_of(target) < floor_of(source)


def page_rooms() -> set[str]:
    return {f"pages.{room}" for room in rooms.FLOORS["pages"][-2]}


def linked() -> set[str]:
    return {f"pages.{room}" for room in rooms.LINKED}


def pair_of(edge: Edge) -> tuple[str, str]:
    """Rooms; a page stands for itself."""
    source = room_of(edge.source)
    return (edge.source if source.endswith(rooms.PAGE_FILES) else source, room_of(edge.target))


def wrong_imports(graph: Graph, excepted: Iterable[tuple[str, str]] = ()) -> list[str]:
    """Imports against the rule, but for the excepted pairs; and excepted pairs that do not occur."""
    against = [edge for edge in graph.edges if not allowed(edge)]
    pairs = {pair_of(edge) for edge in against}
    return [str(e) for e in against if pair_of(e) not in set(excepted)] + [
        f"tests/rooms.py: {a} no longer imports {b}: take the pair out" for a, b in sorted(set(excepted) - pairs)
    ]


def banned_imports(graph: Graph) -> list[str]:
    problems = []
    for module, package, line in graph.foreign():
        if package in rooms.BANNED[longest(module, rooms.BANNED)]:
            problems.append(f"{module}:{line} imports {package}")
        if any(within(module, leaf) for leaf in rooms.LEAVES) and package not in {"numpy", *sys.stdlib_module_names}:
            problems.append(f"{module}:{line} imports {package}: a leaf uses the standard library and numpy alone")
    return problems


def decoders_in_pages(graph: Graph) -> list[str]:
    return [f"{e}, which decodes" for e in graph.edges if within(e.source, "pages") and e.target in rooms.DECODERS]


def sql_outside_db(graph: Graph) -> list[str]:
    problems = []
    for path, text in graph.files.items():
        if path.endswith(".py") and not path.startswith("db/"):
            for node in ast.walk(parsed(text)):
                if isinstance(node, ast.Constant) and isinstance(node.value, str) and _SQL.search(node.value):
                    problems.append(f"{path}:{node.lineno} holds SQL")
    return problems


def scripts_of_other_components(graph: Graph) -> list[str]:
    """What two components use lies in `_shared`."""
    return [
        f"{path}: takes a script of {other}"
        for path, text in graph.files.items()
        if fnmatch.fnmatch(path, "pages/_components/*/__init__.py")
        for other in re.findall(r'"\.\./(\w+)/', text)
        if other != "_shared"
    ]


def circles(edges: Iterable[tuple[str, str]]) -> list[str]:
    """The strongly connected parts of more than one node (Tarjan)."""
    out = defaultdict(set)
    for a, b in edges:
        out[a].add(b)
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found = []

    def visit(node: str) -> None:
        index[node] = low[node] = len(index)
        stack.append(node)
        for other in sorted(out.get(node, ())):
            if other not in index:
                visit(other)
                low[node] = min(low[node], low[other])
            elif other in stack:
                low[node] = min(low[node], index[other])
        if low[node] == index[node]:
            part = stack[stack.index(node) :]
            del stack[stack.index(node) :]
            if len(part) > 1:
                found.append("a circle: " + ", ".join(sorted(part)))

    for node in sorted(out):
        if node not in index:
            visit(node)
    return found


def circles_between_rooms(graph: Graph) -> list[str]:
    pairs = {(room_of(e.source), room_of(e.target)) for e in graph.edges}
    return circles(pair for pair in pairs if pair[0] != pair[1])


def circles_between_modules(graph: Graph) -> list[str]:
    return circles((e.source, e.target) for e in graph.edges if e.at_start)


def folders_without_init(graph: Graph) -> list[str]:
    """`walk_packages` does not see into them."""
    folders = {PurePosixPath(p).parent.as_posix() for p in graph.files if p.endswith(".py")} - {"."}
    return [f"{f}: no __init__.py" for f in sorted(folders) if f"{f}/__init__.py" not in graph.files]


def code_in_init(graph: Graph) -> list[str]:
    """A docstring is no code."""
    problems = []
    for path in graph.files:
        if path.endswith("/__init__.py") and not any(fnmatch.fnmatch(path[:-12], a) for a in rooms.INIT_WITH_CODE):
            body = parsed(graph.files[path]).body
            if body and not (
                len(body) == 1 and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant)
            ):
                problems.append(f"{path}: holds code")
    return problems


def passed_on(graph: Graph, allowed: Iterable[tuple[str, str]] = ()) -> list[str]:
    """Names that a module imports for others: listed in its `__all__`, `as` the same name, or taken from it elsewhere.

    An `__init__` with code may. So may no other module: each name has one place from which it is imported.
    """
    facts = {module: _names_of(graph.files[path]) for module, path in graph.modules.items()}
    imported = {
        module: {alias.bound for alias in names.imported if alias.full not in graph.modules}
        for module, names in facts.items()
        if not graph.modules[module].endswith("__init__.py")
    }
    found: dict[tuple[str, str], str] = {}
    for module, names in facts.items():
        for name in names.listed & imported.get(module, set()):
            found[module, name] = f"{module}: passes on {name}"
        for other, name, line in _taken(names, graph):
            if other != module and name in imported.get(other, ()):
                found[other, name] = f"{module}:{line} takes {name} from {other}, which does not define it"
    return [text for pair, text in found.items() if pair not in set(allowed)] + [
        f"tests/rooms.py: {module} no longer passes on {name}: take the pair out"
        for module, name in sorted(set(allowed) - set(found))
    ]


@dataclass(frozen=True)
class _Alias:
    """`from module import name as bound`."""

    module: str
    name: str
    bound: str
    line: int

    @property
    def full(self) -> str:
        return f"{self.module}.{self.name}"


@dataclass(frozen=True)
class _Names:
    """What a module imports by name; those it lists for others; each (bound name, attribute, line) taken of them."""

    imported: tuple[_Alias, ...]
    listed: frozenset[str]
    attributes: tuple[tuple[str, str, int], ...]


@cache
def _names_of(text: str) -> _Names:
    """Of a module. Listed: in `__all__`, or imported `as` themselves, which means the same to a type checker."""
    tree = parsed(text)
    nodes = list(ast.walk(tree))
    from_imports = [(node, alias) for node in nodes if isinstance(node, ast.ImportFrom) for alias in node.names]
    imported = tuple(_Alias(str(n.module), a.name, a.asname or a.name, n.lineno) for n, a in from_imports)
    listed = {alias.name for _, alias in from_imports if alias.asname == alias.name}
    for node in tree.body:
        if isinstance(node, ast.Assign) and any(ast.unparse(target) == "__all__" for target in node.targets):
            listed |= set(ast.literal_eval(node.value))
    bound = {alias.bound for alias in imported}
    attributes = tuple(
        (node.value.id, node.attr, node.lineno)
        for node in nodes
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in bound
    )
    return _Names(imported, frozenset(listed), attributes)


def _taken(names: _Names, graph: Graph) -> Iterator[tuple[str, str, int]]:
    """(module of ours, name taken from it, line): `from m import name`, and `m.name` of a module imported whole."""
    whole = {alias.bound: alias.full for alias in names.imported if alias.full in graph.modules}
    for alias in names.imported:
        if alias.full not in graph.modules and alias.module in graph.modules:
            yield alias.module, alias.name, alias.line
    for bound, attribute, line in names.attributes:
        if bound in whole:
            yield whole[bound], attribute, line


def large_folders(paths: Iterable[str], allowed: Mapping[str, str] = rooms.LARGE_FOLDERS) -> list[str]:
    paths = list(paths)
    folders = defaultdict(list)
    tops = {PurePosixPath(path).parts[0] for path in paths}  # the source is looked through without the tests
    for path in paths:
        folders[PurePosixPath(path).parent.as_posix()].append(path)
    large = {folder: len(files) for folder, files in folders.items() if len(files) > rooms.MOST_FILES}
    return [f"{folder}: {count} files" for folder, count in large.items() if folder not in allowed] + [
        f"tests/rooms.py: {folder} is small enough: take it out"
        for folder in allowed
        if folder not in large and PurePosixPath(folder).parts[0] in tops
    ]


def long_files(files: Mapping[str, str], allowed: Mapping[str, str] = rooms.LONG_FILES) -> list[str]:
    problems = []
    for path, text in files.items():
        is_page = PurePosixPath(path).parent == PurePosixPath("pages") and not path.startswith("pages/_")
        most = 400 if path in allowed else rooms.MOST_LINES_OF_A_PAGE if is_page else rooms.MOST_LINES
        if (lines := len(text.splitlines())) > most:
            problems.append(f"{path}: {lines} lines, {most} at most")
        elif path in allowed and lines <= rooms.MOST_LINES:
            problems.append(f"tests/rooms.py: {path} is short enough: take it out")
    return problems
