"""docs/architecture.md: its picture is drawn from the table of rooms, and what it names in the code is there."""

from __future__ import annotations

import ast
import re
from functools import cache

import pytest

from tests.docs.pages import ARCHITECTURE, PAGES, ROOT, name_of
from tests.docs.picture import draw, picture_in, with_picture
from tests.source.parsed import parsed

NAMED = re.compile(r"`([\w./]+\.(?:py|js)):([\w.]+)`")
TEXT = ARCHITECTURE.read_text("utf-8")
PLACES = sorted({(path, name) for page in PAGES for path, name in NAMED.findall(page.read_text("utf-8"))})
SCRIPT = re.compile(r"^ *(?:async )?(?:function |class )?(\w+)(?:\(.*\))? .*\{$", re.MULTILINE)
FILES = re.compile(r"`((?:pages|pipeline|db|models|tests|docs)/[\w./-]*)`")


@cache
def defined(path: str) -> frozenset[str]:
    """Functions, classes, methods (`Class.method`) and constants of a module; in a script the names that look so."""
    text = (ROOT / path).read_text("utf-8")
    if path.endswith(".js"):
        return frozenset(SCRIPT.findall(text))
    found: set[str] = set()
    for node in parsed(text).body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            found.add(node.name)
        if isinstance(node, ast.ClassDef):
            found |= {
                f"{node.name}.{n.name}" for n in node.body if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)
            }
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            found.add(node.target.id)
    return frozenset(found)


@pytest.mark.parametrize(("path", "name"), PLACES)
def test_what_is_named_is_there(path: str, name: str) -> None:
    assert (ROOT / path).is_file()
    assert name in defined(path)


def test_a_function_that_is_gone_would_be_found() -> None:
    assert "run" in defined("pipeline/run/coordinator.py")
    assert "walk_away" not in defined("pipeline/run/coordinator.py")
    assert "Store.write" in defined("db/store/store.py")
    assert "push" in defined("pages/_components/_shared/decision_queue.js")
    assert "pushed" not in defined("pages/_components/_shared/decision_queue.js")


@pytest.mark.parametrize("document", PAGES, ids=name_of)
def test_paths_that_are_named_are_there(document: object) -> None:
    assert hasattr(document, "read_text")
    gone = [p for p in FILES.findall(document.read_text("utf-8")) if not (ROOT / p).exists()]
    assert gone == []


def test_the_picture_is_drawn_from_the_table() -> None:
    assert picture_in(TEXT) == draw(), "python -m tests.docs.picture"
    assert with_picture(TEXT) == TEXT


@pytest.mark.parametrize(
    "walk", ["From a photo to the database", "From a key to the log", "From an export to its files"]
)
def test_each_walk_names_functions_one_to_a_line(walk: str) -> None:
    part = TEXT.partition(f"## {walk}\n")[2].partition("\n## ")[0]
    steps = re.findall(r"^\d+\. .*(?:\n {2,}.*)*", part, re.MULTILINE)
    assert len(steps) >= 6
    assert all(NAMED.search(step) for step in steps)
