"""No assert reads a page once: what a press changes is there a moment later, on a busy machine two."""

from __future__ import annotations

import ast
import itertools
from functools import cache
from pathlib import Path

import pytest

from tests.e2e import grid
from tests.e2e.waited.momentary import asserts, helpers_of

ROOT = Path(__file__).resolve().parents[3]
FILES = {
    ".".join(file.relative_to(ROOT).with_suffix("").parts): file for file in (ROOT / "tests" / "e2e").rglob("*.py")
}


@cache
def trees() -> dict[str, ast.Module]:
    """When it is asked for: each worker imports this, and one of them runs it."""
    return {module: ast.parse(file.read_text("utf-8")) for module, file in FILES.items()}


@cache
def helpers() -> dict[str, frozenset[str]]:
    return helpers_of(trees())


@pytest.mark.parametrize("module", sorted(FILES))
def test_a_page_is_read_until_it_is_so(module: str) -> None:
    """Say `becomes(lambda: focus(page), 3)`, `until(page, lambda: …)` or `expect(…)`."""
    assert [f"{one.lineno}: {ast.unparse(one)}" for one in asserts(trees()[module], helpers()[module])] == []


def test_helpers_are_found_where_they_are_defined_and_imported() -> None:
    assert {"focus", "selected", "shown"} <= helpers()["tests.e2e.grid"]
    assert "focus" in helpers()["tests.e2e.review.test_keys"]


@pytest.mark.parametrize(
    ("line", "refused"),
    [
        ("assert page.locator('.card').count() == 1", True),
        ("assert 'saved' in page.locator('.status').inner_text().lower()", True),
        ("assert not page.locator('.over').is_visible()", True),
        ("assert [one.get_attribute('src') for one in cards] == urls", True),
        ("assert page.evaluate('window.queue') == 0, 'why'", True),
        ("assert read(page) == 1", True),
        ("assert theirs(page)", True),
        ("assert text.count('a') == 1", False),
        ("assert seen == 3", False),
        ("becomes(lambda: page.locator('.card').count(), 1)", False),
        ("assert helps(lambda: read(page))", False),
    ],
)
def test_what_is_refused(line: str, refused: bool) -> None:
    other = "def answer(page):\n    return page.locator('p').inner_text()\n"
    own = "from other import answer as theirs\ndef read(page):\n    return first(page)\n"
    own += f"def first(page):\n    return theirs(page)\n{line}\n"
    two = {"own": ast.parse(own), "other": ast.parse(other)}
    assert [ast.unparse(one) for one in asserts(two["own"], helpers_of(two)["own"])] == (
        [ast.unparse(ast.parse(line))] if refused else []
    )


def test_becomes_reads_until_it_is_so_and_tells_what_it_read_last() -> None:
    read = itertools.count().__next__
    grid.becomes(read, 3)
    assert read() == 4
    with pytest.raises(AssertionError, match=r"7, not 3"):
        grid.becomes(lambda: 7, 3, seconds=0.1)
